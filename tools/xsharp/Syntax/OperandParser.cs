using System;
using System.Collections.Generic;
using XSharp.Text;

namespace XSharp.Syntax;

/// <summary>Reads operands: registers, memory, ports, values.</summary>
public sealed class OperandParser(TokenReader reader, ExpressionParser expressions)
{
    private const string Expected = "an operand (register, [memory], .Variable, Port[...], number, #Constant or @Name)";

    /// <summary>Bytes of a size keyword: byte, word, dword, qword, oword; 0 for any other word.</summary>
    public static int SizeOf(Token token) => token.Kind != TokenKind.Word ? 0 : token.Text.ToLowerInvariant() switch
    {
        "byte" => 1,
        "word" => 2,
        "dword" => 4,
        "qword" => 8,
        "oword" => 16,
        _ => 0,
    };

    /// <summary>True when the token at hand starts memory: <c>[</c>, a size, a variable, a segment override or a register with an offset.</summary>
    public bool AtMemory()
    {
        Token token = reader.Current;
        Token next = reader.Peek();
        if (token.IsSymbol("[") || token.IsSymbol(".") || token.IsSymbol(".."))
        {
            return true;
        }

        if (token.Kind != TokenKind.Word)
        {
            return false;
        }

        if (Register.TryFind(token.Text, out Register register))
        {
            return register.Class == RegisterClass.Segment ? next.IsSymbol(":") : next.IsSymbol("[");
        }

        return SizeOf(token) != 0
            && (next.IsSymbol("[") || next.IsSymbol(".") || next.IsSymbol("..") || (next.Kind == TokenKind.Word && Register.TryFind(next.Text, out _)));
    }

    /// <summary>Reads <c>as qword</c>; 0 when it is not there.</summary>
    public int ParseAs()
    {
        if (!reader.TryWord("as"))
        {
            return 0;
        }

        return ParseSize();
    }

    /// <summary>Reads a size keyword.</summary>
    public int ParseSize()
    {
        int size = SizeOf(reader.Current);
        if (size == 0)
        {
            throw reader.Unexpected("a size (byte, word, dword, qword or oword)");
        }

        reader.Next();
        return size;
    }

    /// <summary>Reads any operand.</summary>
    public Operand Parse()
    {
        Token token = reader.Current;
        if (AtMemory())
        {
            return ParseMemory();
        }

        if (token.IsSymbol("@") && reader.Peek() is { } next && (next.IsSymbol("[") || (next.Kind == TokenKind.Word && Register.TryFind(next.Text, out _))))
        {
            reader.Next();
            return new EffectiveAddressOperand(token.Position, ParseMemory());
        }

        if (token.IsWord("port") && reader.Peek().IsSymbol("["))
        {
            return ParsePort();
        }

        if (token.Kind == TokenKind.Word && Register.TryFind(token.Text, out Register register))
        {
            reader.Next();
            return new RegisterOperand(token.Position, register);
        }

        if (expressions.CanStart())
        {
            return new ImmediateOperand(token.Position, expressions.Parse());
        }

        throw reader.Unexpected(Expected);
    }

    private PortOperand ParsePort()
    {
        Token port = reader.Next();
        reader.Symbol("[");
        Expression? number = null;
        if (!reader.TryWord("dx"))
        {
            number = expressions.CanStart() ? expressions.Parse() : throw reader.Unexpected("DX or a port number from 0 to 255");
        }

        reader.Symbol("]");
        return new PortOperand(port.Position, number);
    }

    /// <summary>Reads memory, with its size and segment if they are there.</summary>
    public MemoryOperand ParseMemory()
    {
        Token first = reader.Current;
        int size = SizeOf(first);
        if (size != 0)
        {
            reader.Next();
        }

        if (reader.Current.IsSymbol(".") || reader.Current.IsSymbol(".."))
        {
            return ParseVariable(first, size);
        }

        Register? segment = null;
        if (reader.Current.Kind == TokenKind.Word && Register.TryFind(reader.Current.Text, out Register register))
        {
            Token word = reader.Next();
            if (register.Class != RegisterClass.Segment)
            {
                return ParseRegisterOffset(first, size, word, register);
            }

            reader.Symbol(":");
            segment = register;
        }

        reader.Symbol("[", "'[' of a memory operand");
        var parts = new AddressParts();
        ParseTerms(parts);
        reader.Symbol("]", "'+', '-' or ']'");
        return parts.Build(first.Position, size, segment);
    }

