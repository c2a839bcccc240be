using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Text;
using XSharp.Syntax;
using XSharp.Text;

namespace XSharp.Emit;

/// <summary>Emits a program: sections, functions, variables and data, and hands the rest to the emitters of code.</summary>
public sealed class ProgramEmitter
{
    private readonly Output _output = new();
    private readonly SymbolTable _symbols;
    private readonly Evaluator _evaluator;
    private readonly OperandWriter _writer;
    private readonly CodeEmitter _code;
    private readonly AssignmentEmitter _assignments;
    private readonly FlowEmitter _flow;
    private readonly SectionTracker _sections;
    private readonly DiagnosticBag _diagnostics;
    private bool _inVariable;

    private ProgramEmitter(IReadOnlyList<Statement> program, ConstantTable constants, DiagnosticBag diagnostics)
    {
        _diagnostics = diagnostics;
        _symbols = new SymbolTable(program, diagnostics);
        _evaluator = new Evaluator(constants, _symbols);
        _writer = new OperandWriter(_evaluator, _symbols);
        _code = new CodeEmitter(_output, _writer, _evaluator);
        _assignments = new AssignmentEmitter(_output, _writer, _evaluator, _code);
        _flow = new FlowEmitter(_output, _writer, _evaluator, constants, _symbols, _code) { EmitStatement = Emit };
        _sections = new SectionTracker(_output, _evaluator);
    }

    /// <summary>Returns the assembler's text for a program; it is of no use when errors were reported.</summary>
    public static string Emit(IReadOnlyList<Statement> program, ConstantTable constants, DiagnosticBag diagnostics)
    {
        var emitter = new ProgramEmitter(program, constants, diagnostics);
        foreach (Statement statement in program)
        {
            emitter.Emit(statement);
        }

        return emitter._output.Finish(emitter._symbols.Externs);
    }

    private void Emit(Statement statement)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            _diagnostics.Report(statement.Position, ErrorCode.TooDeep, "expected blocks that are nested less deeply, found too many levels");
            return;
        }

        try
        {
            _output.At(statement.Position);
            EmitChecked(statement);
        }
        catch (StatementException error)
        {
            _diagnostics.Report(error.Diagnostic);
        }
    }

    private void EmitChecked(Statement statement)
    {
        switch (statement)
        {
            case FunctionStatement function:
                EmitFunction(function);
                return;
            case VariableStatement variable:
                EmitVariable(variable);
                return;
            case SectionStatement section:
                _sections.Select(section);
                return;
            case BitsStatement bits:
                _writer.Bits = bits.Bits;
                _output.Line($"bits {bits.Bits}");
                return;
            case ExternStatement:
                return;
            case AlignStatement align:
                _sections.Align(_evaluator.Number(align.Boundary, 1, 1 << 30, "an alignment"), align.Boundary.Position, _symbols.Function is not null || _inVariable);
                return;
            default:
                if (_symbols.Function is null && !_inVariable)
                {
                    _sections.ForCode();
                }

                EmitInside(statement);
                return;
        }
    }

    private void EmitInside(Statement statement)
    {
        switch (statement)
        {
            case LabelStatement label:
                EmitLabel(label);
                break;
            case LiteralStatement literal:
                _output.Line(literal.Text);
                break;
            case DataStatement data:
                EmitData(data);
                break;
            case ReserveStatement reserve:
                EmitZeros(reserve.Size, _evaluator.Evaluate(reserve.Count), reserve.Count.Position);
                break;
            case AssignStatement assign:
                _assignments.Emit(assign);
                break;
            case SetFlagStatement set:
                _assignments.SetFlag(set);
                break;
            case OperateStatement operate:
                _code.Operate(operate);
                break;
            case StepStatement step:
                _code.Step(step);
                break;
            case StackStatement stack:
                _code.Stack(stack);
                break;
            case StackAllStatement stack:
                _code.StackAll(stack);
                break;
            case InstructionStatement instruction:
                _code.Instruction(instruction);
                break;
            case TransferStatement transfer:
                _flow.Transfer(transfer);
                break;
            case IfGotoStatement jump:
                _flow.IfGoto(jump);
                break;
            case IfStatement choice:
                _flow.If(choice);
                break;
            case WhileStatement loop:
                _flow.While(loop);
                break;
            case RepeatStatement repeat:
                _flow.Repeat(repeat);
                break;
            case ReturnStatement exit:
                _flow.Return(exit);
                break;
            default:
                throw new InvalidOperationException($"no emitter for {statement.GetType().Name}");
        }
    }

    private void EmitFunction(FunctionStatement function)
    {
        _sections.ForCode();
        string name = SymbolTable.FullName(function.Name);
        _output.Line($"global ${name}:function (${name}.@end - ${name})");
        _output.Label(name);
        _symbols.Function = name;
        try
        {
            _flow.Function(function, name);
            _output.Label(name + ".@end");
        }
        finally
        {
            _symbols.Function = null;
        }
    }

    private void EmitVariable(VariableStatement variable)
    {
        bool isZero = variable.Value is null && variable.Text is null && variable.Data is null;
        _sections.ForData(isZero, variable.Size);
        string name = SymbolTable.FullName(variable.Name);
        _output.Line($"global ${name}:data (${name}.@end - ${name})");
        _output.Label(name);
        if (variable.Data is not null)
        {
            _inVariable = true;
            foreach (Statement inner in variable.Data.Statements)
            {
                Emit(inner);
            }

            _inVariable = false;
            _output.At(variable.Data.End);
        }
        else if (variable.Text is not null)
        {
            _output.Line("db " + Bytes(variable.Text + "\0"));
        }
        else if (variable.Value is not null)
        {
            _output.Line($"{Directive(variable.Size)} {_writer.Immediate(variable.Value, variable.Size, variable.Size)}");
        }
        else
        {
            ExpressionValue count = variable.Count is null ? new ExpressionValue(1, 0, "1") : _evaluator.Evaluate(variable.Count);
            EmitZeros(variable.Size, count, variable.Position);
        }

        _output.Label(name + ".@end");
    }

    private void EmitLabel(LabelStatement label)
    {
        string name = _symbols.LabelName(label);
        if (label.IsExported)
        {
            _output.Line($"global ${name}");
        }

        _output.Label(name);
    }

    private void EmitData(DataStatement data)
    {
        IEnumerable<string> items = data.Items.Select(item =>
            item.Text is not null ? Bytes(item.Text) : _writer.Immediate(item.Value!, data.Size, data.Size));
        _output.Line($"{Directive(data.Size)} {string.Join(", ", items)}");
    }

    private void EmitZeros(int size, ExpressionValue count, SourcePosition position)
    {
        if (count.Addresses != 0)
        {
            throw new StatementException(position, ErrorCode.NotANumber, "expected a number or a difference of two addresses, found an address");
        }

        if (count.Number is { } number && (number < 0 || number > 1 << 30))
        {
            throw new StatementException(position, ErrorCode.ValueOutOfRange, $"expected a count from 0 to {1 << 30}, found {Evaluator.Format(number)}");
        }

        string unit = $"({count.Text}) * {size}";
        _output.Line(_sections.HasBits ? $"times {unit} db 0" : $"resb {unit}");
    }

    private static string Directive(int size) => size switch
    {
        1 => "db",
        2 => "dw",
        4 => "dd",
        8 => "dq",
        _ => throw new ArgumentOutOfRangeException(nameof(size)),
    };

    private static string Bytes(string text) => string.Join(", ", Encoding.UTF8.GetBytes(text));
}
