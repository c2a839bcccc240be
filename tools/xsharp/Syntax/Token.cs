using System;
using XSharp.Text;

namespace XSharp.Syntax;

/// <summary>What a token is.</summary>
public enum TokenKind
{
    /// <summary>A word: keyword, register, instruction or name.</summary>
    Word,

    /// <summary>An integer; its value is in <see cref="Token.Value"/>.</summary>
    Integer,

    /// <summary>Text in quotes; <see cref="Token.Text"/> is what stands between them, escapes resolved.</summary>
    String,

    /// <summary>An operator or a bracket.</summary>
    Symbol,

    /// <summary>A whole line of assembly, without its mark.</summary>
    Literal,

    /// <summary>The end of a line that holds something.</summary>
    EndOfLine,

    /// <summary>The end of the file.</summary>
    EndOfFile,
}

/// <summary>The smallest piece of source text that means something.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text.</param>
/// <param name="Value">Its value, for an integer: 0 to 2^64-1.</param>
/// <param name="Position">Where it starts.</param>
/// <param name="SpaceBefore">Whether white space stands before it.</param>
public sealed record Token(TokenKind Kind, string Text, Int128 Value, SourcePosition Position, bool SpaceBefore)
{
    /// <summary>How an error message calls it.</summary>
    public string Describe() => Kind switch
    {
        TokenKind.EndOfLine => "end of line",
        TokenKind.EndOfFile => "end of file",
        TokenKind.String => $"text '{Text}'",
        TokenKind.Literal => "a line of assembly",
        _ => $"'{Text}'",
    };

    /// <summary>True for this word, whatever its case.</summary>
    public bool IsWord(string word) => Kind == TokenKind.Word && string.Equals(Text, word, StringComparison.OrdinalIgnoreCase);

    /// <summary>True for this operator or bracket.</summary>
    public bool IsSymbol(string symbol) => Kind == TokenKind.Symbol && Text == symbol;
}
