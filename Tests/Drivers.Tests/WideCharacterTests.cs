using CosmosKernel.Drivers.Terminal;
using Xunit;

namespace CosmosKernel.Drivers.Tests;

/// <summary>Characters of two cells (Unicode Standard Annex 11). A fixture's text has each of them twice, once for each cell.</summary>
public sealed class WideCharacterTests
{
    [Theory]
    [InlineData('a', false)]
    [InlineData(0x10FF, false)]
    [InlineData(0x1100, true)]
    [InlineData(0x115F, true)]
    [InlineData(0x1160, false)]
    [InlineData(0x2500, false)]
    [InlineData(0x3042, true)]
    [InlineData(0x4E2D, true)]
    [InlineData(0x4DC0, false)]
    [InlineData(0xAC00, true)]
    [InlineData(0xFF21, true)]
    [InlineData(0xFF66, false)]
    [InlineData(0x1F600, true)]
    [InlineData(0x1F3F5, false)]
    [InlineData(0x20000, true)]
    [InlineData(0x2FFFE, false)]
    public void WhatUnicodeCallsWideIsWide(int rune, bool isWide) => Assert.Equal(isWide, CharacterWidth.IsWide(rune));

    [Fact]
    public void AWideCharacterTakesTwoCells()
    {
        var terminal = new TerminalFixture();
        terminal.Write("a中b");
        terminal.AssertRows("a中中b");
        terminal.AssertCursor(0, 4);
        Assert.Equal(CellAttributes.Wide, terminal.Screen.Row(0)[1].Attributes);
        Assert.Equal(CellAttributes.Tail, terminal.Screen.Row(0)[2].Attributes);
    }

    [Fact]
    public void OneThatDoesNotFitGoesToTheNextLine()
    {
        var terminal = new TerminalFixture(5, 3);
        terminal.Write("abcd中e");
        terminal.AssertRows("abcd", "中中e");
        terminal.AssertCursor(1, 3);
    }

    [Fact]
    public void OneThatEndsTheLineWrapsAfterIt()
    {
        var terminal = new TerminalFixture(4, 3);
        terminal.Write("ab中");
        terminal.AssertCursor(0, 3);
        terminal.Write("c");
        terminal.AssertRows("ab中中", "c");
    }

    [Fact]
    public void WithoutWrappingTheLastTwoCellsAreWritten()
    {
        var terminal = new TerminalFixture(4, 3);
        terminal.Write("\e[?7labcd中");
        terminal.AssertRows("ab中中");
        terminal.Write("日");
        terminal.AssertRows("ab日日");
    }

    [Theory]
    [InlineData("中\e[1GX", "X")]
    [InlineData("中\e[2GX", " X")]
    [InlineData("中中\e[2G日", " 日日")]
    [InlineData("a中b\e[3G\e[K", "a")]
    [InlineData("a中b\e[2G\e[P", "a b")]
    [InlineData("a中b\e[3G\e[@", "a   b")]
    [InlineData("a中b\e[3G\e[X", "a  b")]
    public void HalfOfOneIsNeverLeft(string text, string row)
    {
        var terminal = new TerminalFixture();
        terminal.Write(text);
        terminal.AssertRows(row);
        foreach (Cell cell in terminal.Screen.Row(0))
        {
            Assert.Equal(cell.Rune is '中' or '日', (cell.Attributes & (CellAttributes.Wide | CellAttributes.Tail)) != 0);
        }
    }

    [Fact]
    public void InsertingPushesOneOverTheEdge()
    {
        var terminal = new TerminalFixture(5, 2);
        terminal.Write("abc中\e[1;1H\e[4hX");
        terminal.AssertRows("Xabc");
    }

    [Fact]
    public void RepeatingRepeatsBothCells()
    {
        var terminal = new TerminalFixture();
        terminal.Write("中\e[2b");
        terminal.AssertRows("中中中中中中");
    }
}
