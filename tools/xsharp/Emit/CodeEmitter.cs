using System;
using System.Linq;
using XSharp.Syntax;
using XSharp.Text;

namespace XSharp.Emit;

/// <summary>Emits statements that become one or two instructions: arithmetic, comparison, stack, named instructions.</summary>
public sealed class CodeEmitter(Output output, OperandWriter writer, Evaluator evaluator)
{
    /// <summary>Arithmetic, logic, shifts, <c>?=</c> and <c>?&amp;</c>.</summary>
    public void Operate(OperateStatement statement)
    {
        RequireReadable(statement.Destination);
        if (statement.IsLocked && statement.Mnemonic is not ("add" or "sub" or "and" or "or" or "xor"))
        {
            throw new StatementException(statement.Position, ErrorCode.BadOperand, $"expected an operator that can be locked (+, -, &, |, ^), found '{statement.Mnemonic}'");
        }

        string prefix = statement.IsLocked ? "lock " : "";
        switch (statement.Mnemonic)
        {
            case "shl" or "shr" or "sar" or "rol" or "ror":
                Shift(statement);
                break;
            case "imul":
                Multiply(statement);
                break;
            default:
                output.Line(prefix + Binary(statement.Mnemonic, statement.Destination, statement.Source, statement.Size));
                break;
        }
    }

    /// <summary>The text of an instruction with a general destination and a source of the same size.</summary>
    public string Binary(string mnemonic, Operand left, Operand right, int asSize)
    {
        RequireReadable(left);
        if (right is not ImmediateOperand)
        {
            RequireReadable(right);
        }

        if (left is MemoryOperand && right is MemoryOperand)
        {
            throw new StatementException(right.Position, ErrorCode.BadOperand, "expected a register or a number beside a memory operand, found memory");
        }

        int size = CommonSize(left, right, asSize);
        return $"{mnemonic} {Write(left, size)}, {(right is ImmediateOperand value ? writer.Immediate(value, size) : Write(right, size))}";
    }

    /// <summary><c>++</c> and <c>--</c>.</summary>
    public void Step(StepStatement statement)
    {
        RequireReadable(statement.Operand);
        int size = CommonSize(statement.Operand, null, statement.Size);
        output.Line($"{(statement.IsLocked ? "lock " : "")}{(statement.IsIncrement ? "inc" : "dec")} {Write(statement.Operand, size)}");
    }

    /// <summary>Pushes or pops, operand by operand.</summary>
    public void Stack(StackStatement statement)
    {
        foreach (Operand operand in statement.Operands)
        {
            output.Line(statement.IsPush ? Push(operand, statement.Size) : Pop(operand, statement.Size));
        }
    }

    /// <summary><c>+All</c> and <c>-All</c>.</summary>
    public void StackAll(StackAllStatement statement)
    {
        if (writer.Bits != 64)
        {
            output.Line((statement.IsPush ? "pusha" : "popa") + (writer.Bits == 32 ? "d" : "w"));
            return;
        }

        foreach (string register in statement.IsPush ? Register.All64 : Register.All64.Reverse())
        {
            output.Line($"{(statement.IsPush ? "push" : "pop")} {register}");
        }
    }

    /// <summary>An instruction by its name.</summary>
    public void Instruction(InstructionStatement statement)
    {
        string name = statement.Name;
        int known = statement.Operands.Select(writer.SizeOf).Where(s => s != 0).DefaultIfEmpty(statement.Size).First();
        if (!InstructionSet.MixesSizes(name))
        {
            foreach (Operand operand in statement.Operands.Where(o => writer.SizeOf(o) != 0 && writer.SizeOf(o) != known && known != 16))
            {
                throw SizeMismatch(operand, known);
            }
        }

        string[] operands = [.. statement.Operands.Select(operand => InstructionOperand(statement, operand, known))];
        if (statement.IsLocked && statement.Operands[0] is not MemoryOperand)
        {
            throw new StatementException(statement.Operands[0].Position, ErrorCode.BadOperand, $"expected memory as the first operand of a locked instruction, found {OperandDescription.Of(statement.Operands[0])}");
        }

        string prefix = statement.IsLocked ? "lock " : statement.Prefix is not null ? statement.Prefix + " " : LoadsWideTable(statement) ? "o32 " : "";
        output.Line($"{prefix}{InstructionSet.Spell(name, writer.Bits)} {string.Join(", ", operands)}".TrimEnd());
    }

