using System.Collections.Generic;
using System.Text;
using CosmosKernel.Console.Editing;
using CosmosKernel.Console.Input;
using CosmosKernel.Modules.Commands;
using Xunit;

namespace CosmosKernel.Console.Tests;

/// <summary>Typed bytes go in, and what a person sees is compared.</summary>
public sealed class LineEditorTests
{
    private const int Columns = 40;
    private const string Prompt = "cosmos> ";

    private readonly TestScreen _screen = new(Columns);
    private readonly KeyDecoder _decoder = new();
    private readonly History _history = new();
    private readonly LineEditor _editor;
    private EditState _state;

    public LineEditorTests()
    {
        _editor = new LineEditor(Prompt, "\e[36m", _history, new Completer(Words)) { Columns = Columns };
        _screen.Write(_editor.Begin());
    }

    [Fact]
    public void TypedTextStandsBehindThePrompt()
    {
        Type("ps -a");
        Sees("ps -a", cursor: 5);
    }

    [Fact]
    public void ACharacterAtTheEndIsWrittenAlone()
    {
        Type("pow");
        _editor.Process(new Key(KeyCode.Character, new Rune('e')), out string output);
        Assert.Equal("e", output);
    }

    [Theory]
    [InlineData("abc\e[DX", "abXc", 3)]
    [InlineData("abc\e[D\e[D\e[D\e[DX", "Xabc", 1)]
    [InlineData("abc\e[D\e[C\e[C\e[CX", "abcX", 4)]
    [InlineData("abc\e[HX", "Xabc", 1)]
    [InlineData("abc\e[1~X\e[4~Y", "XabcY", 5)]
    [InlineData("abc\eOHX\eOFY", "XabcY", 5)]
    [InlineData("abc\u0001X\u0005Y", "XabcY", 5)]
    [InlineData("abc\u0002\u0002X\u0006Y", "aXbYc", 4)]
    [InlineData("one two three\e[1;5D\e[1;5DX", "one Xtwo three", 5)]
    [InlineData("one two\ebX", "one Xtwo", 5)]
    [InlineData("one two\u0001\efX", "oneX two", 4)]
    public void KeysMoveTheCursor(string typed, string text, int cursor)
    {
        Type(typed);
        Sees(text, cursor);
    }

    [Theory]
    [InlineData("abc\u007f", "ab", 2)]
    [InlineData("abc\b\b\b\b", "", 0)]
    [InlineData("abc\u0001\e[3~", "bc", 0)]
    [InlineData("abc\u0001\u0004", "bc", 0)]
    [InlineData("one two\e[D\e[D\u000b", "one t", 5)]
    [InlineData("one two\e[D\e[D\u0015", "wo", 0)]
    [InlineData("one two  \u0017", "one ", 4)]
    [InlineData("spawn -n 4\u0017\u0017", "spawn ", 6)]
    [InlineData("one two\u0017\u0001\u0019 ", "two one ", 4)]
    [InlineData("one two\u0001\ed", " two", 0)]
    public void KeysDelete(string typed, string text, int cursor)
    {
        Type(typed);
        Sees(text, cursor);
    }

    [Fact]
    public void CharactersOfSeveralBytesAreOne()
    {
        Type("grün 日本");
        Sees("grün 日本", cursor: 9);
        Type("\u007f");
        Sees("grün 日", cursor: 7);
        Type("\e[D\e[D\e[D\u007f");
        Sees("grn 日", cursor: 2);
    }

    [Fact]
    public void ACombiningMarkGoesWithItsCharacter()
    {
        Type("ae\u0301i\e[D\u007f");
        Sees("ai", cursor: 1);
    }

    [Fact]
    public void ALongLineShowsThePartAroundTheCursor()
    {
        Type("0123456789012345678901234567890123456789ABC");
        Assert.EndsWith("ABC", _screen.CurrentLine);
        Assert.Equal(Columns - 1, _screen.Column);
        Type("\u0001");
        Assert.StartsWith(Prompt + "0123", _screen.CurrentLine);
        Assert.Equal(Prompt.Length, _screen.Column);
        Type("X\u0005");
        Assert.EndsWith("ABC", _screen.CurrentLine);
        Assert.Equal("X0123456789012345678901234567890123456789ABC", _editor.Text);
    }

    [Fact]
    public void TheRowShowsTheLineAgainWithItsCursor()
    {
        Type("mem -v\e[D\e[D");
        var other = new TestScreen(Columns);
        other.Write("\r\e[K[    1.000000] a line of the log\n" + _editor.Row);
        Assert.Equal(Prompt + "mem -v", other.CurrentLine);
        Assert.Equal((1, _screen.Column), (other.Row, other.Column));
    }

