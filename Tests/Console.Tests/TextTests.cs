using System;
using System.Collections.Generic;
using CosmosKernel.Console.Editing;
using CosmosKernel.Console.Text;
using Xunit;

namespace CosmosKernel.Console.Tests;

public sealed class TextTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1.0 KiB")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(1048575, "1.0 MiB")]
    [InlineData(536870912, "512.0 MiB")]
    [InlineData(ulong.MaxValue, "16.0 EiB")]
    public void BytesHaveBinaryUnits(ulong bytes, string text) => Assert.Equal(text, Units.Bytes(bytes));

    [Theory]
    [InlineData(0, "0 ns")]
    [InlineData(999, "999 ns")]
    [InlineData(1_500, "1.50 us")]
    [InlineData(12_345_678, "12.3 ms")]
    [InlineData(999_000_000, "999 ms")]
    [InlineData(7_890_000_000, "7.89 s")]
    [InlineData(3_723_000_000_000, "1:02:03")]
    [InlineData(90_061_000_000_000, "1 d 1:01:01")]
    public void DurationsHaveThreeDigits(ulong nanoseconds, string text) => Assert.Equal(text, Units.Duration(nanoseconds));

    [Theory]
    [InlineData(1, 3, "33.3")]
    [InlineData(5, 4, "100.0")]
    [InlineData(1, 0, "0.0")]
    public void PercentagesStayBetweenNothingAndAll(double part, double whole, string text) => Assert.Equal(text, Units.Percent(part, whole));

    [Theory]
    [InlineData("abc", 3)]
    [InlineData("grün", 4)]
    [InlineData("日本", 4)]
    [InlineData("e\u0301", 1)]
    [InlineData("😀", 2)]
    [InlineData("\a", 0)]
    public void TextTakesAsManyColumnsAsTerminalsGiveIt(string text, int columns) => Assert.Equal(columns, TextWidth.Of(text));

    [Theory]
    [InlineData("abcdef", 6, "abcdef")]
    [InlineData("abcdef", 5, "abcd~")]
    [InlineData("日本語", 5, "日本~")]
    [InlineData("日本語", 4, "日~")]
    [InlineData("abc", 0, "")]
    public void TextThatIsTooLongIsCut(string text, int columns, string fitted) => Assert.Equal(fitted, TextWidth.Fit(text, columns));

    [Fact]
    public void TablesAlignTheirColumns()
    {
        Table table = new Table().Column("PID", Alignment.Right).Column("STATE").Column("NAME");
        table.Row("7", "running", "a");
        table.StyledRow(Ansi.Green, "12345", "ready", "b");
        List<string> lines = table.Lines(80);
        Assert.Equal("  PID  STATE    NAME", Plain(lines[0]));
        Assert.Equal("    7  running  a", lines[1]);
        Assert.Equal(Ansi.Style(Ansi.Green, "12345  ready    b"), lines[2]);
    }

    [Fact]
    public void TablesEndWhereTheTerminalDoes()
    {
        Table table = new Table().Column("NAME");
        table.Row("a very long name");
        Assert.Equal("a very ~", table.Lines(9)[1]);
    }

    [Fact]
    public void ARowWithoutAllItsCellsIsRefused() => Assert.Throws<ArgumentException>(() => new Table().Column("A").Column("B").Row("1"));

    [Theory]
    [InlineData("ps -a", "ps|-a")]
    [InlineData("  log   -n  5 ", "log|-n|5")]
    [InlineData("echo 'a b' \"c 'd'\" e\\ f", "echo|a b|c 'd'|e f")]
    [InlineData("x ''", "x|")]
    [InlineData("a\"b\"c", "abc")]
    [InlineData("'a\\b'", "a\\b")]
    [InlineData("", "")]
    public void LinesArePartedIntoWords(string line, string words)
    {
        Assert.True(CommandLine.TryParse(line, out List<string> parsed, out _));
        Assert.Equal(words, string.Join('|', parsed));
    }

    [Theory]
    [InlineData("log 'x")]
    [InlineData("log \"x'")]
    public void AQuoteNeedsItsEnd(string line)
    {
        Assert.False(CommandLine.TryParse(line, out _, out string problem));
        Assert.Contains("no end", problem);
    }

    [Fact]
    public void CandidatesAreFilteredSortedAndNumbersInOrder()
    {
        var completer = new Completer(before => before.Count == 1 ? ["10", "9", "100", "busy", "9"] : []);
        Assert.Equal(["9", "10", "100", "busy"], completer.Complete("kill ", out int start));
        Assert.Equal(5, start);
        Assert.Equal(["10", "100"], completer.Complete("kill 1", out _));
        Assert.Empty(completer.Complete("kill 1 ", out _));
    }

    [Fact]
    public void CandidatesStandInColumnsDownwards() =>
        Assert.Equal("a  c  e\nb  d\n", Completer.Columns(["a", "b", "c", "d", "e"], 9));

    [Fact]
    public void TheCommonPrefixEndsBetweenCharacters()
    {
        Assert.Equal("st", Completer.CommonPrefix(["start", "stop"]));
        Assert.Equal("", Completer.CommonPrefix(["😀", "😁"]));
    }

    private static string Plain(string text) => text.Replace(Ansi.Dim, "").Replace(Ansi.Reset, "");
}
