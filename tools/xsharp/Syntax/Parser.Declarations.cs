using System.Collections.Generic;
using XSharp.Text;

namespace XSharp.Syntax;

/// <content>Declarations, directives and data.</content>
public sealed partial class Parser
{
    private FunctionStatement ParseFunction()
    {
        Token keyword = _reader.Next();
        RequireOutside(keyword);
        SymbolName name = _expressions.ParseName("the name of a function");
        bool isNaked = _reader.TryWord("naked");
        return new FunctionStatement(keyword.Position, name, keyword.IsWord("interrupt"), isNaked, ParseBlock());
    }

    private void ParseConstant()
    {
        _reader.Next();
        Token name = _reader.Of(TokenKind.Word, "the name of a constant");
        Expression value = new NumberExpression(name.Position, 0);
        try
        {
            _reader.Symbol("=");
            value = _expressions.Parse();
        }
        finally
        {
            // A constant with a bad value still exists, so that its uses are not errors too.
            _host.DefineConstant(name, _namespace, value);
        }
    }

    private VariableStatement ParseVariable()
    {
        Token keyword = _reader.Next();
        RequireOutside(keyword);
        SymbolName name = _expressions.ParseName("the name of a variable");
        if (_reader.Current.IsSymbol("{"))
        {
            return new VariableStatement(keyword.Position, name, 1, null, null, null, ParseBlock());
        }

        if (_reader.TrySymbol("="))
        {
            if (_reader.Current.Kind == TokenKind.String)
            {
                return new VariableStatement(keyword.Position, name, 1, null, null, _reader.Next().Text, null);
            }

            Expression value = _expressions.Parse();
            int valueSize = _operands.ParseAs();
            return new VariableStatement(keyword.Position, name, valueSize == 0 ? 4 : valueSize, null, value, null, null);
        }

        int size = OperandParser.SizeOf(_reader.Current);
        if (size == 0)
        {
            return new VariableStatement(keyword.Position, name, 4, null, null, null, null);
        }

        _reader.Next();
        Expression? count = null;
        if (_reader.TrySymbol("["))
        {
            count = _expressions.Parse();
            _reader.Symbol("]");
        }

        return new VariableStatement(keyword.Position, name, size, count, null, null, null);
    }

    private LabelStatement ParseExport()
    {
        Token keyword = _reader.Next();
        SymbolName name = _expressions.ParseName("the name of a label");
        _reader.Symbol(":");
        return new LabelStatement(keyword.Position, name with { Dots = name.Dots == 2 ? 2 : 1 }, true);
    }

    private ExternStatement ParseExtern()
    {
        Token keyword = _reader.Next();
        var names = new List<string>();
        do
        {
            names.Add(_expressions.ParseName("the name of an outside symbol").Text);
        }
        while (_reader.TrySymbol(","));
        return new ExternStatement(keyword.Position, names);
    }

    private BitsStatement ParseBits()
    {
        Token keyword = _reader.Next();
        Token number = _reader.Current;
        if (number.Kind != TokenKind.Integer || (number.Value != 16 && number.Value != 32 && number.Value != 64))
        {
            throw _reader.Unexpected("16, 32 or 64");
        }

        _reader.Next();
        return new BitsStatement(keyword.Position, (int)number.Value);
    }

    private SectionStatement ParseSection()
    {
        Token keyword = _reader.Next();
        RequireOutside(keyword);
        if (_reader.Current.Kind is TokenKind.EndOfLine or TokenKind.EndOfFile)
        {
            return new SectionStatement(keyword.Position, null, null);
        }

        string name = _reader.Of(TokenKind.String, "the name of a section in quotes, or end of line").Text;
        if (_reader.Current.Kind is TokenKind.EndOfLine or TokenKind.EndOfFile)
        {
            return new SectionStatement(keyword.Position, name, null);
        }

        var attributes = new SectionAttributes(false, false, true, true, false, null);
        while (_reader.Current.Kind is not (TokenKind.EndOfLine or TokenKind.EndOfFile))
        {
            attributes = ParseSectionAttribute(attributes);
        }

        return new SectionStatement(keyword.Position, name, attributes);
    }

    private SectionAttributes ParseSectionAttribute(SectionAttributes attributes)
    {
        if (_reader.TryWord("exec"))
        {
            return attributes with { Executable = true };
        }

        if (_reader.TryWord("write"))
        {
            return attributes with { Writable = true };
        }

        if (_reader.TryWord("read"))
        {
            return attributes;
        }

        if (_reader.TryWord("nobits"))
        {
            return attributes with { HasBits = false };
        }

        if (_reader.TryWord("noload"))
        {
            return attributes with { Allocated = false };
        }

        if (_reader.TryWord("note"))
        {
            return attributes with { IsNote = true };
        }

        if (_reader.TryWord("align"))
        {
            return attributes with { Alignment = _expressions.Parse() };
        }

        throw _reader.Unexpected("a section attribute (exec, write, read, nobits, noload, note or align N)");
    }

    private ReserveStatement ParseReserve()
    {
        Token keyword = _reader.Next();
        int size = _operands.ParseSize();
        _reader.Symbol("[");
        Expression count = _expressions.Parse();
        _reader.Symbol("]");
        return new ReserveStatement(keyword.Position, size, count);
    }

    private DataStatement ParseData()
    {
        Token keyword = _reader.Current;
        int size = _operands.ParseSize();
        var items = new List<DataItem>();
        do
        {
            while (items.Count != 0 && _reader.Current.Kind == TokenKind.EndOfLine)
            {
                _reader.Next();
            }

            items.Add(ParseDataItem(size));
        }
        while (_reader.TrySymbol(","));
        return new DataStatement(keyword.Position, size, items);
    }

    private DataItem ParseDataItem(int size)
    {
        Token token = _reader.Current;
        if (token.Kind == TokenKind.String && size == 1)
        {
            _reader.Next();
            return new DataItem(token.Position, null, token.Text);
        }

        return new DataItem(token.Position, _expressions.Parse(), null);
    }
}