    /// <summary>An operand of known kind as text.</summary>
    public string Write(Operand operand, int size) => operand switch
    {
        RegisterOperand register => writer.Register(register),
        MemoryOperand memory => writer.Memory(memory, size),
        _ => throw new StatementException(operand.Position, ErrorCode.BadOperand, $"expected a register or memory, found {OperandDescription.Of(operand)}"),
    };

    /// <summary>The size on which both operands agree; the declaration of a variable speaks last.</summary>
    public int CommonSize(Operand left, Operand? right, int asSize)
    {
        int leftSize = writer.SizeOf(left);
        int rightSize = right is null ? 0 : writer.SizeOf(right);
        int size = leftSize != 0 ? leftSize : rightSize;
        if (rightSize != 0 && rightSize != size)
        {
            throw SizeMismatch(right!, size);
        }

        if (asSize != 0 && size != 0 && asSize != size)
        {
            throw new StatementException(left.Position, ErrorCode.SizeMismatch, $"expected '{OperandDescription.Size(size)}' after 'as', found '{OperandDescription.Size(asSize)}'");
        }

        size = size != 0 ? size : asSize;
        size = size != 0 ? size : writer.DeclaredSizeOf(left);
        size = size != 0 || right is null ? size : writer.DeclaredSizeOf(right);
        return size != 0 ? size : throw new StatementException(left.Position, ErrorCode.SizeNeeded, "expected an operand size ('qword [RAX]' or '... as qword'), found none");
    }

    /// <summary>The error for an operand whose size differs.</summary>
    public StatementException SizeMismatch(Operand operand, int expected) => new(
        operand.Position,
        ErrorCode.SizeMismatch,
        $"expected an operand of {expected * 8} bits, found {OperandDescription.Of(operand)}{(operand is MemoryOperand ? $" of {writer.SizeOf(operand) * 8} bits" : "")}");

    /// <summary>Refuses what is neither a general register nor memory.</summary>
    public static void RequireReadable(Operand operand)
    {
        if (operand is not (MemoryOperand or RegisterOperand { Register.Class: RegisterClass.General }))
        {
            throw new StatementException(operand.Position, ErrorCode.BadOperand, $"expected a general register or memory, found {OperandDescription.Of(operand)}");
        }
    }

    private void Shift(OperateStatement statement)
    {
        int size = CommonSize(statement.Destination, null, statement.Size);
        string count = statement.Source switch
        {
            RegisterOperand { Register.Name: "cl" } => "cl",
            ImmediateOperand value => evaluator.Number(value.Value, 0, (size * 8) - 1, "a count").ToString(System.Globalization.CultureInfo.InvariantCulture),
            _ => throw new StatementException(statement.Source.Position, ErrorCode.BadOperand, $"expected a number or CL, found {OperandDescription.Of(statement.Source)}"),
        };
        output.Line($"{statement.Mnemonic} {Write(statement.Destination, size)}, {count}");
    }

    private void Multiply(OperateStatement statement)
    {
        if (statement.Destination is not RegisterOperand { Register.Size: > 1 } register)
        {
            throw new StatementException(statement.Destination.Position, ErrorCode.BadOperand, $"expected a 16-, 32- or 64-bit register before '*', found {OperandDescription.Of(statement.Destination)}");
        }

        output.Line(statement.Source is ImmediateOperand value
            ? $"imul {writer.Register(register)}, {writer.Register(register)}, {writer.Immediate(value, register.Register.Size)}"
            : Binary("imul", register, statement.Source, statement.Size));
    }

