using System;
using CosmosKernel.Drivers.Terminal;
using CosmosKernel.Modules.Consoles;
using Xunit;

namespace CosmosKernel.Drivers.Tests;

/// <summary>Loaded fonts, and screens whose size they change.</summary>
public sealed class ScreenFontTests
{
    private static readonly byte[] s_rows = [1, 2, 3, 4, 5, 6];

    [Fact]
    public void WithoutATableTheGlyphIsThatOfTheNumber()
    {
        var font = new ScreenFont(8, 2, 3, s_rows);
        Assert.Equal([3, 4], font.RowsOf(1).ToArray());
        Assert.Equal([1, 2], font.RowsOf(3).ToArray());
        Assert.Equal([1, 2], font.RowsOf(-1).ToArray());
    }

    [Fact]
    public void ATableSaysTheGlyph()
    {
        ScreenFont font = new ScreenFont(8, 2, 3, s_rows).With(new() { ['A'] = 1, [0xFFFD] = 2, ['B'] = 7 });
        Assert.Equal([3, 4], font.RowsOf('A').ToArray());
        Assert.Equal([5, 6], font.RowsOf('B').ToArray());
        Assert.Equal([5, 6], font.RowsOf('C').ToArray());
    }

    [Theory]
    [InlineData(0, 2, 3)]
    [InlineData(33, 2, 1)]
    [InlineData(8, 0, 3)]
    [InlineData(8, 2, 4)]
    [InlineData(9, 2, 3)]
    public void WhatIsNoFontIsRefused(int width, int height, int count) => Assert.Throws<ArgumentException>(() => new ScreenFont(width, height, count, s_rows));

    [Fact]
    public void AScreenOfAnotherSizeKeepsTheTextAroundTheCursor()
    {
        var terminal = new TerminalFixture(10, 4);
        terminal.Write("one\ntwo\nthree\n中four");
        TerminalScreen small = terminal.Screen.Resize(5, 2);
        Assert.Equal((5, 2), (small.Columns, small.Rows));
        Assert.Equal('t', (char)small.Row(0)[0].Rune);
        Assert.Equal('o', (char)small.Row(1)[3].Rune);
        Assert.Equal((1, 4), small.Cursor);
        TerminalScreen large = small.Resize(12, 5);
        Assert.Equal('t', (char)large.Row(0)[0].Rune);
        Assert.Equal((1, 4), large.Cursor);

        // Half of a wide character does not stay.
        Assert.Equal(CellAttributes.None, terminal.Screen.Resize(1, 1).Row(0)[0].Attributes);
    }
}
