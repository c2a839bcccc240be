using System;
using System.Collections.Generic;
using System.Linq;
using XSharp.Syntax;
using XSharp.Text;

namespace XSharp.Emit;

/// <summary>Emits everything that moves the instruction pointer: jumps, calls, conditions, loops, returns.</summary>
public sealed class FlowEmitter(Output output, OperandWriter writer, Evaluator evaluator, ConstantTable constants, SymbolTable symbols, CodeEmitter code)
{
    private static readonly HashSet<string> _endings = new(StringComparer.Ordinal)
    {
        "ret", "retf", "iret", "iretd", "iretq", "sysret", "sysretl", "sysretq", "sysexit", "sysexitq", "ud2", "rsm",
    };

    private FunctionStatement? _function;
    private string? _exitLabel;
    private bool _exitIsOwn;
    private bool _exitUsed;
    private int _labels;

    /// <summary>Emits one statement of a block.</summary>
    public required Action<Statement> EmitStatement { get; init; }

    /// <summary>Emits a function's statements and its return.</summary>
    /// <param name="function">The function.</param>
    /// <param name="name">Its name in the object file.</param>
    public void Function(FunctionStatement function, string name)
    {
        _function = function;
        LabelStatement? own = Labels(function.Body.Statements).FirstOrDefault(l => l.Name.Dots == 0 && string.Equals(l.Name.Text, "exit", StringComparison.OrdinalIgnoreCase));
        _exitIsOwn = own is not null;
        _exitLabel = $"{name}.{own?.Name.Text ?? "@exit"}";
        _exitUsed = false;
        Statements(function.Body);
        output.At(function.Body.End);
        if (_exitUsed && !_exitIsOwn)
        {
            output.Label(_exitLabel);
        }

        bool falls = function.Body.Statements.Count == 0 || FallsThrough(function.Body.Statements[^1]);
        if (!function.IsNaked && (falls || (_exitUsed && !_exitIsOwn)))
        {
            output.Line(Return());
        }

        _function = null;
    }

    /// <summary><c>return</c>: to the function's own exit label when it has one, or a return instruction at once.</summary>
    public void Return(ReturnStatement statement)
    {
        RequireFunction(statement.Position, "return");
        output.Line(_exitIsOwn ? $"jmp ${_exitLabel}" : Return());
    }

    /// <summary><c>goto</c> and calls.</summary>
    public void Transfer(TransferStatement statement)
    {
        string mnemonic = statement.IsCall ? "call" : "jmp";
        if (statement.IsFar)
        {
            output.Line(statement.Target is MemoryOperand far ? FarIndirect(mnemonic, far) : FarDirect(mnemonic, statement));
            return;
        }

        switch (statement.Target)
        {
            case TargetOperand target:
                output.Line($"{mnemonic} ${Target(target.Name)}");
                break;
            case RegisterOperand register:
                CodeEmitter.RequireReadable(register);
                if (register.Register.Size != writer.WordSize)
                {
                    throw code.SizeMismatch(register, writer.WordSize);
                }

                output.Line($"{mnemonic} {writer.Register(register)}");
                break;
            case MemoryOperand memory:
                int size = memory.Size != 0 ? memory.Size : writer.WordSize;
                output.Line($"{mnemonic} {writer.Memory(memory, size)}");
                break;
            default:
                throw new StatementException(statement.Position, ErrorCode.BadOperand, "expected a name, a register or memory, found something else");
        }
    }

    /// <summary><c>if ... goto</c> and <c>if ... return</c>.</summary>
    public void IfGoto(IfGotoStatement statement)
    {
        if (statement.Target is null)
        {
            RequireFunction(statement.Position, "return");
        }

        if (Constant(statement.Condition) is { } known)
        {
            if (known)
            {
                if (statement.Target is null)
                {
                    Return(new ReturnStatement(statement.Position));
                }
                else
                {
                    output.Line($"jmp ${Target(statement.Target)}");
                }
            }

            return;
        }

        Test(statement.Condition);
        output.Line($"j{statement.Condition.Code} ${(statement.Target is null ? Exit(statement.Position) : Target(statement.Target))}");
    }

    /// <summary><c>if</c> with a block; a condition between constants is decided now and leaves no instruction.</summary>
    public void If(IfStatement statement)
    {
        if (Constant(statement.Condition) is { } known)
        {
            Block? chosen = known ? statement.Then : statement.Else;
            if (chosen is not null)
            {
                Statements(chosen);
            }

            return;
        }

        Test(statement.Condition);
        string end = NewLabel();
        output.Line($"j{ConditionCode.Invert(statement.Condition.Code)} ${end}");
        Statements(statement.Then);
        output.At(statement.Then.End);
        if (statement.Else is not null)
        {
            string otherwise = end;
            end = NewLabel();
            if (statement.Then.Statements.Count == 0 || FallsThrough(statement.Then.Statements[^1]))
            {
                output.Line($"jmp ${end}");
            }

            output.Label(otherwise);
            Statements(statement.Else);
            output.At(statement.Else.End);
        }

        output.Label(end);
    }

    /// <summary><c>while</c>.</summary>
    public void While(WhileStatement statement)
    {
        bool? known = Constant(statement.Condition);
        if (known == false)
        {
            return;
        }

        string begin = NewLabel();
        string end = NewLabel();
        output.Label(begin);
        if (known is null)
        {
            Test(statement.Condition);
            output.Line($"j{ConditionCode.Invert(statement.Condition.Code)} ${end}");
        }

        Statements(statement.Body);
        output.At(statement.Body.End);
        output.Line($"jmp ${begin}");
        output.Label(end);
    }