    private string Push(Operand operand, int asSize)
    {
        int size = asSize != 0 ? asSize : operand is ImmediateOperand ? writer.WordSize : StackSize(operand);
        CheckStackSize(operand, size);
        return operand is ImmediateOperand value
            ? $"push {OperandDescription.Size(size)} {writer.Immediate(value, size)}"
            : $"push {StackOperand(operand, size)}";
    }

    private string Pop(Operand operand, int asSize)
    {
        int size = asSize != 0 ? asSize : StackSize(operand);
        CheckStackSize(operand, size);
        return $"pop {StackOperand(operand, size)}";
    }

    private int StackSize(Operand operand)
    {
        if (operand is RegisterOperand { Register.Class: RegisterClass.Segment })
        {
            return writer.WordSize;
        }

        int size = writer.SizeOf(operand);
        size = size != 0 ? size : writer.DeclaredSizeOf(operand);
        return size != 0 ? size : writer.WordSize;
    }

    private void CheckStackSize(Operand operand, int size)
    {
        if (size != 2 && size != (writer.Bits == 16 ? 4 : writer.WordSize))
        {
            throw new StatementException(operand.Position, ErrorCode.NotInThisMode, $"expected an operand of {(writer.Bits == 64 ? "64 or 16" : "32 or 16")} bits on the stack of {writer.Bits}-bit mode, found {size * 8} bits");
        }
    }

    private string StackOperand(Operand operand, int size)
    {
        if (operand is RegisterOperand { Register: { Class: RegisterClass.Segment } segment })
        {
            if (writer.Bits == 64 && segment.Name is not ("fs" or "gs"))
            {
                throw new StatementException(operand.Position, ErrorCode.NotInThisMode, $"expected FS or GS on the stack of 64-bit mode, found '{segment.Name.ToUpperInvariant()}'");
            }

            return segment.Name;
        }

        RequireReadable(operand);
        return Write(operand, size);
    }

    private string InstructionOperand(InstructionStatement statement, Operand operand, int known)
    {
        switch (operand)
        {
            case ImmediateOperand value when statement.Name is "ret" or "retf" or "enter":
                return writer.Immediate(value, 2);
            case ImmediateOperand value when statement.Name is "adc" or "sbb" or "imul":
                int size = known != 0 ? known : writer.DeclaredSizeOf(statement.Operands[0]);
                return writer.Immediate(value, size == 0 ? 8 : size);
            case ImmediateOperand value:
                return writer.Immediate(value, 1);
            case MemoryOperand memory when LoadsWideTable(statement):
                return writer.Memory(memory, 0);
            case MemoryOperand { Size: not 0 } memory when statement.Operands.Count == 1 && !InstructionSet.NeedsSize(statement.Name):
                throw new StatementException(memory.Position, ErrorCode.SizeMismatch, $"expected memory without a size for '{statement.Name}', found '{OperandDescription.Size(memory.Size)}'");
            case MemoryOperand memory:
                int own = memory.Size != 0 ? memory.Size : statement.Size != 0 ? statement.Size : 0;
                bool needs = own == 0 && InstructionSet.NeedsSize(statement.Name) && !statement.Operands.Any(o => o is RegisterOperand && !IsCount(statement, o));
                own = needs ? CommonSize(memory, null, 0) : own;
                return writer.Memory(memory, own);
            default:
                return writer.Register((RegisterOperand)operand);
        }
    }

    /// <summary>In 16-bit code the tables' base has 24 bits, unless the program asks for all 32 (Intel SDM volume 2, LGDT).</summary>
    private bool LoadsWideTable(InstructionStatement statement) =>
        writer.Bits == 16 && statement.Name is ("lgdt" or "lidt") && statement.Operands[0] is MemoryOperand { Size: 4 };

    private static bool IsCount(InstructionStatement statement, Operand operand) =>
        statement.Name is "rcl" or "rcr" && ReferenceEquals(operand, statement.Operands[^1]);
}
