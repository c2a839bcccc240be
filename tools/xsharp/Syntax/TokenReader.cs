using System;
using System.Collections.Generic;
using XSharp.Text;

namespace XSharp.Syntax;

/// <summary>Walks through tokens; what is not as expected ends the statement with an error that names both.</summary>
public sealed class TokenReader(IReadOnlyList<Token> tokens)
{
    private int _at;

    /// <summary>The token at hand.</summary>
    public Token Current => tokens[_at];

    /// <summary>The token <paramref name="offset"/> places further on; the end of the file repeats for ever.</summary>
    public Token Peek(int offset = 1) => tokens[Math.Min(_at + offset, tokens.Count - 1)];

    /// <summary>Takes the token at hand.</summary>
    public Token Next()
    {
        Token token = Current;
        if (token.Kind != TokenKind.EndOfFile)
        {
            _at++;
        }

        return token;
    }

    /// <summary>Takes the word if it is there.</summary>
    public bool TryWord(string word)
    {
        if (!Current.IsWord(word))
        {
            return false;
        }

        Next();
        return true;
    }

    /// <summary>Takes the operator if it is there.</summary>
    public bool TrySymbol(string symbol)
    {
        if (!Current.IsSymbol(symbol))
        {
            return false;
        }

        Next();
        return true;
    }

    /// <summary>Takes the operator, which must be there.</summary>
    public Token Symbol(string symbol, string? expected = null) =>
        Current.IsSymbol(symbol) ? Next() : throw Unexpected(expected ?? $"'{symbol}'");

    /// <summary>Takes the word, which must be there.</summary>
    public Token Word(string word) => Current.IsWord(word) ? Next() : throw Unexpected($"'{word}'");

    /// <summary>Takes a token of a kind.</summary>
    public Token Of(TokenKind kind, string expected) => Current.Kind == kind ? Next() : throw Unexpected(expected);

    /// <summary>Skips to the end of the file.</summary>
    public void SkipAll() => _at = tokens.Count - 1;

    /// <summary>The error for the token at hand.</summary>
    public StatementException Unexpected(string expected) =>
        new(Current.Position, ErrorCode.UnexpectedToken, $"expected {expected}, found {Current.Describe()}");
}