    private MemoryOperand ParseVariable(Token first, int size)
    {
        SourcePosition position = reader.Current.Position;
        SymbolName name = expressions.ParseName("the name of a variable");
        Expression address = new AddressExpression(position, name);
        if (reader.TrySymbol("["))
        {
            address = new BinaryExpression(position, "+", address, expressions.Parse());
            reader.Symbol("]");
        }

        return new MemoryOperand(first.Position, size, null, null, null, null, address, name);
    }

    /// <summary>The form that X# has had from the start: <c>ESP[4]</c>, <c>EBP[-8]</c>.</summary>
    private MemoryOperand ParseRegisterOffset(Token first, int size, Token word, Register register)
    {
        RequireAddressRegister(word, register);
        reader.Symbol("[", "'[' of a memory operand");
        var parts = new AddressParts { Base = register };
        ParseTerms(parts);
        reader.Symbol("]", "'+', '-' or ']'");
        return parts.Build(first.Position, size, null);
    }

    private void ParseTerms(AddressParts parts)
    {
        bool negative = reader.TrySymbol("-");
        while (true)
        {
            ParseTerm(parts, negative);
            if (reader.TrySymbol("+"))
            {
                negative = false;
            }
            else if (reader.TrySymbol("-"))
            {
                negative = true;
            }
            else
            {
                return;
            }
        }
    }

    private void ParseTerm(AddressParts parts, bool negative)
    {
        Token token = reader.Current;
        if (token.Kind == TokenKind.Word && Register.TryFind(token.Text, out Register register))
        {
            reader.Next();
            RequireAddressRegister(token, register);
            if (negative)
            {
                throw new StatementException(token.Position, ErrorCode.BadOperand, $"expected a number after '-', found the register '{token.Text}'");
            }

            Expression? scale = reader.TrySymbol("*") ? expressions.ParseProduct() : null;
            parts.AddRegister(token, register, scale);
            return;
        }

        if (!expressions.CanStart())
        {
            throw reader.Unexpected("a register, a number, #Constant or @Name");
        }

        parts.AddDisplacement(expressions.ParseProduct(), negative);
    }

    private static void RequireAddressRegister(Token token, Register register)
    {
        if (register.Class != RegisterClass.General || register.Size == 1)
        {
            throw new StatementException(token.Position, ErrorCode.BadOperand, $"expected a 16-, 32- or 64-bit general register in an address, found '{token.Text}'");
        }
    }

    private sealed class AddressParts
    {
        public Register? Base { get; set; }

        private Register? _index;
        private Expression? _scale;
        private Expression? _displacement;

        public void AddRegister(Token token, Register register, Expression? scale)
        {
            if (scale is null && Base is null)
            {
                Base = register;
            }
            else if (_index is null)
            {
                _index = register;
                _scale = scale;
            }
            else if (_scale is null && scale is not null && Base is null)
            {
                (Base, _index, _scale) = (_index, register, scale);
            }
            else
            {
                throw new StatementException(token.Position, ErrorCode.BadOperand, $"expected at most a base and an index register, found '{token.Text}' as a third");
            }
        }

        public void AddDisplacement(Expression value, bool negative)
        {
            if (_displacement is null)
            {
                _displacement = negative ? new UnaryExpression(value.Position, '-', value) : value;
            }
            else
            {
                _displacement = new BinaryExpression(value.Position, negative ? "-" : "+", _displacement, value);
            }
        }

        public MemoryOperand Build(SourcePosition position, int size, Register? segment) =>
            new(position, size, segment, Base, _index, _scale, _displacement, null);
    }
}
