using System;
using XSharp.Syntax;
using XSharp.Text;

namespace XSharp.Emit;

/// <summary>Emits assignments: every move between registers, memory, ports and values.</summary>
public sealed class AssignmentEmitter(Output output, OperandWriter writer, Evaluator evaluator, CodeEmitter code)
{
    /// <summary>Emits <c>destination = source</c>.</summary>
    public void Emit(AssignStatement statement)
    {
        if (statement.When is not null)
        {
            ConditionalMove(statement);
        }
        else if (statement.Extension != Extension.None)
        {
            Extend(statement);
        }
        else if (statement.Operator == '*')
        {
            Multiply(statement);
        }
        else if (statement.Operator != '\0')
        {
            Invert(statement);
        }
        else
        {
            Move(statement);
        }
    }

    /// <summary>Emits <c>AL = flag carry</c>.</summary>
    public void SetFlag(SetFlagStatement statement)
    {
        CodeEmitter.RequireReadable(statement.Destination);
        int size = writer.SizeOf(statement.Destination);
        if (size is not (0 or 1))
        {
            throw code.SizeMismatch(statement.Destination, 1);
        }

        output.Line($"set{statement.Code} {code.Write(statement.Destination, 1)}");
    }

    private void Move(AssignStatement statement)
    {
        switch (statement.Destination, statement.Source)
        {
            case (PortOperand port, _):
                output.Line($"out {Port(port)}, {Accumulator(statement.Source)}");
                break;
            case (_, PortOperand port):
                output.Line($"in {Accumulator(statement.Destination)}, {Port(port)}");
                break;
            case (RegisterOperand { Register.Class: RegisterClass.Vector } left, _):
                VectorLoad(left, statement);
                break;
            case (_, RegisterOperand { Register.Class: RegisterClass.Vector } right):
                VectorStore(right, statement);
                break;
            case (RegisterOperand left, EffectiveAddressOperand right):
                LoadAddress(left, right);
                break;
            case (RegisterOperand { Register.Class: RegisterClass.General } left, ImmediateOperand right):
                LoadValue(left, right, statement.Size);
                break;
            case (MemoryOperand left, ImmediateOperand right):
                int size = code.CommonSize(left, null, statement.Size);
                output.Line($"mov {writer.Memory(left, size)}, {writer.Immediate(right, size)}");
                break;
            case (RegisterOperand or MemoryOperand, RegisterOperand or MemoryOperand):
                MoveSystem(statement);
                break;
            default:
                Operand bad = statement.Destination is RegisterOperand or MemoryOperand ? statement.Source : statement.Destination;
                throw new StatementException(bad.Position, ErrorCode.BadOperand, $"expected a register or memory, found {OperandDescription.Of(bad)}");
        }
    }

    /// <summary>Moves among general, segment, control and debug registers and memory.</summary>
    private void MoveSystem(AssignStatement statement)
    {
        RegisterClass left = ClassOf(statement.Destination);
        RegisterClass right = ClassOf(statement.Source);
        if (left == RegisterClass.General && right == RegisterClass.General)
        {
            output.Line(code.Binary("mov", statement.Destination, statement.Source, statement.Size));
            return;
        }

        Operand special = left == RegisterClass.General ? statement.Source : statement.Destination;
        Operand other = left == RegisterClass.General ? statement.Destination : statement.Source;
        bool isSegment = ClassOf(special) == RegisterClass.Segment;
        if (ClassOf(other) != RegisterClass.General || (!isSegment && other is MemoryOperand))
        {
            throw new StatementException(other.Position, ErrorCode.BadOperand, $"expected a general register{(isSegment ? " or memory" : "")} beside {OperandDescription.Of(special)}, found {OperandDescription.Of(other)}");
        }

        int size = writer.SizeOf(other);
        if (isSegment ? size is 1 || (other is MemoryOperand && size is not (0 or 2)) : size != writer.SizeOf(special))
        {
            throw code.SizeMismatch(other, isSegment ? 2 : writer.SizeOf(special));
        }

        output.Line($"mov {code.Write(statement.Destination, isSegment ? 2 : 0)}, {code.Write(statement.Source, isSegment ? 2 : 0)}");
    }