    /// <summary><c>repeat</c>: the body again and again.</summary>
    public void Repeat(RepeatStatement statement)
    {
        int count = evaluator.Number(statement.Count, 0, 1 << 20, "a count");
        if (Labels(statement.Body.Statements).FirstOrDefault() is { } label && count > 1)
        {
            throw new StatementException(label.Position, ErrorCode.MisplacedStatement, $"expected no label in a repeated block, found '{label.Name.Text}'");
        }

        if (statement.Counter is { } name && constants.Contains(name))
        {
            throw new StatementException(statement.Position, ErrorCode.DuplicateName, $"expected a new name for the counter, found '{name}', which is a constant");
        }

        for (int at = 0; at < count; at++)
        {
            if (statement.Counter is not null)
            {
                constants.SetCounter(statement.Counter, new NumberExpression(statement.Position, at));
            }

            Statements(statement.Body);
        }

        if (statement.Counter is not null)
        {
            constants.RemoveCounter(statement.Counter);
        }
    }

    /// <summary>All labels in statements, blocks included.</summary>
    public static IEnumerable<LabelStatement> Labels(IEnumerable<Statement> statements) => statements.SelectMany(statement => statement switch
    {
        LabelStatement label => [label],
        IfStatement choice => Labels(choice.Then.Statements).Concat(Labels(choice.Else?.Statements ?? [])),
        WhileStatement loop => Labels(loop.Body.Statements),
        RepeatStatement repeat => Labels(repeat.Body.Statements),
        _ => [],
    });

    private void Statements(Block block)
    {
        foreach (Statement statement in block.Statements)
        {
            EmitStatement(statement);
        }
    }

    private void Test(Condition condition)
    {
        if (condition is CompareCondition compare)
        {
            output.Line(code.Binary(compare.Operator.EndsWith("?&", StringComparison.Ordinal) ? "test" : "cmp", compare.Left, compare.Right, compare.Size));
        }
    }

    /// <summary>The truth of a condition between two numbers, or null when only the processor can tell.</summary>
    private bool? Constant(Condition condition)
    {
        if (condition is not CompareCondition { Left: ImmediateOperand left, Right: ImmediateOperand right } compare)
        {
            return null;
        }

        Int128 a = evaluator.Number(left.Value);
        Int128 b = evaluator.Number(right.Value);
        return compare.Code switch
        {
            "e" => a == b,
            "ne" => a != b,
            "b" or "l" or "nae" or "nge" => a < b,
            "be" or "le" or "na" or "ng" => a <= b,
            "a" or "g" or "nbe" or "nle" => a > b,
            "ae" or "ge" or "nb" or "nl" => a >= b,
            "nz" => (a & b) != 0,
            "z" => (a & b) == 0,
            _ => throw new InvalidOperationException(),
        };
    }

    private bool FallsThrough(Statement statement) => statement switch
    {
        TransferStatement transfer => transfer.IsCall,
        ReturnStatement => false,
        InstructionStatement instruction => !_endings.Contains(instruction.Name),
        IfStatement { Else: { } otherwise } choice => Falls(choice.Then) || Falls(otherwise),
        _ => true,
    };

    private bool Falls(Block block) => block.Statements.Count == 0 || FallsThrough(block.Statements[^1]);

    private string FarIndirect(string mnemonic, MemoryOperand memory)
    {
        string prefix = memory.Size switch
        {
            0 => writer.Bits == 64 ? "o64 " : "",
            2 => "o16 ",
            4 => writer.Bits == 64 ? "" : "o32 ",
            8 when writer.Bits == 64 => "o64 ",
            _ => throw code.SizeMismatch(memory, writer.WordSize),
        };
        return $"{prefix}{mnemonic} far {writer.Memory(memory, 0)}";
    }

    private string FarDirect(string mnemonic, TransferStatement statement)
    {
        if (writer.Bits == 64)
        {
            throw new StatementException(statement.Position, ErrorCode.NotInThisMode, "expected memory for a far transfer in 64-bit mode, found a selector and an offset");
        }

        int size = statement.Size == 0 ? writer.WordSize : statement.Size;
        if (size is not (2 or 4))
        {
            throw new StatementException(statement.Position, ErrorCode.SizeMismatch, $"expected 'word' or 'dword' after 'as', found '{OperandDescription.Size(size)}'");
        }

        string selector = writer.Immediate(statement.Selector!, 2, 2);
        return $"{mnemonic} {OperandDescription.Size(size)} {selector}:{writer.Immediate(statement.Offset!, size, size)}";
    }

    private string Return() => _function is { IsInterrupt: true } ? InstructionSet.Spell("iret", writer.Bits) : "ret";

    private string Exit(SourcePosition position)
    {
        if (_function is { IsNaked: true } && !_exitIsOwn)
        {
            throw new StatementException(position, ErrorCode.MisplacedStatement, "expected 'goto' in a naked function without an Exit label, found 'return'");
        }

        _exitUsed = true;
        return _exitLabel!;
    }

    /// <summary>A jump's target; <c>goto Exit</c> works in every function, as X# publishes it.</summary>
    private string Target(SymbolName name)
    {
        bool isExit = _function is not null && name.Dots == 0 && string.Equals(name.Text, "exit", StringComparison.OrdinalIgnoreCase);
        if (isExit && !symbols.IsFunctionLabel(name))
        {
            return Exit(_function!.Position);
        }

        return symbols.Resolve(name);
    }

    private void RequireFunction(SourcePosition position, string what)
    {
        if (_function is null)
        {
            throw new StatementException(position, ErrorCode.MisplacedStatement, $"expected '{what}' inside a function, found it outside");
        }
    }

    private string NewLabel() => $"{symbols.Function ?? "_xs"}.@{++_labels}";
}
