using System;
using System.Globalization;
using System.Runtime.CompilerServices;
using XSharp.Syntax;
using XSharp.Text;

namespace XSharp.Emit;

/// <summary>The value of an expression.</summary>
/// <param name="Number">The number, when it is known now.</param>
/// <param name="Addresses">How many addresses it holds, differences cancelled: 0 a plain number, 1 an address.</param>
/// <param name="Text">The expression as the assembler wants it.</param>
public readonly record struct ExpressionValue(Int128? Number, int Addresses, string Text)
{
    /// <summary>True for an address that the linker fills in.</summary>
    public bool IsAddress => Addresses == 1;
}

/// <summary>Computes expressions: numbers here, addresses by the assembler and the linker.</summary>
public sealed class Evaluator(ConstantTable constants, SymbolTable symbols)
{
    private static readonly Int128 _limit = (Int128)1 << 64;

    /// <summary>Evaluates an expression that may hold addresses.</summary>
    public ExpressionValue Evaluate(Expression expression)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new StatementException(expression.Position, ErrorCode.TooDeep, "expected an expression that is nested less deeply, found too many levels");
        }

        return EvaluateNode(expression);
    }

    private ExpressionValue EvaluateNode(Expression expression) => expression switch
    {
        NumberExpression number => Known(number.Value, number.Position),
        ConstantExpression constant => constants.Use(constant, Evaluate),
        AddressExpression address => new ExpressionValue(null, 1, "$" + symbols.Resolve(address.Name)),
        HereExpression => new ExpressionValue(null, 1, "$"),
        UnaryExpression unary => EvaluateUnary(unary),
        BinaryExpression binary => EvaluateBinary(binary),
        _ => throw new ArgumentOutOfRangeException(nameof(expression)),
    };

    /// <summary>Evaluates an expression that must be a number now.</summary>
    public Int128 Number(Expression expression) =>
        Evaluate(expression).Number
        ?? throw new StatementException(expression.Position, ErrorCode.NotANumber, "expected a number, found an address");

    /// <summary>Evaluates an expression that must be a number in a range.</summary>
    public int Number(Expression expression, int least, int most, string what)
    {
        Int128 value = Number(expression);
        if (value < least || value > most)
        {
            throw new StatementException(expression.Position, ErrorCode.ValueOutOfRange, $"expected {what} from {least} to {most}, found {Format(value)}");
        }

        return (int)value;
    }

    /// <summary>A number as the assembler reads it.</summary>
    public static string Format(Int128 value)
    {
        if (value < 0)
        {
            return "-" + Format(-value);
        }

        return value < 10 ? value.ToString(CultureInfo.InvariantCulture) : "0x" + ((UInt128)value).ToString("X", CultureInfo.InvariantCulture);
    }

    private static ExpressionValue Known(Int128 value, SourcePosition position)
    {
        if (value >= _limit || value < -(_limit >> 1))
        {
            throw new StatementException(position, ErrorCode.ValueOutOfRange, "expected a value of at most 64 bits, found a larger one");
        }

        return new ExpressionValue(value, 0, Format(value));
    }

    private ExpressionValue EvaluateUnary(UnaryExpression unary)
    {
        ExpressionValue operand = Evaluate(unary.Operand);
        if (operand.Number is { } number)
        {
            return Known(unary.Operator == '-' ? -number : ~number, unary.Position);
        }

        RequirePlain(operand, unary.Operand);
        return new ExpressionValue(null, 0, $"({unary.Operator}({operand.Text}))");
    }

    private ExpressionValue EvaluateBinary(BinaryExpression binary)
    {
        ExpressionValue left = Evaluate(binary.Left);
        ExpressionValue right = Evaluate(binary.Right);
        if (left.Number is { } a && right.Number is { } b)
        {
            return Known(Compute(binary, a, b), binary.Position);
        }

        int addresses = binary.Operator switch
        {
            "+" => left.Addresses + right.Addresses,
            "-" => left.Addresses - right.Addresses,
            _ => 0,
        };
        if (binary.Operator is not ("+" or "-"))
        {
            RequirePlain(left, binary.Left);
            RequirePlain(right, binary.Right);
        }

        if (addresses is not (0 or 1))
        {
            throw new StatementException(binary.Position, ErrorCode.NotANumber, "expected an address or a difference of two addresses, found another combination");
        }

        return new ExpressionValue(null, addresses, $"({left.Text} {binary.Operator} {right.Text})");
    }

    private static void RequirePlain(ExpressionValue value, Expression expression)
    {
        if (value.Addresses != 0)
        {
            throw new StatementException(expression.Position, ErrorCode.NotANumber, "expected a number or a difference of two addresses, found an address");
        }
    }

    private static Int128 Compute(BinaryExpression binary, Int128 a, Int128 b)
    {
        switch (binary.Operator)
        {
            case "+":
                return a + b;
            case "-":
                return a - b;
            case "*":
                return Multiply(binary, a, b);
            case "/" or "%" when b == 0:
                throw new StatementException(binary.Right.Position, ErrorCode.DivisionByZero, "expected a divisor other than 0, found 0");
            case "/":
                return a / b;
            case "%":
                return a % b;
            case "&":
                return a & b;
            case "|":
                return a | b;
            case "^":
                return a ^ b;
            case "<<" or ">>" when b < 0 || b > 63:
                throw new StatementException(binary.Right.Position, ErrorCode.ValueOutOfRange, $"expected a shift from 0 to 63, found {Format(b)}");
            case "<<":
                return a << (int)b;
            default:
                return a >> (int)b;
        }
    }

    private static Int128 Multiply(BinaryExpression binary, Int128 a, Int128 b)
    {
        try
        {
            return checked(a * b);
        }
        catch (OverflowException)
        {
            throw new StatementException(binary.Position, ErrorCode.ValueOutOfRange, "expected a value of at most 64 bits, found a larger one");
        }
    }
}
