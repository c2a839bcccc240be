using CosmosKernel.Abi.Terminals;
using CosmosKernel.Files.Terminals;
using Xunit;

namespace CosmosKernel.Terminals.Tests;

/// <summary>Input without lines, the mapping of input, signals and flow control.</summary>
public sealed class RawTests
{
    [Fact]
    public void EveryByteIsReadAsItIs()
    {
        Screen screen = new(Screen.Raw);
        string all = "";
        for (int i = 0; i < 256; i++)
        {
            all += (char)i;
        }

        screen.Type(all);
        Assert.Equal(256, screen.Discipline.Available);
        Assert.Equal(all, screen.Read());
        Assert.Equal("", screen.Shown);
        Assert.Equal(TerminalSignals.None, screen.Discipline.TakeSignals());
    }

    [Fact]
    public void AFullBufferTakesNoMore()
    {
        Screen screen = new(Screen.Raw);
        Assert.Equal(4095, screen.Discipline.Receive(new byte[5000]));
        Assert.Equal(0, screen.Discipline.Receive(new byte[1]));
        screen.Read(10);
        Assert.Equal(10, screen.Discipline.Receive(new byte[100]));
    }

    [Fact]
    public void EchoWithoutLinesShowsControlCharactersToo()
    {
        Screen screen = new(Screen.With(LocalFlags.Echo | LocalFlags.EchoControl));
        screen.Type("a\u0003\r");
        Assert.Equal("a^C\r\n", screen.Shown.Replace("^J", "\r\n"));
        Assert.Equal("a\u0003\n", screen.Read());
    }

    [Theory]
    [InlineData(0, 0, 0, true)]
    [InlineData(0, 0, 5, true)]
    [InlineData(0, 3, 0, false)]
    [InlineData(0, 3, 1, true)]
    [InlineData(4, 0, 0, false)]
    [InlineData(4, 0, 3, false)]
    [InlineData(4, 0, 4, true)]
    [InlineData(4, 3, 0, false)]
    [InlineData(4, 3, 3, false)]
    [InlineData(4, 3, 4, true)]
    public void AReadEndsByMinimumAndTime(byte minimum, byte time, int taken, bool isDone)
    {
        Assert.Equal(isDone, Rule(minimum, time).IsDone(taken));
    }

