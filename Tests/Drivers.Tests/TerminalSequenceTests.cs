using CosmosKernel.Drivers.Terminal;
using Xunit;

namespace CosmosKernel.Drivers.Tests;

/// <summary>Control sequences: movement, erasing, editing, margins, modes, colours.</summary>
public sealed class TerminalSequenceTests
{
    private const string Letters = "aaaaa\nbbbbb\nccccc\nddddd";

    [Theory]
    [InlineData("\e[2;3H", 1, 2)]
    [InlineData("\e[99;99H", 3, 4)]
    [InlineData("\e[2;3H\e[A", 0, 2)]
    [InlineData("\e[2;3H\e[9A", 0, 2)]
    [InlineData("\e[2;3H\e[B", 2, 2)]
    [InlineData("\e[2;3H\e[2C", 1, 4)]
    [InlineData("\e[2;3H\e[D", 1, 1)]
    [InlineData("\e[2;3H\e[E", 2, 0)]
    [InlineData("\e[2;3H\e[F", 0, 0)]
    [InlineData("\e[2;3H\e[4G", 1, 3)]
    [InlineData("\e[2;3H\e[4d", 3, 2)]
    [InlineData("\e[2;3H\e7\e[H\e8", 1, 2)]
    [InlineData("\e[2;3H\e[s\e[H\e[u", 1, 2)]
    [InlineData("\e[;4H", 0, 3)]
    public void TheCursorMoves(string text, int row, int column) => new TerminalFixture(5, 4).Write(text).AssertCursor(row, column);

    [Theory]
    [InlineData("\e[2;3H\e[K", "aaaaa", "bb", "ccccc", "ddddd")]
    [InlineData("\e[2;3H\e[1K", "aaaaa", "   bb", "ccccc", "ddddd")]
    [InlineData("\e[2;3H\e[2K", "aaaaa", "", "ccccc", "ddddd")]
    [InlineData("\e[2;3H\e[J", "aaaaa", "bb", "", "")]
    [InlineData("\e[2;3H\e[1J", "", "   bb", "ccccc", "ddddd")]
    [InlineData("\e[2;3H\e[2J", "", "", "", "")]
    [InlineData("\e[2;3H\e[2X", "aaaaa", "bb  b", "ccccc", "ddddd")]
    [InlineData("\e[2;2HX\e[2P", "aaaaa", "bXb", "ccccc", "ddddd")]
    [InlineData("\e[2;2HX\e[2@", "aaaaa", "bX  b", "ccccc", "ddddd")]
    [InlineData("\e[2;2H\e[4hXY\e[4l", "aaaaa", "bXYbb", "ccccc", "ddddd")]
    [InlineData("\e[2;2H\e[L", "aaaaa", "", "bbbbb", "ccccc")]
    [InlineData("\e[2;2H\e[M", "aaaaa", "ccccc", "ddddd", "")]
    [InlineData("\e[S", "bbbbb", "ccccc", "ddddd", "")]
    [InlineData("\e[2T", "", "", "aaaaa", "bbbbb")]
    [InlineData("\e[99L", "aaaaa", "bbbbb", "ccccc", "")]
    [InlineData("\e[1;1HX\e[3b", "XXXXa", "bbbbb", "ccccc", "ddddd")]
    [InlineData("\e#8", "EEEEE", "EEEEE", "EEEEE", "EEEEE")]
    [InlineData("\ec", "", "", "", "")]
    public void CellsAreErasedAndMoved(string text, params string[] rows) => new TerminalFixture(5, 4).Write(Letters).Write(text).AssertRows(rows);

    [Theory]
    [InlineData("\e[2;3r\e[3;1H\nX", "aaaaa", "ccccc", "X", "ddddd")]
    [InlineData("\e[2;3r\e[2;1H\eMX", "aaaaa", "X", "bbbbb", "ddddd")]
    [InlineData("\e[2;3r\e[4;1H\nX", "aaaaa", "bbbbb", "ccccc", "Xdddd")]
    [InlineData("\e[2;3r\e[S", "aaaaa", "ccccc", "", "ddddd")]
    [InlineData("\e[2;3r\e[2;1H\e[L", "aaaaa", "", "bbbbb", "ddddd")]
    [InlineData("\e[2;3r\e[1;1H\e[L", "aaaaa", "bbbbb", "ccccc", "ddddd")]
    [InlineData("\e[2;3r\e[?6h\e[1;1HX", "aaaaa", "Xbbbb", "ccccc", "ddddd")]
    [InlineData("\e[2;3r\e[?6h\e[9;1HX", "aaaaa", "bbbbb", "Xcccc", "ddddd")]
    [InlineData("\e[3;2r\e[1;1HX", "Xaaaa", "bbbbb", "ccccc", "ddddd")]
    public void OnlyTheRowsBetweenTheMarginsScroll(string text, params string[] rows) => new TerminalFixture(5, 4).Write(Letters).Write(text).AssertRows(rows);

