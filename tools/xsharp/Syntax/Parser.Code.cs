using System.Collections.Generic;
using System.Runtime.CompilerServices;
using XSharp.Text;

namespace XSharp.Syntax;

/// <content>Statements that become instructions.</content>
public sealed partial class Parser
{
    private static readonly Dictionary<string, string> _operations = new()
    {
        ["+"] = "add",
        ["-"] = "sub",
        ["*"] = "imul",
        ["&"] = "and",
        ["|"] = "or",
        ["^"] = "xor",
        ["<<"] = "shl",
        [">>"] = "shr",
        ["<~"] = "rol",
        ["~>"] = "ror",
        ["?="] = "cmp",
        ["?&"] = "test",
    };

    private Statement ParseStack()
    {
        Token sign = _reader.Next();
        bool isPush = sign.IsSymbol("+");
        if (_reader.TryWord("all"))
        {
            return new StackAllStatement(sign.Position, isPush);
        }

        var operands = new List<Operand>();
        do
        {
            operands.Add(_operands.Parse());
        }
        while (_reader.TrySymbol(","));
        return new StackStatement(sign.Position, isPush, operands, _operands.ParseAs());
    }

    /// <summary>A statement that starts with an operand: assignment, arithmetic, comparison, step.</summary>
    private Statement ParseOperation(bool signed, bool locked = false)
    {
        SourcePosition start = _reader.Current.Position;
        Operand destination = _operands.Parse();
        if (_reader.TrySymbol("="))
        {
            return locked ? throw _reader.Unexpected("an operator that reads and writes (+, -, &, |, ^, ++ or --)") : ParseAssignment(start, destination);
        }

        if (_reader.Current.IsSymbol("++") || _reader.Current.IsSymbol("--"))
        {
            bool isIncrement = _reader.Next().IsSymbol("++");
            return new StepStatement(start, isIncrement, destination, _operands.ParseAs(), locked);
        }

        string? mnemonic = null;
        if (_reader.TryWord("xor"))
        {
            mnemonic = "xor";
        }
        else if (_reader.Current.Kind == TokenKind.Symbol && _operations.TryGetValue(_reader.Current.Text, out mnemonic))
        {
            _reader.Next();
        }

        if (mnemonic is null)
        {
            throw _reader.Unexpected("an operator (=, +, -, *, &, |, ^, <<, >>, <~, ~>, ?=, ?&, ++ or --)");
        }

        if (signed)
        {
            mnemonic = mnemonic == "shr"
                ? "sar"
                : throw new StatementException(start, ErrorCode.UnexpectedToken, "expected '>>' in a statement that starts with 'signed', found another operator");
        }

        Operand source = _operands.Parse();
        return new OperateStatement(start, mnemonic, destination, source, _operands.ParseAs(), locked);
    }

    private Statement ParseAssignment(SourcePosition start, Operand destination)
    {
        if (_reader.Current.IsWord("flag"))
        {
            _reader.Next();
            Condition condition = _conditions.Parse();
            return condition is FlagCondition
                ? new SetFlagStatement(start, destination, condition.Code)
                : throw new StatementException(condition.Position, ErrorCode.UnexpectedToken, "expected flags (=, !=, <, carry, not zero, ...), found a comparison");
        }

        Extension extension = _reader.TryWord("signed") ? Extension.Signed : _reader.TryWord("unsigned") ? Extension.Unsigned : Extension.None;
        char operation = '\0';
        Token next = _reader.Peek();
        bool isPrefix = _reader.Current.IsSymbol("~") || _reader.Current.IsSymbol("-");
        if (isPrefix && next.Kind == TokenKind.Word && Register.TryFind(next.Text, out _))
        {
            operation = _reader.Next().Text[0];
        }

        Operand source = _operands.Parse();
        Expression? factor = null;
        if (source is not ImmediateOperand && operation == '\0' && extension == Extension.None && _reader.TrySymbol("*"))
        {
            operation = '*';
            factor = _expressions.Parse();
        }

        int size = _operands.ParseAs();
        string? when = null;
        if (_reader.TryWord("if"))
        {
            Condition condition = _conditions.Parse();
            when = condition is FlagCondition
                ? condition.Code
                : throw new StatementException(condition.Position, ErrorCode.UnexpectedToken, "expected flags (=, !=, <, carry, not zero, ...), found a comparison");
        }

        return new AssignStatement(start, destination, source, size, extension, operation, factor, when);
    }

    private Statement ParseLocked()
    {
        Token keyword = _reader.Next();
        Token token = _reader.Current;
        if (token.Kind == TokenKind.Word && InstructionSet.Contains(token.Text))
        {
            if (!InstructionSet.IsLockable(token.Text))
            {
                throw _reader.Unexpected("an instruction that can be locked");
            }

            return ParseInstruction(keyword.Position, null, true);
        }

        if (!_operands.AtMemory())
        {
            throw _reader.Unexpected("memory or an instruction that can be locked");
        }

        return ParseOperation(false, true);
    }