    private void LoadValue(RegisterOperand left, ImmediateOperand right, int asSize)
    {
        string register = writer.Register(left);
        int size = left.Register.Size;
        ExpressionValue value = evaluator.Evaluate(right.Value);
        if (value.IsAddress && size == 8)
        {
            output.Line(asSize switch
            {
                0 => $"lea {register}, [rel {value.Text}]",
                4 => $"mov {register}, strict dword {value.Text}",
                8 => $"mov {register}, strict qword {value.Text}",
                _ => throw new StatementException(left.Position, ErrorCode.SizeMismatch, $"expected 'dword' or 'qword' after 'as', found '{OperandDescription.Size(asSize)}'"),
            });
            return;
        }

        if (asSize != 0 && asSize != size)
        {
            throw new StatementException(left.Position, ErrorCode.SizeMismatch, $"expected '{OperandDescription.Size(size)}' after 'as', found '{OperandDescription.Size(asSize)}'");
        }

        output.Line($"mov {register}, {writer.Immediate(right.Value, size, size)}");
    }

    private void LoadAddress(RegisterOperand left, EffectiveAddressOperand right)
    {
        if (left.Register.Class != RegisterClass.General || left.Register.Size == 1)
        {
            throw new StatementException(left.Position, ErrorCode.BadOperand, $"expected a 16-, 32- or 64-bit general register for an address, found {OperandDescription.Of(left)}");
        }

        output.Line($"lea {writer.Register(left)}, {writer.Memory(right.Memory, 0)}");
    }

    private void Multiply(AssignStatement statement)
    {
        if (statement.Destination is not RegisterOperand { Register: { Class: RegisterClass.General, Size: > 1 } } register)
        {
            throw new StatementException(statement.Destination.Position, ErrorCode.BadOperand, $"expected a 16-, 32- or 64-bit register for a product, found {OperandDescription.Of(statement.Destination)}");
        }

        CodeEmitter.RequireReadable(statement.Source);
        int size = code.CommonSize(register, statement.Source, statement.Size);
        output.Line($"imul {writer.Register(register)}, {code.Write(statement.Source, size)}, {writer.Immediate(statement.Factor!, size, Math.Min(size, 4))}");
    }

    private void Invert(AssignStatement statement)
    {
        if (statement.Destination is not RegisterOperand destination)
        {
            throw new StatementException(statement.Destination.Position, ErrorCode.BadOperand, $"expected a register before '= {statement.Operator}', found {OperandDescription.Of(statement.Destination)}");
        }

        string move = code.Binary("mov", destination, statement.Source, statement.Size);
        if (statement.Source is not RegisterOperand source || source.Register != destination.Register)
        {
            output.Line(move);
        }

        output.Line($"{(statement.Operator == '~' ? "not" : "neg")} {writer.Register(destination)}");
    }

    private void ConditionalMove(AssignStatement statement)
    {
        if (statement.Destination is not RegisterOperand { Register: { Class: RegisterClass.General, Size: > 1 } })
        {
            throw new StatementException(statement.Destination.Position, ErrorCode.BadOperand, $"expected a 16-, 32- or 64-bit register for a conditional move, found {OperandDescription.Of(statement.Destination)}");
        }

        if (statement.Extension != Extension.None || statement.Operator != '\0')
        {
            throw new StatementException(statement.Source.Position, ErrorCode.BadOperand, "expected a plain register or memory in a conditional move, found an operation");
        }

        CodeEmitter.RequireReadable(statement.Source);
        output.Line(code.Binary("cmov" + statement.When, statement.Destination, statement.Source, statement.Size));
    }

