using System;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Consoles;

/// <summary>
/// Knows where the cursor of a terminal is from what was written to it (ECMA-48), so that asking takes no answer from a terminal that may not be there. Every
/// character is one column wide; a terminal that the user has resized since is not noticed. One writer at a time.
/// </summary>
[Owned]
internal sealed class CursorTracker
{
    private const byte Escape = 0x1B;
    private const int TabWidth = 8;
    private const int MostParameters = 4;
    private const int HighestParameter = 9999;

    private readonly int[] _parameters = new int[MostParameters];
    private State _state;
    private int _parameterCount;
    private bool _isPrivate;
    private (int Column, int Row) _saved;

    private enum State
    {
        Text,
        Escape,
        Sequence,
        Charset,
        String,
        StringEscape,
    }

    /// <summary>Column, from 0. After a character in the last column it is still that one: the line is broken before the next.</summary>
    public int Column { get; private set; }

    /// <summary>Row, from 0.</summary>
    public int Row { get; private set; }

    private bool BreaksLine { get; set; }

    /// <summary>Follows text.</summary>
    /// <param name="text">UTF-8 with control sequences, which may be split between calls.</param>
    /// <param name="columns">Width of the terminal, 1 or more.</param>
    /// <param name="rows">Height of the terminal, 1 or more.</param>
    public void Follow(ReadOnlySpan<byte> text, int columns, int rows)
    {
        foreach (byte value in text)
        {
            switch (_state)
            {
                case State.Text:
                    FollowText(value, columns, rows);
                    break;
                case State.Escape:
                    FollowEscape(value, rows);
                    break;
                case State.Sequence:
                    FollowSequence(value, columns, rows);
                    break;
                case State.Charset:
                    _state = State.Text;
                    break;
                case State.String:
                    _state = value switch { 0x07 => State.Text, Escape => State.StringEscape, _ => State.String };
                    break;
                default:
                    _state = value == (byte)'\\' ? State.Text : State.String;
                    break;
            }
        }
    }

    private void FollowText(byte value, int columns, int rows)
    {
        switch (value)
        {
            case Escape:
                _state = State.Escape;
                break;
            case (byte)'\r':
                MoveTo(0, Row, columns, rows);
                break;
            case (byte)'\n':
                MoveTo(0, Row + 1, columns, rows);
                break;
            case (byte)'\b':
                MoveTo(Column - 1, Row, columns, rows);
                break;
            case (byte)'\t':
                MoveTo((Column / TabWidth + 1) * TabWidth, Row, columns, rows);
                break;
            case >= 0x20 and (< 0x7F or >= 0xC0):
                FollowCharacter(columns, rows);
                break;
        }
    }

    private void FollowCharacter(int columns, int rows)
    {
        if (BreaksLine)
        {
            MoveTo(0, Row + 1, columns, rows);
        }

        if (Column + 1 < columns)
        {
            Column++;
        }
        else
        {
            BreaksLine = true;
        }
    }

    private void FollowEscape(byte value, int rows)
    {
        _state = State.Text;
        switch (value)
        {
            case (byte)'[':
                _state = State.Sequence;
                _isPrivate = false;
                _parameterCount = 0;
                Array.Clear(_parameters);
                break;
            case (byte)']' or (byte)'P' or (byte)'X' or (byte)'^' or (byte)'_':
                _state = State.String;
                break;
            case (byte)'(' or (byte)')' or (byte)'#' or (byte)' ':
                _state = State.Charset;
                break;
            case (byte)'7':
                _saved = (Column, Row);
                break;
            case (byte)'8':
                (Column, Row) = _saved;
                BreaksLine = false;
                break;
            case (byte)'c':
                (Column, Row, BreaksLine) = (0, 0, false);
                break;
            case (byte)'D':
                (Row, BreaksLine) = (Math.Min(Row + 1, rows - 1), false);
                break;
            case (byte)'E':
                (Column, Row, BreaksLine) = (0, Math.Min(Row + 1, rows - 1), false);
                break;
        }
    }

    private void FollowSequence(byte value, int columns, int rows)
    {
        switch (value)
        {
            case >= (byte)'0' and <= (byte)'9' when _parameterCount < MostParameters:
                _parameters[_parameterCount] = Math.Min((10 * _parameters[_parameterCount]) + value - '0', HighestParameter);
                break;
            case (byte)';':
                _parameterCount++;
                break;
            case >= (byte)'<' and <= (byte)'?':
                _isPrivate = true;
                break;
            case >= 0x40 and < 0x7F:
                _state = State.Text;
                if (!_isPrivate)
                {
                    Move(value, columns, rows);
                }

                break;
        }
    }

    private void Move(byte final, int columns, int rows)
    {
        int count = Math.Max(_parameters[0], 1);
        switch (final)
        {
            case (byte)'A':
                MoveTo(Column, Row - count, columns, rows);
                break;
            case (byte)'B' or (byte)'e':
                MoveTo(Column, Row + count, columns, rows);
                break;
            case (byte)'C' or (byte)'a':
                MoveTo(Column + count, Row, columns, rows);
                break;
            case (byte)'D':
                MoveTo(Column - count, Row, columns, rows);
                break;
            case (byte)'E':
                MoveTo(0, Row + count, columns, rows);
                break;
            case (byte)'F':
                MoveTo(0, Row - count, columns, rows);
                break;
            case (byte)'G' or (byte)'`':
                MoveTo(count - 1, Row, columns, rows);
                break;
            case (byte)'d':
                MoveTo(Column, count - 1, columns, rows);
                break;
            case (byte)'H' or (byte)'f':
                MoveTo(Math.Max(_parameters[1], 1) - 1, count - 1, columns, rows);
                break;
            case (byte)'s':
                _saved = (Column, Row);
                break;
            case (byte)'u':
                MoveTo(_saved.Column, _saved.Row, columns, rows);
                break;
        }
    }

    private void MoveTo(int column, int row, int columns, int rows)
    {
        Column = Math.Clamp(column, 0, columns - 1);
        Row = Math.Clamp(row, 0, rows - 1);
        BreaksLine = false;
    }
}
