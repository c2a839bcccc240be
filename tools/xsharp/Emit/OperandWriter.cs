using System;
using System.Text;
using XSharp.Syntax;
using XSharp.Text;

namespace XSharp.Emit;

/// <summary>Turns operands into the assembler's text, and checks what holds for an operand wherever it stands.</summary>
public sealed class OperandWriter(Evaluator evaluator, SymbolTable symbols)
{
    private static readonly Int128 _two31 = (Int128)1 << 31;
    private static readonly Int128 _two64 = (Int128)1 << 64;

    /// <summary>The processor mode: 16, 32 or 64.</summary>
    public int Bits { get; set; } = 64;

    /// <summary>Bytes of a stack slot and of a control register in this mode.</summary>
    public int WordSize => Bits / 8;

    /// <summary>Bytes that the operand is known to have; 0 when nothing says so.</summary>
    public int SizeOf(Operand operand) => operand switch
    {
        RegisterOperand { Register.Class: RegisterClass.Control or RegisterClass.Debug } => Math.Max(4, WordSize),
        RegisterOperand register => register.Register.Size,
        MemoryOperand memory => memory.Size,
        _ => 0,
    };

    /// <summary>Bytes that the declaration of a variable gives; 0 for other operands.</summary>
    public int DeclaredSizeOf(Operand operand) =>
        operand is MemoryOperand { Variable: { } name } ? symbols.VariableSize(name) : 0;

    /// <summary>A register's name.</summary>
    public string Register(RegisterOperand operand)
    {
        Register register = operand.Register;
        bool only64 = register.Name.StartsWith("r", StringComparison.Ordinal)
            || register.Name is "sil" or "dil" or "bpl" or "spl" or "cr8"
            || (register.Class == RegisterClass.Vector && register.Name.Length == 5)
            || register.Name is "xmm8" or "xmm9";
        if (only64 && Bits != 64)
        {
            throw new StatementException(operand.Position, ErrorCode.NotInThisMode, $"expected a register of {Bits}-bit mode, found '{register.Name.ToUpperInvariant()}'");
        }

        return register.Name;
    }

    /// <summary>Memory, with <paramref name="size"/> before it unless that is 0.</summary>
    public string Memory(MemoryOperand operand, int size)
    {
        var text = new StringBuilder();
        if (size != 0)
        {
            text.Append(OperandDescription.Size(size)).Append(' ');
        }

        text.Append('[');
        if (operand.Segment is not null)
        {
            text.Append(operand.Segment.Name).Append(':');
        }

        AppendAddress(text, operand);
        return text.Append(']').ToString();
    }

    private void AppendAddress(StringBuilder text, MemoryOperand operand)
    {
        ExpressionValue? displacement = operand.Displacement is null ? null : evaluator.Evaluate(operand.Displacement);
        CheckDisplacement(operand, displacement);
        if (operand.Base is null && operand.Index is null)
        {
            if (Bits == 64)
            {
                text.Append(displacement is { IsAddress: true } && operand.Segment is null ? "rel " : "abs ");
            }

            text.Append(displacement!.Value.Text);
            return;
        }

        AppendRegisters(text, operand);
        if (displacement is { } value && value.Number != 0)
        {
            bool negative = value.Number < 0;
            text.Append(negative ? "" : "+").Append(value.Text);
        }
    }

    private void AppendRegisters(StringBuilder text, MemoryOperand operand)
    {
        CheckAddressRegister(operand, operand.Base);
        CheckAddressRegister(operand, operand.Index);
        if (operand.Base is not null && operand.Index is not null && operand.Base.Size != operand.Index.Size)
        {
            throw new StatementException(operand.Position, ErrorCode.SizeMismatch, $"expected base and index of one size, found '{operand.Base.Name.ToUpperInvariant()}' and '{operand.Index.Name.ToUpperInvariant()}'");
        }

        int scale = operand.Scale is null ? 1 : evaluator.Number(operand.Scale, 1, 8, "a scale of 1, 2, 4 or 8");
        if (scale is 3 or 5 or 6 or 7)
        {
            throw new StatementException(operand.Scale!.Position, ErrorCode.ValueOutOfRange, $"expected a scale of 1, 2, 4 or 8, found {scale}");
        }

        if (operand.Index is { Name: "rsp" or "esp" } && (scale != 1 || operand.Base is { Name: "rsp" or "esp" }))
        {
            throw new StatementException(operand.Position, ErrorCode.BadOperand, $"expected an index register other than the stack pointer, found '{operand.Index.Name.ToUpperInvariant()}'");
        }

        text.Append(operand.Base?.Name);
        if (operand.Index is not null)
        {
            text.Append(operand.Base is null ? "" : "+").Append(operand.Index.Name).Append(scale == 1 ? "" : $"*{scale}");
        }
    }

    private void CheckAddressRegister(MemoryOperand operand, Register? register)
    {
        if (register is null)
        {
            return;
        }

        Register(new RegisterOperand(operand.Position, register));
        if (Bits == 64 && register.Size == 2)
        {
            throw new StatementException(operand.Position, ErrorCode.NotInThisMode, $"expected a 32- or 64-bit register in an address of 64-bit mode, found '{register.Name.ToUpperInvariant()}'");
        }
    }

    private void CheckDisplacement(MemoryOperand operand, ExpressionValue? displacement)
    {
        if (displacement?.Number is not { } number)
        {
            return;
        }

        bool fits = Bits == 64 ? number >= -_two31 && number < _two31 : number >= -_two31 && number < 2 * _two31;
        if (!fits && !(Bits == 64 && number >= _two64 - _two31 && number < _two64))
        {
            throw new StatementException(operand.Displacement!.Position, ErrorCode.ValueOutOfRange, $"expected a displacement of 32 bits, found {Evaluator.Format(number)}");
        }
    }

    /// <summary>An immediate value for an operand of <paramref name="size"/> bytes; 64-bit operands take 32 bits, sign-extended.</summary>
    public string Immediate(ImmediateOperand operand, int size) => Immediate(operand.Value, size, Math.Min(size, 4));

    /// <summary>A value that is stored in <paramref name="storedSize"/> bytes and used as <paramref name="size"/> bytes.</summary>
    public string Immediate(Expression expression, int size, int storedSize)
    {
        ExpressionValue value = evaluator.Evaluate(expression);
        if (value.Number is not { } number)
        {
            return value.Text;
        }

        Int128 half = (Int128)1 << ((storedSize * 8) - 1);
        Int128 top = (Int128)1 << (size * 8);
        bool isSignExtended = size > storedSize;
        bool fits = (number >= -half && number < half)
            || (isSignExtended ? number >= top - half && number < top : number >= 0 && number < top);
        if (!fits)
        {
            string bits = isSignExtended ? $"{storedSize * 8} bits, sign-extended" : $"{storedSize * 8} bits";
            throw new StatementException(expression.Position, ErrorCode.ValueOutOfRange, $"expected a value of {bits}, found {value.Text}");
        }

        return Evaluator.Format(isSignExtended && number >= half ? number - top : number);
    }
}