    private void Extend(AssignStatement statement)
    {
        if (statement.Destination is not RegisterOperand { Register.Class: RegisterClass.General } destination)
        {
            throw new StatementException(statement.Destination.Position, ErrorCode.BadOperand, $"expected a general register to widen into, found {OperandDescription.Of(statement.Destination)}");
        }

        CodeEmitter.RequireReadable(statement.Source);
        int from = code.CommonSize(statement.Source, null, statement.Size);
        int to = destination.Register.Size;
        if (from >= to)
        {
            throw new StatementException(statement.Source.Position, ErrorCode.SizeMismatch, $"expected an operand of fewer than {to * 8} bits to widen, found {OperandDescription.Of(statement.Source)}{(statement.Source is MemoryOperand ? $" of {from * 8} bits" : "")}");
        }

        string source = code.Write(statement.Source, from);
        string target = writer.Register(destination);
        output.Line((statement.Extension, from) switch
        {
            (Extension.Unsigned, 4) => $"mov {Low32(target)}, {source}",
            (Extension.Unsigned, _) => $"movzx {target}, {source}",
            (_, 4) => $"movsxd {target}, {source}",
            _ => $"movsx {target}, {source}",
        });
    }

    /// <summary>The lower half of a 64-bit register: writing it clears the upper half (Intel SDM volume 1, 3.4.1.1).</summary>
    private static string Low32(string register64) =>
        char.IsAsciiDigit(register64[1]) ? register64 + "d" : "e" + register64[1..];

    private void VectorLoad(RegisterOperand left, AssignStatement statement)
    {
        string register = writer.Register(left);
        switch (statement.Source)
        {
            case RegisterOperand { Register.Class: RegisterClass.Vector } other:
                output.Line($"movaps {register}, {writer.Register(other)}");
                break;
            case RegisterOperand { Register: { Class: RegisterClass.General, Size: 4 or 8 } } general:
                output.Line($"{(general.Register.Size == 8 ? "movq" : "movd")} {register}, {writer.Register(general)}");
                break;
            case MemoryOperand memory:
                output.Line($"{VectorMove(memory, statement.Size)} {register}, {writer.Memory(memory, 0)}");
                break;
            default:
                throw BadVectorOperand(statement.Source);
        }
    }

    private void VectorStore(RegisterOperand right, AssignStatement statement)
    {
        string register = writer.Register(right);
        switch (statement.Destination)
        {
            case RegisterOperand { Register: { Class: RegisterClass.General, Size: 4 or 8 } } general:
                output.Line($"{(general.Register.Size == 8 ? "movq" : "movd")} {writer.Register(general)}, {register}");
                break;
            case MemoryOperand memory:
                output.Line($"{VectorMove(memory, statement.Size)} {writer.Memory(memory, 0)}, {register}");
                break;
            default:
                throw BadVectorOperand(statement.Destination);
        }
    }

    private static string VectorMove(MemoryOperand memory, int asSize)
    {
        int size = memory.Size != 0 ? memory.Size : asSize;
        return size switch
        {
            0 or 16 => "movups",
            8 => "movq",
            4 => "movd",
            _ => throw new StatementException(memory.Position, ErrorCode.SizeMismatch, $"expected 32, 64 or 128 bits beside an XMM register, found {size * 8} bits"),
        };
    }

    private static StatementException BadVectorOperand(Operand operand) =>
        new(operand.Position, ErrorCode.BadOperand, $"expected memory, an XMM register or a 32- or 64-bit general register, found {OperandDescription.Of(operand)}");

    private string Port(PortOperand port) =>
        port.Number is null ? "dx" : Evaluator.Format(evaluator.Number(port.Number, 0, 255, "a port number"));

    private static string Accumulator(Operand operand) =>
        operand is RegisterOperand { Register.Name: "al" or "ax" or "eax" } register
            ? register.Register.Name
            : throw new StatementException(operand.Position, ErrorCode.BadOperand, $"expected AL, AX or EAX beside a port, found {OperandDescription.Of(operand)}");

    private static RegisterClass ClassOf(Operand operand) =>
        operand is RegisterOperand register ? register.Register.Class : RegisterClass.General;
}
