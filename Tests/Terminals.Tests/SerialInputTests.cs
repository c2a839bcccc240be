using System.Linq;
using System.Text;
using CosmosKernel.Abi.Terminals;
using CosmosKernel.Files.Terminals;
using Xunit;

namespace CosmosKernel.Terminals.Tests;

/// <summary>What a line discipline does for serial lines: breaks and errors, and flow control that gets past a full device.</summary>
public sealed class SerialInputTests
{
    private const string Stop = "\u0013";
    private const string Start = "\u0011";

    [Theory]
    [InlineData(InputFlags.None, "a\0b")]
    [InlineData(InputFlags.IgnoreBreak, "ab")]
    [InlineData(InputFlags.IgnoreBreak | InputFlags.BreakInterrupts | InputFlags.MarkParity, "ab")]
    [InlineData(InputFlags.MarkParity, "a\u00ff\0\0b")]
    [InlineData(InputFlags.CheckParity | InputFlags.IgnoreParity, "a\0b")]
    public void ABreakBecomesInput(InputFlags flags, string read)
    {
        Screen screen = Receive(Screen.Raw.With(input: flags), "a\0b", InputMark.Break);
        Assert.Equal(read, screen.Read());
        Assert.Equal(TerminalSignals.None, screen.Discipline.TakeSignals());
    }

    [Fact]
    public void ABreakInterruptsAndFlushes()
    {
        Screen screen = Receive(Screen.Raw.With(input: InputFlags.BreakInterrupts | InputFlags.MarkParity), "a\0b", InputMark.Break);
        Assert.Equal(TerminalSignals.Interrupt, screen.Discipline.TakeSignals());
        Assert.Equal("b", screen.Read());
        Assert.Equal(1, screen.Discards);
    }

    [Fact]
    public void ABreakThatInterruptsFlushesNothingWithNoflsh()
    {
        Screen screen = Receive(Screen.Raw.With(input: InputFlags.BreakInterrupts, local: LocalFlags.NoFlush), "a\0b", InputMark.Break);
        Assert.Equal(TerminalSignals.Interrupt, screen.Discipline.TakeSignals());
        Assert.Equal("ab", screen.Read());
    }

    [Theory]
    [InlineData(InputFlags.None, "axb")]
    [InlineData(InputFlags.IgnoreParity, "axb")]
    [InlineData(InputFlags.MarkParity, "axb")]
    [InlineData(InputFlags.CheckParity, "a\0b")]
    [InlineData(InputFlags.CheckParity | InputFlags.IgnoreParity, "ab")]
    [InlineData(InputFlags.CheckParity | InputFlags.IgnoreParity | InputFlags.MarkParity, "ab")]
    [InlineData(InputFlags.CheckParity | InputFlags.MarkParity, "a\u00ff\0xb")]
    public void ByteWithAnErrorIsWhatTheSettingsSay(InputFlags flags, string read)
    {
        Assert.Equal(read, Receive(Screen.Raw.With(input: flags), "axb", InputMark.Parity).Read());
        Assert.Equal(read, Receive(Screen.Raw.With(input: flags), "axb", InputMark.Frame).Read());
    }

    [Fact]
    public void AMarkedByteThatWasCheckedIsNoControlCharacter()
    {
        Screen screen = Receive(TerminalSettings.Default.With(input: InputFlags.CheckParity | InputFlags.MarkParity), "a\u0003\n", InputMark.Parity);
        Assert.Equal(TerminalSignals.None, screen.Discipline.TakeSignals());
        Assert.Equal("a\u00ff\0\u0003\n", screen.Read());
    }

    [Fact]
    public void MarkedBytesAreTakenWholeOrNotAtAll()
    {
        Screen screen = new(Screen.Raw.With(input: InputFlags.CheckParity | InputFlags.MarkParity));
        byte[] bytes = Enumerable.Repeat((byte)'x', 5000).ToArray();
        InputMark[] marks = Enumerable.Repeat(InputMark.Parity, 5000).ToArray();
        int taken = screen.Discipline.Receive(bytes, marks);
        Assert.Equal(4095 / 3, taken);
        Assert.Equal(string.Concat(Enumerable.Repeat("\u00ff\0x", taken)), screen.Read());
    }

    [Fact]
    public void AFlowCharacterThatFindsNoRoomIsSentWhenThereIsSome()
    {
        Screen screen = new(Screen.Raw.With(input: InputFlags.InputFlowControl)) { Free = 0 };
        screen.Discipline.Receive(new byte[4090]);
        Assert.Equal("", screen.Shown);
        screen.Free = 10;
        screen.Discipline.FlushEcho();
        Assert.Equal(Stop, screen.Shown);
        screen.Discipline.FlushEcho();
        Assert.Equal("", screen.Shown);
        screen.Read(4090);
        Assert.Equal(Start, screen.Shown);
    }

    [Fact]
    public void OnlyTheLastFlowCharacterIsOwed()
    {
        Screen screen = new(Screen.Raw.With(input: InputFlags.InputFlowControl)) { Free = 0 };
        screen.Discipline.Receive(new byte[4090]);
        screen.Read(4090);
        screen.Free = 10;
        screen.Discipline.FlushEcho();
        Assert.Equal(Start, screen.Shown);
    }

    [Fact]
    public void AFlowCharacterIsOwedWhileTheOutputIsStopped()
    {
        Screen screen = new(Screen.Raw.With(input: InputFlags.InputFlowControl)) { Free = 0 };
        screen.Discipline.StopByProgram();
        screen.Discipline.Receive(new byte[4090]);
        screen.Free = 10;
        screen.Discipline.FlushEcho();
        Assert.Equal(Stop, screen.Shown);
    }

    [Fact]
    public void TheNextOpenerFindsNothingStopped()
    {
        Screen screen = new();
        screen.Discipline.StopByProgram();
        screen.Type("abc");
        screen.Discipline.ResetFlow();
        Assert.False(screen.Discipline.IsStopped);
        Assert.False(screen.Discipline.IsStoppedByProgram);
        Assert.Equal([true, false], screen.FlowChanges);
        Assert.Equal("new", screen.Write("new"));
    }

    // The second byte has the mark.
    private static Screen Receive(TerminalSettings settings, string text, InputMark mark)
    {
        Screen screen = new(settings);
        InputMark[] marks = new InputMark[text.Length];
        marks[1] = mark;
        Assert.Equal(text.Length, screen.Discipline.Receive(Encoding.Latin1.GetBytes(text), marks));
        return screen;
    }
}
