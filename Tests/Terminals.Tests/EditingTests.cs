using System.Text;
using CosmosKernel.Abi.Terminals;
using CosmosKernel.Files.Terminals;
using Xunit;

namespace CosmosKernel.Terminals.Tests;

/// <summary>Lines: what ends them, what edits them, and what is shown meanwhile.</summary>
public sealed class EditingTests
{
    private const string Wipe = "\b \b";

    private static string Utf8(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    [Fact]
    public void NothingCanBeReadBeforeTheLineEnds()
    {
        Screen screen = new Screen().Type("ab");
        Assert.False(screen.Discipline.IsReadable());
        Assert.Equal(0, screen.Discipline.Available);
        Assert.Equal("", screen.Read());
        screen.Type("c\n");
        Assert.True(screen.Discipline.IsReadable());
        Assert.Equal(4, screen.Discipline.Available);
        Assert.Equal("abc\n", screen.Read());
        Assert.Equal("abc\r\n", screen.Shown);
    }

    [Fact]
    public void AReadTakesOneLineAndLeavesTheRestOfALongOne()
    {
        Screen screen = new Screen().Type("one\ntwo\n");
        Assert.Equal("on", screen.Read(2));
        Assert.Equal("e\n", screen.Read());
        Assert.Equal("two\n", screen.Read());
    }

    [Fact]
    public void EndOfFileEndsALineWithoutBeingRead()
    {
        Screen screen = new Screen().Type("ab\u0004");
        Assert.Equal(2, screen.Discipline.Available);
        Assert.Equal("ab", screen.Read());
        Assert.False(screen.Discipline.IsReadable());
        Assert.Equal("ab", screen.Shown);
    }

    [Fact]
    public void EndOfFileOnAnEmptyLineIsAReadOfNothing()
    {
        Screen screen = new Screen().Type("\u0004");
        Assert.True(screen.Discipline.IsReadable());
        Assert.Equal(0, screen.Discipline.Read(new byte[10], out bool isLineEnd));
        Assert.True(isLineEnd);
        Assert.False(screen.Discipline.IsReadable());
    }

    [Fact]
    public void EndOfFileBehindAReadThatIsJustFullBelongsToIt()
    {
        Screen screen = new Screen().Type("ab\u0004");
        Assert.Equal("ab", screen.Read(2));
        screen.Discipline.SkipEndOfFile();
        Assert.False(screen.Discipline.IsReadable());
    }

    [Theory]
    [InlineData(ControlCharacter.EndOfLine)]
    [InlineData(ControlCharacter.EndOfLine2)]
    public void OtherEndsOfLinesAreReadAndShown(ControlCharacter character)
    {
        Screen screen = new Screen(TerminalSettings.Default.With(character, (byte)';')).Type("ab;c");
        Assert.Equal("ab;", screen.Read());
        Assert.False(screen.Discipline.IsReadable());
        Assert.Equal("ab;c", screen.Shown);
    }

    [Fact]
    public void EndOfLine2NeedsTheExtensions()
    {
        TerminalSettings settings = Screen.Plus(less: LocalFlags.Extended).With(ControlCharacter.EndOfLine2, (byte)';');
        Assert.False(new Screen(settings).Type("ab;").Discipline.IsReadable());
    }

    [Fact]
    public void EraseWipesOutOneCharacter()
    {
        Screen screen = new Screen().Type("abc\u007f");
        Assert.Equal("abc" + Wipe, screen.Shown);
        Assert.Equal("ab\n", screen.Type("\n").Read());
    }

    [Fact]
    public void EraseOnAnEmptyLineDoesNothing()
    {
        Screen screen = new Screen().Type("x\n\u007f\u0017\u0015y\n");
        Assert.Equal("x\r\ny\r\n", screen.Shown);
        Assert.Equal("x\n", screen.Read());
        Assert.Equal("y\n", screen.Read());
    }

    [Fact]
    public void EraseWithoutEchoeShowsItself()
    {
        Screen screen = new Screen(Screen.Plus(less: LocalFlags.EchoErase)).Type("ab\u007f");
        Assert.Equal("ab^?", screen.Shown);
    }

    [Fact]
    public void EraseWithoutEchoShowsNothing()
    {
        Screen screen = new Screen(Screen.Plus(less: LocalFlags.Echo)).Type("ab\u007fc\n");
        Assert.Equal("", screen.Shown);
        Assert.Equal("ac\n", screen.Read());
    }

    [Fact]
    public void EraseRemovesWholeUtf8Characters()
    {
        Screen screen = new Screen(Screen.Plus(input: InputFlags.Utf8)).Type(Utf8("aé€😀") + "\u007f\u007f\n");
        Assert.Equal(Utf8("aé€😀") + Wipe + Wipe + "\r\n", screen.Shown);
        Assert.Equal(Utf8("aé") + "\n", screen.Read());
    }

    [Fact]
    public void EraseRemovesBytesWithoutUtf8()
    {
        Screen screen = new Screen().Type(Utf8("é") + "\u007f\n");
        Assert.Equal("\u00c3\n", screen.Read());
    }

    [Fact]
    public void AControlCharacterIsShownWithTwoColumnsAndWipedOutWithTwo()
    {
        Screen screen = new Screen().Type("\u0001\u007f");
        Assert.Equal("^A" + Wipe + Wipe, screen.Shown);
    }

    [Fact]
    public void WithoutEchoctlControlCharactersAreShownAsTheyAreAndWipedOutWithNothing()
    {
        Screen screen = new Screen(Screen.Plus(less: LocalFlags.EchoControl)).Type("\u0001\u007f");
        Assert.Equal("\u0001", screen.Shown);
    }

    [Theory]
    [InlineData("", "\t", 8)]
    [InlineData("abc", "\t", 5)]
    [InlineData("abcdefgh", "\t", 8)]
    [InlineData("a\tb", "\t", 7)]
    [InlineData("\u0001", "\t", 6)]
    public void AnErasedTabMovesBackToWhereItBegan(string before, string tab, int columns)
    {
        Screen screen = new Screen().Type(before + tab);
        _ = screen.Shown;
        screen.Type("\u007f");
        Assert.Equal(new string('\b', columns), screen.Shown);
    }

    [Fact]
    public void AnErasedTabCountsThePromptBeforeTheLine()
    {
        Screen screen = new();
        screen.Write("abc");
        screen.Type("\t");
        _ = screen.Shown;
        screen.Type("\u007f");
        Assert.Equal("\b\b\b\b\b", screen.Shown);
        Assert.Equal(3, screen.Discipline.Column);
    }

    [Theory]
    [InlineData("one two", "one ")]
    [InlineData("one two  ", "one ")]
    [InlineData("one", "")]
    [InlineData("a.b_1", "a.")]
    [InlineData("  ", "")]
    public void WordEraseRemovesTheWordAndTheBlanksBehindIt(string typed, string left)
    {
        Screen screen = new Screen().Type(typed);
        _ = screen.Shown;
        screen.Type("\u0017");
        Assert.Equal(string.Concat(System.Linq.Enumerable.Repeat(Wipe, typed.Length - left.Length)), screen.Shown);
        Assert.Equal(left + "\n", screen.Type("\n").Read());
    }

    [Fact]
    public void WordEraseNeedsTheExtensions()
    {
        Screen screen = new Screen(Screen.Plus(less: LocalFlags.Extended)).Type("a\u0017\n");
        Assert.Equal("a\u0017\n", screen.Read());
    }

    [Fact]
    public void KillWipesOutTheLine()
    {
        Screen screen = new Screen().Type("ab\u0015");
        Assert.Equal("ab" + Wipe + Wipe, screen.Shown);
        Assert.Equal("c\n", screen.Type("c\n").Read());
    }

    [Theory]
    [InlineData(LocalFlags.EchoKillErase, "ab^U\r\n")]
    [InlineData(LocalFlags.EchoErase, "ab^U\r\n")]
    [InlineData(LocalFlags.EchoKill, "ab^U")]
    [InlineData(LocalFlags.Echo, "")]
    public void KillIsShownAsTheFlagsSay(LocalFlags less, string shown)
    {
        Screen screen = new Screen(Screen.Plus(less: less)).Type("ab\u0015");
        Assert.Equal(shown, screen.Shown);
        Assert.Equal("c\n", screen.Type("c\n").Read());
    }

    [Fact]
    public void EchoprtPrintsWhatIsErasedBetweenSlashes()
    {
        Screen screen = new Screen(Screen.Plus(LocalFlags.EchoPrint)).Type("abc\u007f\u007fd");
        Assert.Equal("abc\\cb/d", screen.Shown);
    }

    [Fact]
    public void EchoprtEndsWhenTheLineIsEmpty()
    {
        Screen screen = new Screen(Screen.Plus(LocalFlags.EchoPrint)).Type("a\u007f\u007f");
        Assert.Equal("a\\a/", screen.Shown);
    }

    [Fact]
    public void ReprintShowsTheLineAgain()
    {
        Screen screen = new Screen().Type("a\u0001b\u0012");
        Assert.Equal("a^Ab^R\r\na^Ab", screen.Shown);
    }

    [Fact]
    public void LiteralNextMakesTheNextCharacterAnOrdinaryOne()
    {
        Screen screen = new Screen().Type("\u0016\u0003\u0016\u007f\u0016\u0004\u0016\u0016\n");
        Assert.Equal("^\b^C^\b^?^\b^D^\b^V\r\n", screen.Shown);
        Assert.Equal("\u0003\u007f\u0004\u0016\n", screen.Read());
        Assert.Equal(TerminalSignals.None, screen.Discipline.TakeSignals());
    }

    [Fact]
    public void ALiteralNewlineDoesNotEndTheLine()
    {
        Screen screen = new Screen().Type("a\u0016\n");
        Assert.False(screen.Discipline.IsReadable());
        Assert.Equal("a\n\n", screen.Type("\n").Read());
    }

    [Fact]
    public void EchonlShowsTheNewlineWithoutEcho()
    {
        Screen screen = new Screen(Screen.Plus(LocalFlags.EchoNewline, LocalFlags.Echo)).Type("ab\n");
        Assert.Equal("\r\n", screen.Shown);
    }

    [Fact]
    public void ADisabledCharacterIsOrdinary()
    {
        TerminalSettings settings = TerminalSettings.Default.With(ControlCharacter.Erase, 0).With(ControlCharacter.Interrupt, 0);
        Screen screen = new Screen(settings).Type("a\u007f\0\u0003\n");
        Assert.Equal("a\u007f\0\u0003\n", screen.Read());
    }

    [Fact]
    public void ALineHas4095CharactersAndItsEndTheRestRingsTheBell()
    {
        Screen screen = new(Screen.Plus(input: InputFlags.BellWhenFull));
        screen.Type(new string('x', 4095));
        _ = screen.Shown;
        screen.Type("yz");
        Assert.Equal("\a\a", screen.Shown);
        Assert.False(screen.Discipline.IsReadable());
        screen.Type("\n");
        Assert.Equal(4096, screen.Discipline.Available);
        Assert.Equal(new string('x', 4095) + "\n", screen.Read(5000));
    }

    [Fact]
    public void AFullLineCanBeErasedAndInterrupted()
    {
        Screen screen = new Screen().Type(new string('x', 5000));
        screen.Type("\u007fy\n");
        Assert.Equal(new string('x', 4094) + "y\n", screen.Read(5000));
        screen.Type(new string('x', 5000)).Type("\u0003");
        Assert.Equal(TerminalSignals.Interrupt, screen.Discipline.TakeSignals());
        Assert.Equal("z\n", screen.Type("z\n").Read());
    }

    [Fact]
    public void LinesThatNobodyReadsHoldBackWhatIsTypedNext()
    {
        Screen screen = new();
        byte[] lines = Encoding.ASCII.GetBytes(new string('x', 99) + "\n");
        int taken = 0;
        for (int i = 0; i < 50; i++)
        {
            taken += screen.Discipline.Receive(lines);
        }

        Assert.InRange(taken, 4000, 4095);
        screen.Read();
        Assert.InRange(screen.Discipline.Receive(lines), 95, 100);
    }
}