    [Theory]
    [InlineData(0, 3, 0, 300_000_000UL)]
    [InlineData(4, 0, 0, ulong.MaxValue)]
    [InlineData(4, 0, 3, ulong.MaxValue)]
    [InlineData(4, 3, 0, ulong.MaxValue)]
    [InlineData(4, 3, 1, 300_000_000UL)]
    [InlineData(4, 255, 3, 25_500_000_000UL)]
    public void TheTimerRunsFromTheReadOrFromTheFirstByte(byte minimum, byte time, int taken, ulong patience)
    {
        Assert.Equal(patience, Rule(minimum, time).Patience(taken));
    }

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(0, 5, 1)]
    [InlineData(7, 5, 1)]
    [InlineData(7, 0, 7)]
    public void PollWaitsForTheMinimumOnlyWithoutATime(byte minimum, byte time, int threshold)
    {
        Assert.Equal(threshold, Rule(minimum, time).PollThreshold);
    }

    [Theory]
    [InlineData(InputFlags.None, "\r\nA\u00c1", "\r\nA\u00c1")]
    [InlineData(InputFlags.ReturnToNewline, "\r\n", "\n\n")]
    [InlineData(InputFlags.NewlineToReturn, "\r\n", "\r\r")]
    [InlineData(InputFlags.NewlineToReturn | InputFlags.ReturnToNewline, "\r\n", "\n\r")]
    [InlineData(InputFlags.IgnoreReturn, "\r\n", "\n")]
    [InlineData(InputFlags.IgnoreReturn | InputFlags.ReturnToNewline, "\ra\r\n", "a\n")]
    [InlineData(InputFlags.Strip, "\u00c1\u00ff", "A\u007f")]
    [InlineData(InputFlags.MarkParity, "a\u00ff", "a\u00ff\u00ff")]
    public void InputIsMapped(InputFlags flags, string typed, string read)
    {
        Assert.Equal(read, new Screen(Screen.Raw.With(input: flags)).Type(typed).Read());
    }

    [Fact]
    public void IuclcMakesSmallLettersWithTheExtensionsOnly()
    {
        TerminalSettings settings = Screen.Raw.With(input: InputFlags.ToLower);
        Assert.Equal("AbZ[", new Screen(settings).Type("AbZ[").Read());
        Assert.Equal("abz[", new Screen(settings.With(local: LocalFlags.Extended)).Type("AbZ[").Read());
    }

    [Theory]
    [InlineData("\u0003", TerminalSignals.Interrupt, "^C")]
    [InlineData("\u001c", TerminalSignals.Quit, "^\\")]
    [InlineData("\u001a", TerminalSignals.Suspend, "^Z")]
    public void KeysSendSignalsAndFlush(string key, TerminalSignals signal, string shown)
    {
        Screen screen = new Screen().Type("line\nabc");
        _ = screen.Shown;
        screen.Type(key);
        Assert.Equal(signal, screen.Discipline.TakeSignals());
        Assert.Equal(TerminalSignals.None, screen.Discipline.TakeSignals());
        Assert.Equal(shown, screen.Shown);
        Assert.Equal(1, screen.Discards);
        Assert.Equal(1, screen.InputFlushes);
        Assert.False(screen.Discipline.IsReadable());
        Assert.Equal("d\n", screen.Type("d\n").Read());
    }

    [Fact]
    public void NoflshKeepsWhatWasTyped()
    {
        Screen screen = new Screen(Screen.Plus(LocalFlags.NoFlush)).Type("ab\u0003c\n");
        Assert.Equal(TerminalSignals.Interrupt, screen.Discipline.TakeSignals());
        Assert.Equal("abc\n", screen.Read());
        Assert.Equal(0, screen.Discards);
    }

    [Fact]
    public void WithoutIsigTheKeysAreInput()
    {
        Screen screen = new Screen(Screen.Plus(less: LocalFlags.Signals)).Type("\u0003\u001a\u001c\n");
        Assert.Equal("\u0003\u001a\u001c\n", screen.Read());
        Assert.Equal(TerminalSignals.None, screen.Discipline.TakeSignals());
    }

    [Fact]
    public void StopHoldsOutputAndEchoUntilStart()
    {
        Screen screen = new Screen().Type("\u0013ab");
        Assert.Equal("", screen.Shown);
        Assert.False(screen.Discipline.IsWritable);
        Assert.Equal(0, screen.Discipline.Write("text"u8));
        screen.Type("\u0011");
        Assert.Equal("ab", screen.Shown);
        Assert.Equal("text", screen.Write("text"));
        Assert.Equal([true, false], screen.FlowChanges);
        Assert.Equal("ab\n", screen.Type("\n").Read());
    }

    [Fact]
    public void WithoutIxonStopAndStartAreInput()
    {
        Screen screen = new Screen(TerminalSettings.Default.With(input: InputFlags.None)).Type("\u0013\u0011\n");
        Assert.Equal("\u0013\u0011\n", screen.Read());
        Assert.Empty(screen.FlowChanges);
    }

    [Fact]
    public void IxanyStartsWithAnyCharacterWhichCounts()
    {
        Screen screen = new Screen(Screen.Plus(input: InputFlags.AnyStarts)).Type("\u0013a\n");
        Assert.False(screen.Discipline.IsStopped);
        Assert.Equal("a\n", screen.Read());
    }

    [Fact]
    public void AnInterruptStartsTheOutput()
    {
        Screen screen = new Screen().Type("\u0013\u0003");
        Assert.False(screen.Discipline.IsStopped);
        Assert.Equal("^C", screen.Shown);
    }

    [Fact]
    public void WhatAProgramStoppedNoKeyStarts()
    {
        Screen screen = new();
        screen.Discipline.StopByProgram();
        screen.Type("\u0011");
        Assert.True(screen.Discipline.IsStopped);
        screen.Discipline.StartByProgram();
        Assert.False(screen.Discipline.IsStopped);
    }

    [Fact]
    public void SwitchingIxonOffStartsTheOutput()
    {
        Screen screen = new Screen().Type("\u0013a");
        screen.Discipline.SetSettings(TerminalSettings.Default.With(input: InputFlags.ReturnToNewline));
        Assert.False(screen.Discipline.IsStopped);
        Assert.Equal("a", screen.Shown);
    }

    [Fact]
    public void IxoffStopsTheOtherSideBeforeTheBufferIsFull()
    {
        Screen screen = new(Screen.Raw.With(input: InputFlags.InputFlowControl));
        screen.Type(new string('x', 3900));
        Assert.Equal("", screen.Shown);
        screen.Type(new string('x', 100));
        Assert.Equal("\u0013", screen.Shown);
        screen.Read(3900);
        Assert.Equal("\u0011", screen.Shown);
    }

    [Fact]
    public void WhatWasTypedAsALineCanBeReadWithoutItsEnd()
    {
        Screen screen = new Screen().Type("abc");
        screen.Discipline.SetSettings(Screen.Raw);
        Assert.Equal("abc", screen.Read());
    }

    [Fact]
    public void WhatWasTypedWithoutLinesCountsAsALine()
    {
        Screen screen = new Screen(Screen.Raw).Type("ab\nc");
        screen.Discipline.SetSettings(TerminalSettings.Default);
        Assert.True(screen.Discipline.IsReadable());
        Assert.Equal("ab\nc", screen.Read());
        Assert.False(screen.Discipline.IsReadable());
    }

    [Fact]
    public void ExtprocLeavesEverythingToTheOtherSide()
    {
        Screen screen = new Screen(Screen.Plus(LocalFlags.ExternalProcessing)).Type("a\u007f\u0003\r");
        Assert.Equal("a\u007f\u0003\r", screen.Read());
        Assert.Equal("", screen.Shown);
    }

    private static RawReadRule Rule(byte minimum, byte time) =>
        new(Screen.Raw.With(ControlCharacter.Minimum, minimum).With(ControlCharacter.Time, time));
}
