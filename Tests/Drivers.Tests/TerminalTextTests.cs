using System;
using System.Text;
using CosmosKernel.Drivers.Terminal;
using Xunit;

namespace CosmosKernel.Drivers.Tests;

/// <summary>Characters, control characters and scrolling.</summary>
public sealed class TerminalTextTests
{
    [Fact]
    public void ALineFeedAlsoReturns()
    {
        var terminal = new TerminalFixture();
        terminal.Write("one\ntwo\n");
        terminal.AssertRows("one", "two");
        terminal.AssertCursor(2, 0);
    }

    [Fact]
    public void ALineFeedOnlyGoesDownWhenTheModeIsOff()
    {
        var terminal = new TerminalFixture();
        terminal.Write("\e[20lone\ntwo");
        terminal.AssertRows("one", "   two");
    }

    [Fact]
    public void TheLastColumnIsFilledBeforeTheLineWraps()
    {
        var terminal = new TerminalFixture(5, 3);
        terminal.Write("abcde");
        terminal.AssertCursor(0, 4);
        terminal.Write("\nx");
        terminal.AssertRows("abcde", "x");
        terminal.Write("\e[1;1Habcdef");
        terminal.AssertRows("abcde", "f");
        terminal.AssertCursor(1, 1);
    }

    [Fact]
    public void WithoutWrappingTheLastColumnIsOverwritten()
    {
        var terminal = new TerminalFixture(5, 3);
        terminal.Write("\e[?7labcdefg");
        terminal.AssertRows("abcdg");
    }

    [Fact]
    public void TheScreenScrollsAtItsEnd()
    {
        var terminal = new TerminalFixture(10, 3);
        terminal.Write("1\n2\n3\n4");
        terminal.AssertRows("2", "3", "4");
        terminal.AssertCursor(2, 1);
    }

    [Fact]
    public void BackspaceGoesBackButNotBeyondTheMargin()
    {
        var terminal = new TerminalFixture();
        terminal.Write("ab\b\b\b\bX");
        terminal.AssertRows("Xb");
    }

    [Fact]
    public void TabsGoToEveryEighthColumnAndStopAtTheLast()
    {
        var terminal = new TerminalFixture(20, 2);
        terminal.Write("\tA\tB\tC");
        terminal.AssertRows("        A       B  C");
    }

    [Fact]
    public void TabStopsAreSetAndCleared()
    {
        var terminal = new TerminalFixture(20, 2);
        terminal.Write("\e[4G\eH\r\tA");
        terminal.AssertRows("   A");
        terminal.Write("\e[3g\r\tZ");
        terminal.AssertRows("   A               Z");
    }

    [Theory]
    [InlineData("\u00E4\u2500\u20AC", "\u00E4\u2500\u20AC")]
    [InlineData("\U0001F600", "\U0001F600\U0001F600")]
    [InlineData("e\u0301", "e")]
    public void Utf8IsDecoded(string text, string shown)
    {
        var terminal = new TerminalFixture();
        terminal.Write(text);
        terminal.AssertRows(shown);
    }

    [Theory]
    [InlineData(new byte[] { 0xC3, (byte)'A' }, "\uFFFDA")]
    [InlineData(new byte[] { 0xFF, 0xC0, 0xAF }, "\uFFFD\uFFFD\uFFFD")]
    [InlineData(new byte[] { 0xE2, 0x94, 0xE2, 0x94, 0x80 }, "\uFFFD\u2500")]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 }, "\uFFFD\uFFFD\uFFFD")]
    [InlineData(new byte[] { 0xF4, 0x90, 0x80, 0x80 }, "\uFFFD\uFFFD\uFFFD\uFFFD")]
    [InlineData(new byte[] { 0xF0, 0x80, 0x80, 0x41 }, "\uFFFD\uFFFD\uFFFDA")]
    [InlineData(new byte[] { 0xE2, 0x94, 0x1B, (byte)'[', (byte)'1', (byte)'m', (byte)'x' }, "\uFFFDx")]
    public void BrokenUtf8BecomesReplacementCharacters(byte[] bytes, string shown)
    {
        var terminal = new TerminalFixture();
        terminal.Screen.Write(bytes);
        terminal.AssertRows(shown);
        Assert.Equal(shown.Replace("\e[1m", ""), Encoding.UTF8.GetString(bytes).Replace("\e[1m", ""));
    }

    [Fact]
    public void TextCutAnywhereGivesTheSame()
    {
        byte[] text = Encoding.UTF8.GetBytes("\e[31mr\u00F6t\e[0m \u250C\u2500\u2510\n\e]0;title\e\\\e[2;3H\e[48;2;1;2;3mX");
        var whole = new TerminalFixture(12, 3);
        whole.Screen.Write(text);
        for (int cut = 1; cut < text.Length; cut++)
        {
            var parts = new TerminalFixture(12, 3);
            parts.Screen.Write(text.AsSpan(0, cut));
            parts.Screen.Write(text.AsSpan(cut));
            for (int row = 0; row < 3; row++)
            {
                Assert.Equal(whole.Screen.Row(row).ToArray(), parts.Screen.Row(row).ToArray());
            }
        }
    }

    [Fact]
    public void LineDrawingCharactersOfTheVt100AreMapped()
    {
        var terminal = new TerminalFixture();
        terminal.Write("\e(0lqk\e(Blqk");
        terminal.AssertRows("\u250C\u2500\u2510lqk");
        terminal.Write("\r\e)0\x0Ex\x0Fx");
        terminal.AssertRows("\u2502x\u2510lqk");
    }

    [Fact]
    public void AnythingAtAllIsSurvived()
    {
        var random = new Random(20260101);
        byte[] bytes = new byte[4096];
        ReadOnlySpan<byte> likely = "\e[]();:?0123456789HJKmrhlLMPX@ABCDSTbsu\n\r\b\tqp! "u8;
        for (int round = 0; round < 300; round++)
        {
            var terminal = new TerminalFixture(1 + random.Next(40), 1 + random.Next(12));
            for (int i = 0; i < bytes.Length; i++)
            {
                bytes[i] = random.Next(4) == 0 ? (byte)random.Next(256) : likely[random.Next(likely.Length)];
            }

            terminal.Screen.Write(bytes);
            (int row, int column) = terminal.Screen.Cursor;
            Assert.InRange(row, 0, terminal.Screen.Rows - 1);
            Assert.InRange(column, 0, terminal.Screen.Columns - 1);
        }
    }
}
