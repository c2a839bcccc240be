using System;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Drivers.Terminal;

/// <summary>What a <see cref="ControlParser"/> has found.</summary>
public abstract class ControlSink
{
    /// <summary>A character to show.</summary>
    protected internal abstract void Print(int rune);

    /// <summary>A control character of the set C0.</summary>
    protected internal abstract void Control(byte code);

    /// <summary>An escape sequence.</summary>
    /// <param name="intermediate">The byte between ESC and the last one; 0 when there is none.</param>
    /// <param name="final">The last byte.</param>
    protected internal abstract void Escape(byte intermediate, byte final);

    /// <summary>A control sequence.</summary>
    /// <param name="prefix">A private mark (<c>&lt; = &gt; ?</c>); 0 when there is none.</param>
    /// <param name="intermediate">The byte before the last one; 0 when there is none.</param>
    /// <param name="final">The last byte.</param>
    /// <param name="parameters">The numbers, 0 where one was left out; at least one.</param>
    protected internal abstract void ControlSequence(byte prefix, byte intermediate, byte final, ReadOnlySpan<int> parameters);
}

/// <summary>
/// Splits a stream of bytes into characters and control functions (ECMA-48, sections 5.3 to 5.6). Strings (DCS, SOS, OSC, PM, APC) are read over. CAN and SUB end a
/// sequence, ESC begins a new one in the middle of another. Nothing that comes in can make it fail, and it keeps a fixed amount of memory.
/// </summary>
[Owned]
public sealed class ControlParser(ControlSink sink)
{
    private const int MostParameters = 32;
    private const int HighestParameter = 65535;
    private const byte EscapeCode = 0x1B;

    private readonly int[] _parameters = new int[MostParameters];
    private Utf8Decoder _utf8;
    private State _state;
    private int _parameterCount;
    private byte _prefix;
    private byte _intermediate;

    private enum State
    {
        Ground,
        Escape,
        ControlSequence,
        Ignore,
        String,
        StringEscape,
    }

    /// <summary>Takes bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            if (_utf8.IsInside || (_state == State.Ground && value >= 0x80))
            {
                Text(value);
            }
            else
            {
                Take(value);
            }
        }
    }

    private void Text(byte value)
    {
        if (_utf8.TryDecode(value, out int rune, out bool again))
        {
            sink.Print(rune);
        }

        if (!again)
        {
            return;
        }

        if (value >= 0x80)
        {
            Text(value);
        }
        else
        {
            Take(value);
        }
    }

    private void Take(byte value)
    {
        if (value == EscapeCode)
        {
            _state = _state == State.String ? State.StringEscape : State.Escape;
            _intermediate = 0;
            return;
        }

        if (value is 0x18 or 0x1A)
        {
            _state = State.Ground;
            return;
        }

        switch (_state)
        {
            case State.String:
                // BEL ends an OSC as xterm has it; the other strings end with ST.
                _state = value == 0x07 ? State.Ground : State.String;
                return;
            case State.StringEscape when value == (byte)'\\':
                _state = State.Ground;
                return;
            case State.StringEscape:
                _state = State.Escape;
                break;
        }

        if (value < 0x20)
        {
            sink.Control(value);
        }
        else if (value != 0x7F)
        {
            Graphic(value);
        }
    }

    private void Graphic(byte value)
    {
        switch (_state)
        {
            case State.Ground:
                sink.Print(value);
                break;
            case State.Escape:
                TakeEscape(value);
                break;
            default:
                TakeSequence(value);
                break;
        }
    }

    private void TakeEscape(byte value)
    {
        if (value < 0x30)
        {
            _intermediate = value;
            return;
        }

        _state = State.Ground;
        if (_intermediate != 0)
        {
            sink.Escape(_intermediate, value);
            return;
        }

        switch (value)
        {
            case (byte)'[':
                _state = State.ControlSequence;
                _prefix = 0;
                _parameterCount = 1;
                _parameters[0] = 0;
                break;
            case (byte)'P' or (byte)'X' or (byte)']' or (byte)'^' or (byte)'_':
                _state = State.String;
                break;
            default:
                sink.Escape(0, value);
                break;
        }
    }

    private void TakeSequence(byte value)
    {
        switch (value)
        {
            case >= 0x80:
                _state = State.Ground;
                break;
            case >= 0x40:
                bool isKnown = _state == State.ControlSequence;
                _state = State.Ground;
                if (isKnown)
                {
                    sink.ControlSequence(_prefix, _intermediate, value, _parameters.AsSpan(0, _parameterCount));
                }

                break;
            case >= (byte)'0' and <= (byte)'9' when _intermediate == 0:
                ref int number = ref _parameters[_parameterCount - 1];
                number = Math.Min((number * 10) + value - '0', HighestParameter);
                break;
            case (byte)';' or (byte)':' when _intermediate == 0:
                NextParameter();
                break;
            case >= 0x3C and <= 0x3F when _parameterCount == 1 && _parameters[0] == 0 && _prefix == 0 && _intermediate == 0:
                _prefix = value;
                break;
            case < 0x30 when _intermediate == 0:
                _intermediate = value;
                break;
            default:
                _state = State.Ignore;
                break;
        }
    }

    private void NextParameter()
    {
        if (_parameterCount == MostParameters)
        {
            _state = State.Ignore;
            return;
        }

        _parameters[_parameterCount++] = 0;
    }
}
