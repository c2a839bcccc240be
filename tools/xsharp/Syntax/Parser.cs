using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using XSharp.Text;

namespace XSharp.Syntax;

/// <summary>Reads one file into statements. A statement with an error is reported and left out, and reading goes on behind it.</summary>
public sealed partial class Parser
{
    private readonly TokenReader _reader;
    private readonly ExpressionParser _expressions;
    private readonly OperandParser _operands;
    private readonly ConditionParser _conditions;
    private readonly DiagnosticBag _diagnostics;
    private readonly IParserHost _host;
    private string _namespace = "";
    private int _depth;

    private Parser(IReadOnlyList<Token> tokens, IParserHost host, DiagnosticBag diagnostics)
    {
        _reader = new TokenReader(tokens);
        _expressions = new ExpressionParser(_reader, () => _namespace);
        _operands = new OperandParser(_reader, _expressions);
        _conditions = new ConditionParser(_reader, _operands);
        _host = host;
        _diagnostics = diagnostics;
    }

    /// <summary>Reads the statements of a file; constants and included files go to <paramref name="host"/>.</summary>
    public static IReadOnlyList<Statement> Parse(IReadOnlyList<Token> tokens, IParserHost host, DiagnosticBag diagnostics)
    {
        var parser = new Parser(tokens, host, diagnostics);
        var statements = new List<Statement>();
        while (parser._reader.Current.Kind != TokenKind.EndOfFile)
        {
            parser.ReadStatement(statements);
            if (parser._reader.Current.IsSymbol("}"))
            {
                diagnostics.Report(parser._reader.Unexpected("a statement").Diagnostic);
                parser._reader.Next();
            }
        }

        return statements;
    }

    private void ReadStatement(List<Statement> into)
    {
        if (_reader.Current.Kind == TokenKind.EndOfLine)
        {
            _reader.Next();
            return;
        }

        try
        {
            Statement? statement = ParseStatement(into);
            if (statement is not null)
            {
                into.Add(statement);
            }

            EndStatement(statement);
        }
        catch (StatementException error)
        {
            _diagnostics.Report(error.Diagnostic);
            Recover();
        }
        catch (InsufficientExecutionStackException)
        {
            _diagnostics.Report(_reader.Current.Position, ErrorCode.TooDeep, "expected a program that is nested less deeply, found too many levels");
            _reader.SkipAll();
        }
    }

    private void EndStatement(Statement? statement)
    {
        if (_reader.Current.Kind == TokenKind.EndOfLine)
        {
            _reader.Next();
        }
        else if (statement is not LabelStatement && !_reader.Current.IsSymbol("}") && _reader.Current.Kind != TokenKind.EndOfFile)
        {
            throw _reader.Unexpected("end of line");
        }
    }

    /// <summary>Skips the rest of a bad statement. When it opened a block, the block's statements are still read, for their own errors.</summary>
    private void Recover()
    {
        do
        {
            while (_reader.Current.Kind is not (TokenKind.EndOfLine or TokenKind.EndOfFile) && !_reader.Current.IsSymbol("{") && !_reader.Current.IsSymbol("}"))
            {
                _reader.Next();
            }

            if (_reader.Current.Kind == TokenKind.EndOfLine && _reader.Peek().IsSymbol("{"))
            {
                _reader.Next();
            }

            if (!_reader.Current.IsSymbol("{"))
            {
                return;
            }

            try
            {
                ParseBlock();
            }
            catch (StatementException error)
            {
                _diagnostics.Report(error.Diagnostic);
            }
        }
        while (TryElse());
    }

    private Block ParseBlock()
    {
        Token open = _reader.Symbol("{");
        var statements = new List<Statement>();
        RuntimeHelpers.EnsureSufficientExecutionStack();
        _depth++;
        while (!_reader.Current.IsSymbol("}") && _reader.Current.Kind != TokenKind.EndOfFile)
        {
            ReadStatement(statements);
        }

        _depth--;
        if (_reader.Current.Kind == TokenKind.EndOfFile)
        {
            throw new StatementException(_reader.Current.Position, ErrorCode.UnclosedBlock, $"expected '}}' for the '{{' in line {open.Position.Line}, found end of file");
        }

        return new Block(statements, _reader.Next().Position);
    }

