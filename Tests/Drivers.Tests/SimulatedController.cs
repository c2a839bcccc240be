using System;
using System.Collections.Generic;
using CosmosKernel.Drivers.Ps2;

namespace CosmosKernel.Drivers.Tests;

/// <summary>A PS/2 controller that keeps to its specification, but for what a test lets it do wrong. Its time moves only when somebody waits.</summary>
internal sealed class SimulatedController : Ps2Registers
{
    private readonly Queue<(byte Value, bool IsSecond)> _output = new();
    private ulong _now;
    private int _command = -1;
    private byte _configuration = 0x47;

    public bool HasSecondPort { get; init; } = true;

    public byte SelfTestResult { get; init; } = 0x55;

    public byte FirstPortResult { get; init; }

    /// <summary>Status bits that are always 1.</summary>
    public byte StuckStatus { get; init; }

    /// <summary>Configuration bits that cannot be set.</summary>
    public byte LostConfiguration { get; init; }

    /// <summary>Commands that get no answer.</summary>
    public byte Silent { get; init; }

    /// <summary>Nothing answers at all.</summary>
    public bool IsAbsent { get; init; }

    public byte Configuration => _configuration;

    public List<(int Port, byte Value)> Sent { get; } = [];

    public override ulong Now => _now;

    public void Put(byte value, bool isSecond = false) => _output.Enqueue((value, isSecond));

    public override byte ReadStatus()
    {
        if (IsAbsent)
        {
            return 0xFF;
        }

        int status = StuckStatus | (_output.Count > 0 ? 0x01 : 0);
        return (byte)(status | (_output.TryPeek(out var next) && next.IsSecond ? 0x20 : 0));
    }

    public override byte ReadData() => IsAbsent ? (byte)0xFF : _output.TryDequeue(out var next) ? next.Value : (byte)0;

    public override void WriteCommand(byte value)
    {
        if (value == Silent)
        {
            return;
        }

        switch (value)
        {
            case 0x20:
                Put(_configuration);
                break;
            case 0xA7:
                _configuration |= (byte)(HasSecondPort ? 0x20 : 0);
                break;
            case 0xA8:
                _configuration &= unchecked((byte)~0x20);
                break;
            case 0xA9:
                Put(HasSecondPort ? (byte)0 : (byte)0xFF);
                break;
            case 0xAA:
                Put(SelfTestResult);
                break;
            case 0xAB:
                Put(FirstPortResult);
                break;
            case 0xAD:
                _configuration |= 0x10;
                break;
            case 0xAE:
                _configuration &= unchecked((byte)~0x10);
                break;
            case 0x60 or 0xD2 or 0xD3 or 0xD4:
                _command = value;
                break;
            default:
                throw new InvalidOperationException($"command {value:x}");
        }
    }

    public override void WriteData(byte value)
    {
        switch (_command)
        {
            case 0x60:
                _configuration = (byte)(value & ~LostConfiguration);
                break;
            case 0xD2 or 0xD3:
                Put(value, _command == 0xD3);
                break;
            case 0xD4:
                Sent.Add((1, value));
                break;
            default:
                Sent.Add((0, value));
                break;
        }

        _command = -1;
    }

    public override void Pause(ulong nanoseconds) => _now += nanoseconds;
}
