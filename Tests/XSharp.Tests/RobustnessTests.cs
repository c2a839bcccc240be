using System;
using System.Collections.Generic;
using System.Linq;
using XSharp.Syntax;
using XSharp.Text;
using Xunit;

namespace XSharp.Tests;

/// <summary>Whatever the input, the answer is errors at places that exist, never an exception.</summary>
public sealed class RobustnessTests
{
    private const string Sample =
        """
        namespace Sample
        const Offset = (1 << 3) + 'A' % 4
        var Count qword
        var Table { qword 0, @Count
            dword @Count - @Count }
        section ".text.sample" exec align 16
        function Work naked {
            RAX = gs:[RBX + RCX * 8 - #Offset]
            lock qword .Count++
            lock cmpxchg [RDI], RCX
            if signed dword [RDI] < 5 {
                +RAX, RBX
                signed RAX >> 3
            } else if not AL ?& $20 goto Done
            else { -RBX, RAX }
            while not carry { rep movsb }
            repeat 2 times as Turn { AL = #Turn as byte }
            EAX = unsigned word [RSI[4]]
            RAX = RBX if signed <=
            Port[DX] = AL
        export Done:
            goto far [RDI]
            ..Outside()
        }
        bits 16
        goto far 8:(@here + 5) as dword
        align 8
        reserve byte[16]
        """;

    /// <summary>Ways to damage a list of tokens at one place.</summary>
    public static TheoryData<string> Damages() => ["remove", "double", "swap", "cut", "brace", "number", "word"];

    [Theory]
    [MemberData(nameof(Damages))]
    public void A_damaged_program_gives_errors_at_places_that_exist(string damage)
    {
        string[] pieces = [.. Pieces()];
        for (int at = 0; at < pieces.Length; at++)
        {
            AssertSane(string.Join(" ", Apply(pieces, at, damage)));
        }
    }

    [Fact]
    public void Random_characters_give_errors_at_places_that_exist()
    {
        var random = new Random(20090101);
        const string alphabet = "RAXEBXCL[]{}()+-*/%&|^~<>=!?@#$.,:'\"0159 \n\tifgotosigned";
        for (int round = 0; round < 2000; round++)
        {
            AssertSane(new string([.. Enumerable.Range(0, 60).Select(_ => alphabet[random.Next(alphabet.Length)])]));
        }
    }

    [Theory]
    [InlineData("(")]
    [InlineData("-")]
    [InlineData("if = {\n")]
    [InlineData("RAX = [")]
    [InlineData("not ")]
    [InlineData("if = { } else ")]
    public void Endless_nesting_is_an_error(string piece)
    {
        string start = piece is "(" or "-" ? "AL = " : piece == "not " ? "if " : "";
        Assert.NotEmpty(Workbench.Errors(start + string.Concat(Enumerable.Repeat(piece, 200_000))));
    }

    [Fact]
    public void An_expression_of_very_many_terms_is_a_value_or_an_error()
    {
        IReadOnlyList<Diagnostic> errors = Workbench.Errors("EAX = 1" + string.Concat(Enumerable.Repeat(" + 1", 500_000)));
        Assert.All(errors, e => Assert.Equal(ErrorCode.TooDeep, e.Code));
    }

    private static IEnumerable<string> Pieces()
    {
        foreach (Token token in Tokenizer.Read(Workbench.FileName, Sample, new DiagnosticBag()))
        {
            yield return token.Kind switch
            {
                TokenKind.EndOfLine => "\n",
                TokenKind.String => $"'{token.Text}'",
                _ => token.Text,
            };
        }
    }

    private static IEnumerable<string> Apply(string[] pieces, int at, string damage) => damage switch
    {
        "remove" => [.. pieces[..at], .. pieces[(at + 1)..]],
        "double" => [.. pieces[..at], pieces[at], .. pieces[at..]],
        "swap" when at + 1 < pieces.Length => [.. pieces[..at], pieces[at + 1], pieces[at], .. pieces[(at + 2)..]],
        "cut" => pieces[..at],
        "brace" => [.. pieces[..at], "}", .. pieces[at..]],
        "number" => [.. pieces[..at], "0", .. pieces[(at + 1)..]],
        "word" => [.. pieces[..at], "RAX", .. pieces[(at + 1)..]],
        _ => pieces,
    };

    private static void AssertSane(string program)
    {
        string[] lines = program.Split('\n');
        foreach (Diagnostic error in Workbench.Errors(program))
        {
            Assert.InRange(error.Position.Line, 1, lines.Length);
            Assert.InRange(error.Position.Column, 1, lines[error.Position.Line - 1].Length + 1);
            Assert.Contains("expected ", error.Message, StringComparison.Ordinal);
            Assert.Contains(", found ", error.Message, StringComparison.Ordinal);
        }
    }
}