    private InstructionStatement ParseRepeated()
    {
        Token prefix = _reader.Next();
        Token token = _reader.Current;
        if (token.Kind != TokenKind.Word || !InstructionSet.IsRepeatable(token.Text))
        {
            throw _reader.Unexpected("a string instruction (movsb, stosq, cmpsb, ...)");
        }

        return ParseInstruction(prefix.Position, prefix.Text.ToLowerInvariant(), false);
    }

    private InstructionStatement ParseInstruction(SourcePosition start, string? prefix, bool locked)
    {
        Token name = _reader.Next();
        var operands = new List<Operand>();
        if (_reader.Current.Kind is not (TokenKind.EndOfLine or TokenKind.EndOfFile) && !_reader.Current.IsSymbol("}"))
        {
            do
            {
                operands.Add(_operands.Parse());
            }
            while (_reader.TrySymbol(","));
        }

        if (!InstructionSet.Accepts(name.Text, operands))
        {
            throw new StatementException(
                operands.Count == 0 ? name.Position : operands[0].Position,
                ErrorCode.BadOperand,
                $"expected {InstructionSet.Describe(name.Text)} for '{name.Text}', found {Describe(operands)}");
        }

        return new InstructionStatement(start, name.Text.ToLowerInvariant(), prefix, locked, operands, _operands.ParseAs());
    }

    private static string Describe(List<Operand> operands) =>
        operands.Count == 0 ? "no operand" : string.Join(", ", operands.ConvertAll(OperandDescription.Of));

    private TransferStatement ParseTransfer()
    {
        Token keyword = _reader.Next();
        bool isCall = keyword.IsWord("call");
        if (_reader.TryWord("far"))
        {
            return ParseFarTransfer(keyword, isCall);
        }

        SourcePosition position = _reader.Current.Position;
        bool isName = (_reader.Current.IsSymbol(".") || _reader.Current.IsSymbol(".."))
            || (_reader.Current.Kind == TokenKind.Word && !_operands.AtMemory() && !Register.TryFind(_reader.Current.Text, out _));
        Operand target = isName ? new TargetOperand(position, _expressions.ParseName("a label or a function")) : _operands.Parse();
        if (target is ImmediateOperand or PortOperand or EffectiveAddressOperand)
        {
            throw new StatementException(position, ErrorCode.BadOperand, $"expected a name, a register or memory, found {OperandDescription.Of(target)}");
        }

        return new TransferStatement(keyword.Position, isCall, target, false, null, null, 0);
    }

    private TransferStatement ParseFarTransfer(Token keyword, bool isCall)
    {
        if (_operands.AtMemory())
        {
            return new TransferStatement(keyword.Position, isCall, _operands.ParseMemory(), true, null, null, 0);
        }

        Expression selector = _expressions.Parse();
        _reader.Symbol(":", "':' between selector and offset");
        Expression offset = _expressions.Parse();
        return new TransferStatement(keyword.Position, isCall, null, true, selector, offset, _operands.ParseAs());
    }

    private Statement ParseIf()
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        Token keyword = _reader.Next();
        Condition condition = _conditions.Parse();
        if (_reader.TryWord("goto"))
        {
            return new IfGotoStatement(keyword.Position, condition, _expressions.ParseName("a label or a function"));
        }

        if (_reader.TryWord("return") || _reader.TryWord("exit"))
        {
            return new IfGotoStatement(keyword.Position, condition, null);
        }

        if (!_reader.Current.IsSymbol("{"))
        {
            throw _reader.Unexpected("'goto', 'return' or '{'");
        }

        Block then = ParseBlock();
        Block? otherwise = null;
        if (TryElse())
        {
            otherwise = _reader.Current.IsWord("if") ? ParseElseIf() : ParseBlock();
        }

        return new IfStatement(keyword.Position, condition, then, otherwise);
    }

    /// <summary>Takes <c>else</c> behind a closing brace, on its line or the next.</summary>
    private bool TryElse()
    {
        if (_reader.Current.Kind == TokenKind.EndOfLine && _reader.Peek().IsWord("else"))
        {
            _reader.Next();
        }

        return _reader.TryWord("else");
    }

    private Block ParseElseIf()
    {
        Statement inner = ParseIf();
        return new Block([inner], _reader.Current.Position);
    }

    private WhileStatement ParseWhile()
    {
        Token keyword = _reader.Next();
        Condition condition = _conditions.Parse();
        return new WhileStatement(keyword.Position, condition, ParseBlock());
    }

    private RepeatStatement ParseRepeat()
    {
        Token keyword = _reader.Next();
        Expression count = _expressions.Parse();
        _reader.Word("times");
        string? counter = _reader.TryWord("as") ? _reader.Of(TokenKind.Word, "the name of the counter").Text : null;
        return new RepeatStatement(keyword.Position, count, counter, ParseBlock());
    }
}
