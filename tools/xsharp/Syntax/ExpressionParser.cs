using System;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Text;
using XSharp.Text;

namespace XSharp.Syntax;

/// <summary>Reads values known at build time, with C#'s precedence.</summary>
public sealed class ExpressionParser(TokenReader reader, Func<string> currentNamespace)
{
    private static readonly string[][] _levels = [["|"], ["^"], ["&"], ["<<", ">>"], ["+", "-"], ["*", "/", "%"]];

    private const int MultiplicativeLevel = 5;

    /// <summary>Reads a whole expression.</summary>
    public Expression Parse() => ParseLevel(0);

    /// <summary>Reads one product, for a place where <c>+</c> and <c>-</c> separate the parts of a memory operand.</summary>
    public Expression ParseProduct() => ParseLevel(MultiplicativeLevel);

    /// <summary>True when the token at hand can start an expression.</summary>
    public bool CanStart()
    {
        Token token = reader.Current;
        return token.Kind is TokenKind.Integer or TokenKind.String
            || (token.Kind == TokenKind.Symbol && token.Text is "#" or "@" or "-" or "~" or "(");
    }

    /// <summary>Reads a name with its dots: <c>Name</c>, <c>.Name</c>, <c>..Name</c>.</summary>
    public SymbolName ParseName(string expected = "a name")
    {
        int dots = reader.TrySymbol("..") ? 2 : reader.TrySymbol(".") ? 1 : 0;
        Token word = reader.Of(TokenKind.Word, expected);
        if (Register.TryFind(word.Text, out _))
        {
            throw new StatementException(word.Position, ErrorCode.UnexpectedToken, $"expected {expected}, found the register '{word.Text}'");
        }

        return new SymbolName(word.Text, dots, currentNamespace());
    }

    private Expression ParseLevel(int level)
    {
        if (level == _levels.Length)
        {
            return ParseUnary();
        }

        Expression left = ParseLevel(level + 1);
        while (reader.Current.Kind == TokenKind.Symbol && _levels[level].Contains(reader.Current.Text))
        {
            string operation = reader.Next().Text;
            left = new BinaryExpression(left.Position, operation, left, ParseLevel(level + 1));
        }

        return left;
    }

    private Expression ParseUnary()
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        Token token = reader.Current;
        if (reader.TrySymbol("-") || reader.TrySymbol("~"))
        {
            return new UnaryExpression(token.Position, token.Text[0], ParseUnary());
        }

        return ParsePrimary();
    }

    private Expression ParsePrimary()
    {
        Token token = reader.Current;
        if (token.Kind == TokenKind.Integer)
        {
            reader.Next();
            return new NumberExpression(token.Position, token.Value);
        }

        if (token.Kind == TokenKind.String)
        {
            reader.Next();
            return new NumberExpression(token.Position, CharactersToNumber(token));
        }

        if (reader.TrySymbol("#"))
        {
            string name = reader.Of(TokenKind.Word, "the name of a constant").Text;
            return new ConstantExpression(token.Position, name, currentNamespace());
        }

        if (reader.TrySymbol("@"))
        {
            if (reader.Current.IsWord("here"))
            {
                reader.Next();
                return new HereExpression(token.Position);
            }

            return new AddressExpression(token.Position, ParseName());
        }

        if (reader.TrySymbol("("))
        {
            Expression inner = Parse();
            reader.Symbol(")");
            return inner;
        }

        throw reader.Unexpected("a value (number, 'c', #Constant, @Name or '(')");
    }

    /// <summary>Text in the place of a number: its bytes, the first one lowest, as the assembler stores them.</summary>
    private static Int128 CharactersToNumber(Token token)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(token.Text);
        if (bytes.Length is 0 or > 8)
        {
            throw new StatementException(token.Position, ErrorCode.ValueOutOfRange, $"expected 1 to 8 bytes of text as a number, found {bytes.Length}");
        }

        Int128 value = 0;
        for (int at = bytes.Length - 1; at >= 0; at--)
        {
            value = (value << 8) | bytes[at];
        }

        return value;
    }
}
