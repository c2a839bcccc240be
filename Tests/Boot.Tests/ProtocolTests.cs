using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using CosmosKernel.BootHarness;
using CosmosKernel.BootHarness.Protocol;
using Xunit;

namespace CosmosKernel.Boot.Tests;

/// <summary>The line protocol of docs/testing.md, without a machine.</summary>
public sealed class ProtocolTests
{
    public static TheoryData<string, ProtocolLine> GoodLines => new()
    {
        { "##test plan 12", new ProtocolLine.TestPlan(12) },
        { "##test begin sched.Round_robin-1", new ProtocolLine.TestBegin("sched.Round_robin-1") },
        { "##test pass a.b ns=18446744073709551615", new ProtocolLine.TestPass("a.b", TimeSpan.FromTicks(184467440737095516)) },
        { "##test fail a.b ns=250 message=want 1%0Agot %25", new ProtocolLine.TestFail("a.b", TimeSpan.FromTicks(2), "want 1\ngot %") },
        { "##test fail a.b ns=0 message=", new ProtocolLine.TestFail("a.b", TimeSpan.Zero, "") },
        { "##test skip a.b message=no HPET", new ProtocolLine.TestSkip("a.b", "no HPET") },
        { "##test end passed=1 failed=2 skipped=3", new ProtocolLine.TestEnd(1, 2, 3) },
        { "##figure sched.yield -2.50 ns", new ProtocolLine.FigureLine(new Figure("sched.yield", -2.50m, "ns")) },
        { "##panic stack overflow in task 3", new ProtocolLine.PanicLine("stack overflow in task 3") },
        { "##panic", new ProtocolLine.PanicLine("") },
        { "##panic-end", new ProtocolLine.PanicEnd() },
        { "##poweroff", new ProtocolLine.PowerOff() },
        { "##reboot", new ProtocolLine.Reboot() },
    };

    [Theory]
    [MemberData(nameof(GoodLines))]
    public void EachLineOfTheTableIsUnderstood(string line, ProtocolLine expected)
    {
        Assert.Equal(expected, ProtocolLine.Parse(line, out string? error));
        Assert.Null(error);
    }

    [Theory]
    [InlineData("##test")]
    [InlineData("##test plan")]
    [InlineData("##test plan -1")]
    [InlineData("##test plan 99999999999")]
    [InlineData("##test plan 1 2")]
    [InlineData("##test begin")]
    [InlineData("##test begin a b")]
    [InlineData("##test begin a/b")]
    [InlineData("##test  begin a")]
    [InlineData("##test pass a")]
    [InlineData("##test pass a ns=1x")]
    [InlineData("##test fail a ns=1")]
    [InlineData("##test fail a message=x")]
    [InlineData("##test skip a")]
    [InlineData("##test end passed=1 failed=2")]
    [InlineData("##test finish")]
    [InlineData("##figure a 1")]
    [InlineData("##figure a one ns")]
    [InlineData("##figure a 1,5 ns")]
    [InlineData("##poweroff now")]
    [InlineData("##reboot x")]
    public void ABrokenLineIsAnError(string line)
    {
        Assert.Null(ProtocolLine.Parse(line, out string? error));
        Assert.NotNull(error);
    }

    [Theory]
    [InlineData("")]
    [InlineData("## heading")]
    [InlineData(" ##test plan 1")]
    [InlineData("[ 1.0] ##test plan 1")]
    [InlineData("##later word")]
    [InlineData("#")]
    public void EverythingElseIsLogText(string line)
    {
        Assert.Null(ProtocolLine.Parse(line, out string? error));
        Assert.Null(error);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("two\nlines\r\n\ttab % 100%25 \x7F")]
    [InlineData("\u00e9\u4e2d\U0001F600")]
    public void EscapingGoesBothWays(string text)
    {
        string escaped = Escaping.Escape(text);
        Assert.DoesNotContain(escaped, c => char.IsControl(c));
        Assert.Equal(text, Escaping.Unescape(escaped));
    }

    [Theory]
    [InlineData("100%", "100%")]
    [InlineData("%zz %4", "%zz %4")]
    [InlineData("%C3%A9%20x", "\u00e9 x")]
    [InlineData("%ff", "\uFFFD")]
    public void UnescapingTakesWhatIsNoEscapeAsItStands(string text, string expected) => Assert.Equal(expected, Escaping.Unescape(text));

