using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using XSharp.Text;

namespace XSharp.Syntax;

/// <summary>
/// Cuts the text of one file into tokens. X# is a language of lines, so the ends of lines that hold
/// something are tokens too; empty lines and comments leave no trace.
/// </summary>
public sealed class Tokenizer
{
    private static readonly string[] _symbols =
    [
        "..", "++", "--", "?=", "?&", "<<", ">>", "<~", "~>", "<=", ">=", "!=", "==",
        "{", "}", "[", "]", "(", ")", ",", ":", ".", "@", "#", "=", "+", "-", "*", "/", "%", "&", "|", "^", "~", "<", ">", "!",
    ];

    private readonly string _file;
    private readonly DiagnosticBag _diagnostics;
    private readonly List<Token> _tokens = [];
    private string _line = "";
    private int _lineNumber;
    private int _at;
    private int _end;
    private bool _space;

    private Tokenizer(string file, DiagnosticBag diagnostics)
    {
        _file = file;
        _diagnostics = diagnostics;
    }

    /// <summary>Reads a whole file; errors are reported and the offending characters skipped.</summary>
    /// <param name="file">Name for positions.</param>
    /// <param name="text">Contents; line ends may be LF or CR LF, a byte order mark is ignored.</param>
    /// <param name="diagnostics">Receives the errors.</param>
    public static IReadOnlyList<Token> Read(string file, string text, DiagnosticBag diagnostics)
    {
        var tokenizer = new Tokenizer(file, diagnostics);
        foreach (string line in text.TrimStart('\uFEFF').Split('\n'))
        {
            tokenizer.ReadLine(line.TrimEnd('\r'));
        }

        tokenizer._at = tokenizer._line.Length;
        tokenizer.Add(TokenKind.EndOfFile, "", 0, tokenizer._at);
        return tokenizer._tokens;
    }

    private void ReadLine(string line)
    {
        _line = line;
        _lineNumber++;
        _at = 0;
        int before = _tokens.Count;
        if (ReadLiteral())
        {
            Add(TokenKind.EndOfLine, "", 0, line.Length);
            return;
        }

        while (true)
        {
            _space = SkipSpace();
            if (_at >= line.Length || line.AsSpan(_at).StartsWith("//"))
            {
                break;
            }

            ReadToken();
            _end = _at;
        }

        if (_tokens.Count != before)
        {
            Add(TokenKind.EndOfLine, "", 0, _end);
        }
    }

    private bool ReadLiteral()
    {
        SkipSpace();
        ReadOnlySpan<char> rest = _line.AsSpan(_at);
        int mark = rest.StartsWith("//!") ? 3 : rest.StartsWith("!") ? 1 : 0;
        if (mark == 0)
        {
            return false;
        }

        int start = _at;
        Add(TokenKind.Literal, rest[mark..].Trim().ToString(), 0, start);
        return true;
    }

    private bool SkipSpace()
    {
        int start = _at;
        while (_at < _line.Length && char.IsWhiteSpace(_line[_at]))
        {
            _at++;
        }

        return _at != start || _at == 0;
    }

    private void ReadToken()
    {
        char first = _line[_at];
        if (char.IsAsciiLetter(first) || first == '_')
        {
            int start = _at;
            SkipName();
            Add(TokenKind.Word, _line[start.._at], 0, start);
        }
        else if (char.IsAsciiDigit(first) || first == '$')
        {
            ReadNumber();
        }
        else if (first is '\'' or '"')
        {
            ReadString(first);
        }
        else
        {
            ReadSymbol();
        }
    }

    private void SkipName()
    {
        while (_at < _line.Length && (char.IsAsciiLetterOrDigit(_line[_at]) || _line[_at] == '_'))
        {
            _at++;
        }
    }

    private void ReadNumber()
    {
        int start = _at;
        if (_line[_at] == '$')
        {
            _at++;
        }

        SkipName();
        string text = _line[start.._at];
        if (TryParseNumber(text, out Int128 value))
        {
            Add(TokenKind.Integer, text, value, start);
            return;
        }

        Report(start, ErrorCode.BadNumber, $"expected a number of at most 64 bits (10, $FF, 0xFF or 0b101, with _ between digits), found '{text}'");
        Add(TokenKind.Integer, text, 0, start);
    }

    /// <summary>Reads a number as X# writes it: decimal, <c>$FF</c>, <c>0xFF</c>, <c>0b101</c>; digits may be grouped with <c>_</c>.</summary>
    public static bool TryParseNumber(string text, out Int128 value)
    {
        string digits = text.Replace("_", "", StringComparison.Ordinal);
        bool good;
        ulong number;
        if (digits.StartsWith('$'))
        {
            good = ulong.TryParse(digits.AsSpan(1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
        }
        else if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            good = ulong.TryParse(digits.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
        }
        else if (digits.StartsWith("0b", StringComparison.OrdinalIgnoreCase))
        {
            good = ulong.TryParse(digits.AsSpan(2), NumberStyles.AllowBinarySpecifier, CultureInfo.InvariantCulture, out number);
        }
        else
        {
            good = ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
        }

        value = number;
        return good;
    }

    private void ReadString(char quote)
    {
        int start = _at++;
        var text = new StringBuilder();
        while (_at < _line.Length && _line[_at] != quote)
        {
            char next = _line[_at++];
            if (next == '\\' && _at < _line.Length)
            {
                next = _line[_at++] switch
                {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    '0' => '\0',
                    char other => other,
                };
            }

            text.Append(next);
        }

        if (_at >= _line.Length)
        {
            Report(start, ErrorCode.UnterminatedString, $"expected a closing {quote}, found end of line");
        }
        else
        {
            _at++;
        }

        Add(TokenKind.String, text.ToString(), 0, start);
    }

    private void ReadSymbol()
    {
        foreach (string symbol in _symbols)
        {
            if (_line.AsSpan(_at).StartsWith(symbol))
            {
                int start = _at;
                _at += symbol.Length;
                Add(TokenKind.Symbol, symbol, 0, start);
                return;
            }
        }

        Report(_at, ErrorCode.UnknownCharacter, $"expected a statement, found the character '{_line[_at]}'");
        _at++;
    }

    private void Add(TokenKind kind, string text, Int128 value, int start) =>
        _tokens.Add(new Token(kind, text, value, new SourcePosition(_file, Math.Max(_lineNumber, 1), start + 1), _space));

    private void Report(int start, int code, string message) =>
        _diagnostics.Report(new SourcePosition(_file, _lineNumber, start + 1), code, message);
}
