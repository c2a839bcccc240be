using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using XSharp.Text;

namespace XSharp.Syntax;

/// <summary>Reads conditions: flags, comparisons, bit tests.</summary>
public sealed class ConditionParser(TokenReader reader, OperandParser operands)
{
    private static readonly Dictionary<string, string> _flags = new(StringComparer.OrdinalIgnoreCase)
    {
        ["carry"] = "c",
        ["zero"] = "z",
        ["sign"] = "s",
        ["overflow"] = "o",
        ["parity"] = "p",
        ["equal"] = "e",
        ["below"] = "b",
        ["above"] = "a",
        ["less"] = "l",
        ["greater"] = "g",
    };

    private static readonly string[] _comparisons = ["<=", ">=", "!=", "==", "=", "<", ">"];

    /// <summary>Reads a condition.</summary>
    public Condition Parse()
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        SourcePosition start = reader.Current.Position;
        if (reader.TryWord("not"))
        {
            Condition inner = Parse();
            string opposite = ConditionCode.Invert(inner.Code);
            return inner switch
            {
                FlagCondition flag => flag with { Position = start, Code = opposite },
                CompareCondition compare => compare with { Position = start, Code = opposite, Operator = "not " + compare.Operator },
                _ => throw new InvalidOperationException(),
            };
        }

        bool signed = reader.TryWord("signed");
        if (!signed)
        {
            reader.TryWord("unsigned");
        }

        if (AtComparison())
        {
            return new FlagCondition(start, ConditionCode.Of(reader.Next().Text, signed));
        }

        Condition? flags = ParseFlag(start);
        return flags ?? ParseComparison(start, signed);
    }

    private FlagCondition? ParseFlag(SourcePosition start)
    {
        Token token = reader.Current;
        if (token.IsSymbol("!") && reader.Peek() is { Kind: TokenKind.Integer, Text: "0" })
        {
            reader.Next();
            reader.Next();
            return new FlagCondition(start, "nz");
        }

        if (token is { Kind: TokenKind.Integer, Text: "0" } && EndsCondition(reader.Peek()))
        {
            reader.Next();
            return new FlagCondition(start, "z");
        }

        if (token.Kind == TokenKind.Word && _flags.TryGetValue(token.Text, out string? code))
        {
            reader.Next();
            return new FlagCondition(start, code);
        }

        return null;
    }

    private CompareCondition ParseComparison(SourcePosition start, bool signed)
    {
        Operand left = operands.Parse();
        if (reader.TrySymbol("?&"))
        {
            Operand mask = operands.Parse();
            return new CompareCondition(start, "nz", "?&", false, left, mask, operands.ParseAs());
        }

        if (!AtComparison())
        {
            throw reader.Unexpected("a comparison (=, !=, <, <=, >, >= or ?&)");
        }

        string comparison = reader.Next().Text;
        Operand right = operands.Parse();
        return new CompareCondition(start, ConditionCode.Of(comparison, signed), comparison, signed, left, right, operands.ParseAs());
    }

    private bool AtComparison() => reader.Current.Kind == TokenKind.Symbol && Array.IndexOf(_comparisons, reader.Current.Text) >= 0;

    private static bool EndsCondition(Token token) =>
        token.IsSymbol("{") || token.IsWord("goto") || token.IsWord("return") || token.IsWord("exit") || token.Kind is TokenKind.EndOfLine or TokenKind.EndOfFile;
}