    private Statement? ParseStatement(List<Statement> into)
    {
        Token token = _reader.Current;
        if (token.Kind == TokenKind.Literal)
        {
            _reader.Next();
            return new LiteralStatement(token.Position, token.Text);
        }

        if (token.IsSymbol("+") || token.IsSymbol("-"))
        {
            return ParseStack();
        }

        if (AtLabel())
        {
            SymbolName name = _expressions.ParseName("the name of a label");
            _reader.Symbol(":");
            return new LabelStatement(token.Position, name, false);
        }

        if (AtDirectCall())
        {
            return ParseDirectCall();
        }

        bool isPort = token.IsWord("port") && _reader.Peek().IsSymbol("[");
        if (token.Kind == TokenKind.Word && !isPort && !_operands.AtMemory() && !Register.TryFind(token.Text, out _))
        {
            return ParseWordStatement(token, into);
        }

        return ParseOperation(false);
    }

    private bool AtLabel()
    {
        int at = _reader.Current.IsSymbol(".") || _reader.Current.IsSymbol("..") ? 1 : 0;
        Token word = _reader.Peek(at);
        bool isSegment = Register.TryFind(word.Text, out _);
        return word.Kind == TokenKind.Word && _reader.Peek(at + 1).IsSymbol(":") && !isSegment;
    }

    private bool AtDirectCall()
    {
        int at = _reader.Current.IsSymbol(".") || _reader.Current.IsSymbol("..") ? 1 : 0;
        return _reader.Peek(at).Kind == TokenKind.Word && _reader.Peek(at + 1).IsSymbol("(") && _reader.Peek(at + 2).IsSymbol(")");
    }

    private TransferStatement ParseDirectCall()
    {
        SourcePosition start = _reader.Current.Position;
        SymbolName name = _expressions.ParseName("the name of a function");
        _reader.Symbol("(");
        _reader.Symbol(")");
        return new TransferStatement(start, true, new TargetOperand(start, name), false, null, null, 0);
    }

    private Statement? ParseWordStatement(Token token, List<Statement> into)
    {
        switch (token.Text.ToLowerInvariant())
        {
            case "namespace":
                _reader.Next();
                RequireOutside(token);
                _namespace = _reader.Of(TokenKind.Word, "the name of a namespace").Text;
                return null;
            case "include":
                _reader.Next();
                RequireOutside(token);
                into.AddRange(_host.Include(_reader.Of(TokenKind.String, "a file name in quotes")));
                return null;
            case "const":
                ParseConstant();
                return null;
            case "function":
            case "interrupt":
                return ParseFunction();
            case "var":
                return ParseVariable();
            case "export":
                return ParseExport();
            case "extern":
                return ParseExtern();
            case "bits":
                return ParseBits();
            case "section":
                return ParseSection();
            case "align":
                _reader.Next();
                return new AlignStatement(token.Position, _expressions.Parse());
            case "reserve":
                return ParseReserve();
            case "byte" or "word" or "dword" or "qword":
                return ParseData();
            case "if":
                return ParseIf();
            case "while":
                return ParseWhile();
            case "repeat":
                return ParseRepeat();
            case "goto":
            case "call":
                return ParseTransfer();
            case "return":
            case "exit":
                _reader.Next();
                return new ReturnStatement(token.Position);
            case "lock":
                return ParseLocked();
            case "signed":
                _reader.Next();
                return ParseOperation(true);
            case "rep" or "repe" or "repz" or "repne" or "repnz":
                return ParseRepeated();
            case string name when InstructionSet.Contains(name):
                return ParseInstruction(token.Position, null, false);
            default:
                throw _reader.Unexpected("a statement (a keyword, an instruction, an operand or a call with '()')");
        }
    }

    private void RequireOutside(Token token)
    {
        if (_depth != 0)
        {
            throw new StatementException(token.Position, ErrorCode.MisplacedStatement, $"expected '{token.Text}' outside functions and blocks, found it inside one");
        }
    }
}
