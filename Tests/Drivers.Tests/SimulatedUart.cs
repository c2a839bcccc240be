using System.Collections.Generic;
using CosmosKernel.Drivers.Serial;

namespace CosmosKernel.Drivers.Tests;

/// <summary>A 16550A as its data sheet has it, whose line moves only when a test says so.</summary>
internal sealed class SimulatedUart : UartRegisters
{
    private const int Depth = 16;
    private const byte LoopBit = 0x10;

    private readonly Queue<(byte Value, byte Errors)> _received = new();
    private readonly Queue<byte> _transmitter = new();
    private readonly byte[] _registers = new byte[8];
    private byte _fifoControl;
    private byte _lines;
    private byte _changes;

    /// <summary>What has left.</summary>
    public List<byte> Sent { get; } = [];

    /// <summary>Bytes that were written while there was no room for them.</summary>
    public int Lost { get; private set; }

    /// <summary>Bytes in the transmitter.</summary>
    public int InTransmitter => _transmitter.Count;

    /// <summary>The modem control register.</summary>
    public byte ModemControl => _registers[4];

    /// <summary>The line control register.</summary>
    public byte LineControl => _registers[3];

    /// <summary>The interrupt enable register.</summary>
    public byte InterruptEnable => _registers[1];

    /// <summary>CTS 0x10, DSR 0x20, RI 0x40, DCD 0x80 as the other side drives them.</summary>
    public byte Lines
    {
        get => _lines;
        set
        {
            _changes |= (byte)((value ^ _lines) >> 4);
            _lines = value;
        }
    }

    /// <summary>A byte arrives.</summary>
    /// <param name="value">The byte.</param>
    /// <param name="errors">Bits of the line status register: 0x04 parity, 0x08 frame, 0x10 break.</param>
    public void Arrive(byte value, byte errors = 0) => _received.Enqueue((value, errors));

    /// <summary>Everything in the transmitter leaves.</summary>
    public void Shift()
    {
        while (_transmitter.TryDequeue(out byte value))
        {
            Sent.Add(value);
        }
    }

    public override byte Read(int register)
    {
        switch (register)
        {
            case 0 when !IsDivisor:
                return _received.TryDequeue(out (byte Value, byte Errors) next) ? next.Value : (byte)0;
            case 2:
                return (byte)(((_fifoControl & 1) != 0 ? 0xC0 : 0) | Cause);
            case 5:
                byte empty = _transmitter.Count == 0 ? (byte)0x60 : (byte)0;
                return _received.TryPeek(out (byte Value, byte Errors) first) ? (byte)(empty | 0x01 | first.Errors) : empty;
            case 6:
                byte status = (byte)(_lines | _changes);
                _changes = 0;
                return status;
            default:
                return _registers[register];
        }
    }

    public override void Write(int register, byte value)
    {
        switch (register)
        {
            case 0 when !IsDivisor:
                if (_transmitter.Count < Depth)
                {
                    _transmitter.Enqueue(value);
                }
                else
                {
                    Lost++;
                }

                break;
            case 1 when IsDivisor:
                break;
            case 2:
                _fifoControl = value;
                break;
            case 0:
                break;
            default:
                _registers[register] = value;
                break;
        }
    }

    private bool IsDivisor => (_registers[3] & 0x80) != 0;

    private int Cause
    {
        get
        {
            byte enabled = _registers[1];
            return (enabled & 0x01) != 0 && _received.Count > 0 ? 0x04
                : (enabled & 0x02) != 0 && _transmitter.Count == 0 ? 0x02
                : (enabled & 0x08) != 0 && _changes != 0 && (ModemControl & LoopBit) == 0 ? 0x00 : 0x01;
        }
    }
}
