using System;
using System.Collections.Generic;
using System.Text;

namespace CosmosKernel.BootHarness.Protocol;

/// <summary>
/// Turns the bytes of a serial port into text and lines: UTF-8 with U+FFFD for what is none, without the escape
/// sequences of terminals and without control characters, whatever pieces the bytes come in.
/// </summary>
public sealed class SerialText
{
    /// <summary>The longest line that is kept; what a line has beyond it is dropped.</summary>
    public const int MaximumLineLength = 65_536;

    private enum State
    {
        Ground,
        Escape,
        ControlSequence,
        String,
        StringEscape,
    }

    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly StringBuilder _line = new();
    private State _state;
    private bool _carriageReturn;

    /// <summary>The unfinished last line.</summary>
    public string Partial => _line.ToString();

    /// <summary>True if the unfinished last line holds nothing: the cursor is in the first column.</summary>
    public bool AtLineStart => _line.Length == 0;

    /// <summary>Takes bytes.</summary>
    /// <param name="bytes">Bytes in the order of their arrival.</param>
    /// <param name="lines">The lines that they finish are added here, without line end.</param>
    /// <returns>The text that the bytes add, with LF as line end, for searching across lines.</returns>
    public string Accept(ReadOnlySpan<byte> bytes, ICollection<string> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        char[] chars = new char[_decoder.GetCharCount(bytes, flush: false)];
        int count = _decoder.GetChars(bytes, chars, flush: false);
        StringBuilder text = new(count);
        foreach (char c in chars.AsSpan(0, count))
        {
            if (Filter(c))
            {
                Put(c, text, lines);
            }
        }

        return text.ToString();
    }

    /// <summary>True if the character is text, LF or CR; false if it belongs to an escape sequence or is another control character.</summary>
    private bool Filter(char c)
    {
        // A line end always counts, so that a broken sequence cannot swallow the lines that follow.
        if (c == '\n')
        {
            _state = State.Ground;
            return true;
        }

        switch (_state)
        {
            case State.Ground when c == '\x1B':
                _state = State.Escape;
                return false;
            case State.Ground:
                return c is '\r' or '\t' || !char.IsControl(c);
            case State.Escape:
                _state = c switch
                {
                    '[' => State.ControlSequence,
                    ']' or 'P' or 'X' or '^' or '_' => State.String,
                    >= ' ' and <= '/' => State.Escape,
                    _ => State.Ground,
                };
                return false;
            case State.ControlSequence:
                if (c is >= '@' and <= '~')
                {
                    _state = State.Ground;
                }

                return false;
            case State.String:
                _state = c switch { '\a' => State.Ground, '\x1B' => State.StringEscape, _ => State.String };
                return false;
            default:
                _state = c == '\\' ? State.Ground : State.String;
                return false;
        }
    }

    private void Put(char c, StringBuilder text, ICollection<string> lines)
    {
        switch (c)
        {
            case '\n':
                text.Append(c);
                lines.Add(_line.ToString());
                _line.Clear();
                _carriageReturn = false;
                return;
            case '\r':
                _carriageReturn = true;
                return;
        }

        // A carriage return that no line feed followed: the line is written anew.
        if (_carriageReturn)
        {
            _line.Clear();
            _carriageReturn = false;
        }

        text.Append(c);
        if (_line.Length < MaximumLineLength)
        {
            _line.Append(c);
        }
    }
}