    [Fact]
    public void ARunThatKeepsTheRulesHasNoProblem()
    {
        ProtocolTracker tracker = Run.Track(
            "##test plan 3", "##test begin a.1", "##test pass a.1 ns=1", "##test skip a.2 message=no", "##test begin a.3",
            "##test skip a.3 message=after all", "##test end passed=1 failed=0 skipped=2");
        Assert.Empty(tracker.Problems);
        Assert.Equal(["a.1", "a.2", "a.3"], tracker.Tests.Select(test => test.Name));
    }

    [Fact]
    public void TheSameTestsMayRunAgainInANewRun()
    {
        string[] run = ["##test plan 1", "##test begin a.1", "##test pass a.1 ns=1", "##test end passed=1 failed=0 skipped=0"];
        ProtocolTracker tracker = Run.Track([.. run, .. run]);
        Assert.Empty(tracker.Problems);
        Assert.Equal(2, tracker.Tests.Count);
    }

    public static TheoryData<string, string[]> BrokenRuns => new()
    {
        { "no test matches", ["##test plan 0", "##test end passed=0 failed=0 skipped=0"] },
        { "outside of a run", ["##test begin a.1", "##test pass a.1 ns=1"] },
        { "a.2 begins while a.1 is running", ["##test plan 2", "##test begin a.1", "##test begin a.2"] },
        { "a result of a.2, but a.1 is running", ["##test plan 1", "##test begin a.1", "##test pass a.2 ns=1"] },
        { "a result of a.1, but no test is running", ["##test plan 1", "##test pass a.1 ns=1"] },
        { "reports a second result", ["##test plan 2", "##test skip a.1 message=", "##test skip a.1 message="] },
        { "the end counts 2 passed", ["##test plan 1", "##test begin a.1", "##test pass a.1 ns=1", "##test end passed=2 failed=0 skipped=0"] },
        { "2 tests were planned, but 1", ["##test plan 2", "##test begin a.1", "##test pass a.1 ns=1", "##test end passed=1 failed=0 skipped=0"] },
        { "the run ends while a.1", ["##test plan 1", "##test begin a.1", "##test end passed=0 failed=0 skipped=0"] },
        { "the run did not end: 1 of 2", ["##test plan 2", "##test begin a.1", "##test pass a.1 ns=1"] },
        { "a plan inside a run", ["##test plan 1", "##test plan 1"] },
        { "no '##test plan' came", ["hello"] },
    };

    [Theory]
    [MemberData(nameof(BrokenRuns))]
    public void EachBrokenRuleIsAProblem(string problem, string[] lines) =>
        Assert.Contains(Run.Track(lines).Problems, text => text.Contains(problem, StringComparison.Ordinal));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(1000)]
    public void LinesAreTheSameInWhateverPiecesTheyCome(int size)
    {
        byte[] bytes = Encoding.UTF8.GetBytes("one\r\n\e[31mtw\u00e9o\e[0m\n\e]0;title\astill\n\e(Bpart\rwhole\nlast");
        SerialText text = new();
        List<string> lines = [];
        StringBuilder all = new();
        for (int i = 0; i < bytes.Length; i += size)
        {
            all.Append(text.Accept(bytes.AsSpan(i, Math.Min(size, bytes.Length - i)), lines));
        }

        Assert.Equal(["one", "tw\u00e9o", "still", "whole"], lines);
        Assert.Equal("last", text.Partial);
        Assert.False(text.AtLineStart);
        Assert.Equal("one\ntw\u00e9o\nstill\npartwhole\nlast", all.ToString());
    }

    [Fact]
    public void ABrokenEscapeSequenceEndsAtTheLineEnd()
    {
        List<string> lines = [];
        new SerialText().Accept("\e]never closed\n##poweroff\n\e[12"u8, lines);
        Assert.Equal(["", "##poweroff"], lines);
    }

    [Fact]
    public void BytesThatAreNoUtf8AreReplacedAndControlCharactersDropped()
    {
        List<string> lines = [];
        new SerialText().Accept([0xFF, (byte)'a', 0x00, 0x07, (byte)'b', 0xC3, (byte)'\n'], lines);
        Assert.Equal("\uFFFDab\uFFFD", Assert.Single(lines));
    }

    [Fact]
    public void AVeryLongLineIsCutAndTheNextIsWhole()
    {
        List<string> lines = [];
        SerialText text = new();
        text.Accept(Encoding.ASCII.GetBytes(new string('x', SerialText.MaximumLineLength + 5000)), lines);
        text.Accept("\nnext\n"u8, lines);
        Assert.Equal([SerialText.MaximumLineLength, 4], lines.Select(line => line.Length));
    }
}
