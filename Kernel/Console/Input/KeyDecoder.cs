using System;
using System.Buffers;
using System.Text;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Commands;

namespace CosmosKernel.Console.Input;

/// <summary>
/// Makes keys of the bytes that a terminal sends: UTF-8, control characters, and the escape sequences of ECMA-48 as xterm and VT220 send them for special keys.
/// Sequences that mean no key are swallowed whole; a cursor position report (answer to CSI 6n) is kept in <see cref="Report"/>.
/// </summary>
[Owned]
public sealed class KeyDecoder
{
    private const byte EscapeByte = 0x1B;
    private const int MostParameters = 8;
    private const int LargestParameter = 9999;

    private enum State
    {
        Ground,
        Escape,
        ControlSequence,
        SingleShift,
    }

    private readonly int[] _parameters = new int[MostParameters];
    private readonly byte[] _utf8 = new byte[4];
    private State _state;
    private int _parameterCount;
    private bool _alt;
    private bool _afterReturn;
    private int _utf8Count;

    /// <summary>An escape character came and what follows is open: after a pause, <see cref="Pause"/> makes a key of it.</summary>
    public bool IsInSequence => _state != State.Ground;

    /// <summary>The last cursor position report, 1-based; zeros when there was none since <see cref="TakeReport"/>.</summary>
    public (int Row, int Column) Report { get; private set; }

    /// <summary>Takes the report away.</summary>
    /// <returns>The report, or zeros.</returns>
    public (int Row, int Column) TakeReport()
    {
        (int Row, int Column) report = Report;
        Report = default;
        return report;
    }

    /// <summary>Takes a byte.</summary>
    /// <returns>The key that it completes; <see cref="KeyCode.None"/> if it completes none.</returns>
    public Key Add(byte value)
    {
        bool afterReturn = _afterReturn;
        _afterReturn = false;
        switch (_state)
        {
            case State.Escape:
                return AddAfterEscape(value);
            case State.ControlSequence:
                return AddToSequence(value);
            case State.SingleShift:
                _state = State.Ground;
                return Named(value, 0);
            default:
                // CR LF is one key.
                return afterReturn && value == (byte)'\n' ? default : AddToGround(value);
        }
    }

    /// <summary>Nothing came for a while: a lone escape character was the key Escape, a begun sequence is dropped.</summary>
    public Key Pause()
    {
        bool lone = _state == State.Escape;
        _state = State.Ground;
        _alt = false;
        return lone ? new Key(KeyCode.Escape) : default;
    }

    private Key AddToGround(byte value)
    {
        bool alt = _alt;
        _alt = false;
        if (_utf8Count > 0 || value >= 0x80)
        {
            return AddToCharacter(value, alt);
        }

        switch (value)
        {
            case EscapeByte:
                _state = State.Escape;
                return default;
            case (byte)'\r':
                _afterReturn = true;
                return new Key(KeyCode.Enter);
            case (byte)'\n':
                return new Key(KeyCode.Enter);
            case (byte)'\t':
                return new Key(KeyCode.Tab);
            case 0x08 or 0x7F:
                return alt ? new Key(KeyCode.Control, new Rune('W')) : new Key(KeyCode.Backspace);
            case < 0x20:
                return new Key(KeyCode.Control, new Rune((char)(value + '@')));
            default:
                return new Key(alt ? KeyCode.Alt : KeyCode.Character, new Rune((char)value));
        }
    }

    private Key AddToCharacter(byte value, bool alt)
    {
        bool continuation = (value & 0xC0) == 0x80;
        if (_utf8Count > 0 && !continuation)
        {
            // Cut short: what came instead counts, and the replacement character stands for what is lost where there is room for a key.
            _utf8Count = 0;
            if (value < 0x80)
            {
                return AddToGround(value);
            }

            _utf8[_utf8Count++] = value;
            return new Key(KeyCode.Character, Rune.ReplacementChar);
        }

        _utf8[_utf8Count++] = value;
        OperationStatus status = Rune.DecodeFromUtf8(_utf8.AsSpan(0, _utf8Count), out Rune rune, out _);
        if (status == OperationStatus.NeedMoreData)
        {
            return default;
        }

        _utf8Count = 0;
        return new Key(alt ? KeyCode.Alt : KeyCode.Character, rune);
    }

    private Key AddAfterEscape(byte value)
    {
        switch (value)
        {
            case (byte)'[':
                _state = State.ControlSequence;
                _parameterCount = 0;
                _parameters.AsSpan().Clear();
                return default;
            case (byte)'O':
                _state = State.SingleShift;
                return default;
            case EscapeByte:
                return new Key(KeyCode.Escape);
            default:
                _state = State.Ground;
                _alt = true;
                return AddToGround(value);
        }
    }

    private Key AddToSequence(byte value)
    {
        switch (value)
        {
            case >= (byte)'0' and <= (byte)'9':
                int index = _parameterCount == 0 ? 0 : _parameterCount - 1;
                _parameterCount = index + 1;
                int number = (_parameters[index] * 10) + (value - '0');
                _parameters[index] = number < LargestParameter ? number : LargestParameter;
                return default;
            case (byte)';':
                _parameterCount = _parameterCount == 0 ? 2 : _parameterCount + 1;
                if (_parameterCount > MostParameters)
                {
                    _parameterCount = MostParameters;
                }

                return default;
            case < 0x20 or 0x7F:
                // A control character inside a sequence: the sequence is broken.
                _state = State.Ground;
                return AddToGround(value);
            case < 0x40:
                return default;
            default:
                _state = State.Ground;
                return EndSequence(value);
        }
    }

    private Key EndSequence(byte final)
    {
        if (final == (byte)'R' && _parameterCount >= 2)
        {
            Report = (_parameters[0], _parameters[1]);
            return default;
        }

        if (final == (byte)'~')
        {
            return new Key(_parameters[0] switch
            {
                1 or 7 => KeyCode.Home,
                3 => KeyCode.Delete,
                4 or 8 => KeyCode.End,
                5 => KeyCode.PageUp,
                6 => KeyCode.PageDown,
                _ => KeyCode.None,
            });
        }

        return Named(final, _parameterCount >= 2 ? _parameters[1] : 0);
    }

    // xterm's modifiers: 1 + (1 Shift, 2 Alt, 4 Ctrl).
    private static Key Named(byte final, int modifiers)
    {
        bool word = modifiers > 1 && ((modifiers - 1) & 6) != 0;
        return new Key(final switch
        {
            (byte)'A' => KeyCode.Up,
            (byte)'B' => KeyCode.Down,
            (byte)'C' => word ? KeyCode.WordRight : KeyCode.Right,
            (byte)'D' => word ? KeyCode.WordLeft : KeyCode.Left,
            (byte)'H' => KeyCode.Home,
            (byte)'F' => KeyCode.End,
            (byte)'M' => KeyCode.Enter,
            _ => KeyCode.None,
        });
    }
}