    [Fact]
    public void ReturnEndsTheLineBelowIt()
    {
        Type("ps\u0001\r");
        Assert.Equal(EditState.Done, _state);
        Assert.Equal("ps", _editor.Text);
        Assert.Equal((1, 0), (_screen.Row, _screen.Column));
    }

    [Fact]
    public void ControlCGivesTheLineUp()
    {
        Type("kill 7\u0003");
        Assert.Equal(EditState.Abandoned, _state);
        Assert.Equal(Prompt + "kill 7^C", _screen.Line(0));
        Assert.Equal(0, _history.Count);
    }

    [Fact]
    public void ControlLClearsAndShowsTheLineAgain()
    {
        Type("mem\u000c");
        Assert.Equal(0, _screen.Row);
        Sees("mem", cursor: 3);
    }

    [Fact]
    public void UpAndDownWalkTheHistoryAndReturnToTheDraft()
    {
        Enter("first", "second");
        Type("dra\e[A");
        Sees("second", cursor: 6);
        Type("\e[A\e[A\e[A");
        Sees("first", cursor: 5);
        Type("\e[B\e[B");
        Sees("dra", cursor: 3);
        Type("\e[B");
        Sees("dra", cursor: 3);
    }

    [Fact]
    public void RepeatedAndEmptyLinesAreNotKept()
    {
        Enter("ps", "ps", "  ", "mem", "ps");
        Assert.Equal(["ps", "mem", "ps"], [_history[0], _history[1], _history[2]]);
        Assert.Equal(3, _history.Count);
    }

    [Fact]
    public void TheHistoryForgetsTheOldestLine()
    {
        for (int i = 0; i <= History.Capacity; i++)
        {
            _history.Add($"line {i}");
        }

        Assert.Equal(History.Capacity, _history.Count);
        Assert.Equal("line 1", _history[0]);
    }

    [Fact]
    public void SearchFindsTheNewestLineAndThenOlderOnes()
    {
        Enter("spawn busy", "ps", "spawn sleeper", "mem");
        Type("\u0012spa");
        Assert.Equal("search 'spa': spawn sleeper", _screen.CurrentLine);
        Type("\u0012");
        Assert.Equal("search 'spa': spawn busy", _screen.CurrentLine);
        Type("\u0012");
        Assert.Equal("search 'spa': spawn busy", _screen.CurrentLine);
        Type("\r");
        Assert.Equal((EditState.Done, "spawn busy"), (_state, _editor.Text));
    }

    [Fact]
    public void AKeyThatMovesEndsTheSearchAndKeepsTheLine()
    {
        Enter("nice 4 10");
        Type("\u0012nic\e[HX");
        Sees("Xnice 4 10", cursor: 1);
    }

    [Fact]
    public void ControlGBringsBackWhatWasTyped()
    {
        Enter("mem");
        Type("dr\u0012me\u0007");
        Sees("dr", cursor: 2);
    }

    [Fact]
    public void TabCompletesAnOnlyCandidate()
    {
        Type("pow\t");
        Sees("poweroff ", cursor: 9);
    }

    [Fact]
    public void TabInsertsWhatAllCandidatesBeginWith()
    {
        Type("m\t");
        Sees("m", cursor: 1);
        Assert.Equal("mem      modules", _screen.Line(1));
    }

    [Fact]
    public void TabCompletesTheWordUnderWay()
    {
        Type("modules st\t");
        Assert.Equal("modules st", _editor.Text);
        Type("o\t");
        Sees("modules stop ", cursor: 13);
    }

    [Fact]
    public void TabInTheMiddleKeepsTheRest()
    {
        Type("modules sto x\e[D\e[D\t");
        Sees("modules stop  x", cursor: 13);
    }

    [Fact]
    public void ANewPromptFollowsTheListOfCandidates()
    {
        Type("m\t");
        Assert.Equal(Prompt + "m", _screen.Line(0));
        Assert.Equal(Prompt + "m", _screen.Line(2));
        Assert.Equal(2, _screen.Row);
    }

    private static IEnumerable<string> Words(IReadOnlyList<string> before) =>
        before.Count == 0 ? ["mem", "modules", "poweroff", "ps"] : before[0] == "modules" ? ["start", "stop"] : [];

    private void Enter(params string[] lines)
    {
        foreach (string line in lines)
        {
            Type(line + "\r");
            _screen.Write(_editor.Begin());
        }
    }

    private void Type(string text)
    {
        foreach (byte value in Encoding.UTF8.GetBytes(text))
        {
            Key key = _decoder.Add(value);
            if (key.Code != KeyCode.None)
            {
                _state = _editor.Process(key, out string output);
                _screen.Write(output);
            }
        }
    }

    private void Sees(string text, int cursor)
    {
        Assert.Equal(text, _editor.Text);
        Assert.Equal((Prompt + text).TrimEnd(), _screen.CurrentLine);
        Assert.Equal(Prompt.Length + cursor, _screen.Column);
    }
}