    [Theory]
    [InlineData("\e[2J\e[?1049hnew\e[?1049l")]
    [InlineData("\e[2J\e[?47hnew\e[?47l")]
    public void TheAlternateScreenLeavesTheMainOneAlone(string text)
    {
        var terminal = new TerminalFixture(5, 4);
        terminal.Write("\e[2;2H").Write(text.Replace("\e[2J", "keep"));
        terminal.AssertRows("", " keep");
    }

    [Fact]
    public void TheAlternateScreenBringsTheCursorBack()
    {
        var terminal = new TerminalFixture();
        terminal.Write("\e[2;4H\e[31m\e[?1049h\e[Hx\e[0m\e[?1049l");
        terminal.AssertCursor(1, 3);
        terminal.Write("r");
        Assert.Equal(TerminalColor.FromIndex(1), terminal.Screen.Row(1)[3].Foreground);
    }

    [Theory]
    [InlineData("31", 1, -1, CellAttributes.None)]
    [InlineData("1;32;44", 2, 4, CellAttributes.Bold)]
    [InlineData("97;101", 15, 9, CellAttributes.None)]
    [InlineData("38;5;200", 200, -1, CellAttributes.None)]
    [InlineData("48;5;17;4", -1, 17, CellAttributes.Underline)]
    [InlineData("31;39", -1, -1, CellAttributes.None)]
    [InlineData("1;7;0", -1, -1, CellAttributes.None)]
    [InlineData("1;2;22;9;29;7", -1, -1, CellAttributes.Inverse)]
    [InlineData("38;5", -1, -1, CellAttributes.None)]
    [InlineData("38;5;999;3", -1, -1, CellAttributes.Italic)]
    [InlineData("", -1, -1, CellAttributes.None)]
    public void RenditionsAreSelected(string codes, int foreground, int background, CellAttributes attributes)
    {
        var terminal = new TerminalFixture();
        terminal.Write($"\e[{codes}mX");
        Assert.Equal(new Cell('X', Color(foreground), Color(background), attributes), terminal.Screen.Row(0)[0]);
    }

    [Theory]
    [InlineData("\e[38;2;10;20;30mX")]
    [InlineData("\e[38:2:10:20:30mX")]
    public void TrueColorsAreKept(string text)
    {
        var terminal = new TerminalFixture();
        terminal.Write(text);
        Assert.Equal(0x0A141Eu, terminal.Screen.Row(0)[0].Foreground.Rgb);
    }

    [Fact]
    public void ErasingLeavesTheBackgroundOfThePen()
    {
        var terminal = new TerminalFixture(3, 2);
        terminal.Write("\e[1;44m\e[2J");
        Assert.Equal(Cell.Blank with { Background = TerminalColor.FromIndex(4) }, terminal.Screen.Row(1)[2]);
    }

    [Theory]
    [InlineData("\e[4 q", CursorShape.Underline)]
    [InlineData("\e[6 q", CursorShape.Bar)]
    [InlineData("\e[6 q\e[0 q", CursorShape.Block)]
    public void TheCursorHasAShape(string text, CursorShape shape) => Assert.Equal(shape, new TerminalFixture().Write(text).Screen.CursorShape);

    [Fact]
    public void TheCursorIsHiddenAndShown()
    {
        var terminal = new TerminalFixture();
        Assert.False(terminal.Write("\e[?25l").Screen.IsCursorVisible);
        Assert.True(terminal.Write("\e[?25h").Screen.IsCursorVisible);
    }

    [Theory]
    [InlineData("\e]0;a title\aX")]
    [InlineData("\e]0;a title\e\\X")]
    [InlineData("\eP1;2|data\e\\X")]
    [InlineData("\e_private\e\\X")]
    [InlineData("\e[31;\x18X")]
    [InlineData("\e[3\e[mX")]
    [InlineData("\e[?99999;1zX")]
    [InlineData("\e[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17;18;19;20;21;22;23;24;25;26;27;28;29;30;31;32;33;34mX")]
    [InlineData("\e[>1cX")]
    [InlineData("\e[6nX")]
    [InlineData("\e%GX")]
    public void WhatIsNotKnownIsReadOver(string text) => new TerminalFixture().Write(text).AssertRows("X");

    private static TerminalColor Color(int index) => index < 0 ? TerminalColor.Default : TerminalColor.FromIndex(index);
}
