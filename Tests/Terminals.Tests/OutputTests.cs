using System.Text;
using CosmosKernel.Abi.Terminals;
using CosmosKernel.Files.Terminals;
using Xunit;

namespace CosmosKernel.Terminals.Tests;

/// <summary>What is written, and the settings in their structures.</summary>
public sealed class OutputTests
{
    [Theory]
    [InlineData(OutputFlags.None, "a\tb\r\n", "a\tb\r\n")]
    [InlineData(OutputFlags.NewlineToReturnNewline, "a\n", "a\n")]
    [InlineData(OutputFlags.Process, "a\tb\n", "a\tb\n")]
    [InlineData(OutputFlags.Process | OutputFlags.NewlineToReturnNewline, "a\n\nb", "a\r\n\r\nb")]
    [InlineData(OutputFlags.Process | OutputFlags.ReturnToNewline, "a\rb", "a\nb")]
    [InlineData(OutputFlags.Process | OutputFlags.NoReturnAtColumnZero, "\ra\r\rb", "a\rb")]
    [InlineData(OutputFlags.Process | OutputFlags.ToUpper, "aZ1é", "AZ1é")]
    [InlineData(OutputFlags.Process | OutputFlags.ExpandTabs, "\ta\tb", "        a       b")]
    [InlineData(OutputFlags.Process | OutputFlags.ExpandTabs, "1234567\t|12345678\b\t|", "1234567 |12345678\b        |")]
    public void OutputIsProcessed(OutputFlags flags, string written, string shown)
    {
        Assert.Equal(shown, new Screen(Screen.Raw.With(output: flags)).Write(written));
    }

    [Theory]
    [InlineData(OutputFlags.Process, "ab\n", 2)]
    [InlineData(OutputFlags.Process | OutputFlags.NewlineReturns, "ab\n", 0)]
    [InlineData(OutputFlags.Process | OutputFlags.NewlineToReturnNewline, "ab\nc", 1)]
    [InlineData(OutputFlags.Process, "ab\rc", 1)]
    [InlineData(OutputFlags.Process, "ab\tc", 9)]
    [InlineData(OutputFlags.Process, "a\b\b", 0)]
    [InlineData(OutputFlags.Process, "\u001b\u0007x", 1)]
    public void TheColumnFollowsTheOutput(OutputFlags flags, string written, int column)
    {
        Screen screen = new(Screen.Raw.With(output: flags));
        screen.Write(written);
        Assert.Equal(column, screen.Discipline.Column);
    }

    [Fact]
    public void AUtf8CharacterIsOneColumn()
    {
        Screen screen = new(TerminalSettings.Default.With(input: InputFlags.Utf8));
        screen.Write(Encoding.Latin1.GetString(Encoding.UTF8.GetBytes("aé€")));
        Assert.Equal(3, screen.Discipline.Column);
    }

    [Fact]
    public void AWriteTakesWhatThereIsRoomFor()
    {
        Screen screen = new() { Free = 20 };
        int taken = screen.Discipline.Write("a\nb\nc\nd\ne\nf\ng\nh\n"u8);
        Assert.InRange(taken, 7, 15);
        Assert.Equal(0, screen.Discipline.Write("x"u8));
        screen.Free = 100;
        Assert.Equal(16 - taken, screen.Discipline.Write("a\nb\nc\nd\ne\nf\ng\nh\n"u8[taken..]));
        Assert.Equal("a\r\nb\r\nc\r\nd\r\ne\r\nf\r\ng\r\nh\r\n", screen.Shown);
    }

    [Fact]
    public void ALongWriteGoesThroughWhole()
    {
        string line = new string('x', 700) + "\n";
        Assert.Equal((line + line).Replace("\n", "\r\n"), new Screen().Write(line + line));
    }

    [Fact]
    public void EchoThatHasNoRoomGoesBeforeWhatIsWrittenLater()
    {
        Screen screen = new() { Free = 0 };
        screen.Type("ab");
        Assert.False(screen.Discipline.IsWritable);
        Assert.Equal(2, screen.Discipline.OutputWaiting);
        screen.Free = 1;
        Assert.Equal(0, screen.Discipline.Write("x"u8));
        screen.Free = 100;
        Assert.Equal("abx", screen.Write("x"));
    }

    [Fact]
    public void TheStructuresComeBackAsTheyWere()
    {
        byte[] bytes = new byte[TerminalSettings.SizeWithSpeeds];
        TerminalSettings.Default.Write(bytes);
        TerminalSettings read = TerminalSettings.Parse(bytes);
        byte[] again = new byte[TerminalSettings.SizeWithSpeeds];
        read.Write(again);
        Assert.Equal(bytes, again);
        Assert.Equal(38_400u, read.OutputSpeed);
        Assert.Equal(38_400u, read.InputSpeed);
    }

    [Fact]
    public void TheDefaultIsLinuxs()
    {
        byte[] bytes = new byte[TerminalSettings.Size];
        TerminalSettings.Default.Write(bytes);
        Assert.Equal("00050000050000" + "00BF040000" + "3B8A0000" + "00" + "031C7F150400010011131A00120F1716000000", System.Convert.ToHexString(bytes));
    }

    [Fact]
    public void AnySpeedCanBeSet()
    {
        byte[] bytes = new byte[TerminalSettings.SizeWithSpeeds];
        TerminalSettings.Default.Write(bytes);
        bytes[8] = 0xB0;
        bytes[9] = 0x1C;
        bytes[40] = 0x40;
        bytes[41] = 0xE2;
        bytes[42] = 1;
        TerminalSettings settings = TerminalSettings.Parse(bytes);
        Assert.Equal(123_456u, settings.OutputSpeed);
        Assert.Equal(123_456u, settings.InputSpeed);
    }

    [Fact]
    public void SystemVsStructureChangesTheLowHalves()
    {
        TerminalSettings before = TerminalSettings.Default.With(local: TerminalSettings.Default.Local | LocalFlags.ExternalProcessing);
        byte[] bytes = new byte[TerminalSettings.SystemVSize];
        before.Write(bytes);
        bytes[9] = 7;
        TerminalSettings after = before.WithSystemV(bytes);
        Assert.Equal(7, after[ControlCharacter.Interrupt]);
        Assert.Equal(before[ControlCharacter.Start], after[ControlCharacter.Start]);
        Assert.True(after.Has(LocalFlags.ExternalProcessing));
    }
}
