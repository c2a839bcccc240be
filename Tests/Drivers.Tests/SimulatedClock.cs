using System;
using CosmosKernel.Drivers.Rtc;

namespace CosmosKernel.Drivers.Tests;

/// <summary>A clock chip whose time stands still, but for what a test lets happen. Its own time moves only when somebody waits.</summary>
internal sealed class SimulatedClock : CmosRegisters
{
    private readonly byte[] _registers = new byte[128];
    private int _reads;
    private int _changeAt = -1;
    private bool _forEver;
    private Action _change = () => { };

    public SimulatedClock()
    {
        _registers[0x0A] = 0x26;
        _registers[0x0D] = 0x80;
    }

    public ulong Now { get; private set; }

    /// <summary>How long the chip says that it is in an update.</summary>
    public ulong UpdateNanoseconds { get; init; }

    public byte this[byte index]
    {
        get => _registers[index];
        set => _registers[index] = value;
    }

    /// <summary>Lets something happen after so many registers were read, once or after each from then on.</summary>
    public void ChangeAfterReads(int reads, Action change, bool forEver = false)
    {
        (_reads, _changeAt, _change, _forEver) = (0, reads, change, forEver);
    }

    public override byte Read(byte index)
    {
        byte value = index == 0x0A && Now < UpdateNanoseconds ? (byte)(_registers[index] | 0x80) : _registers[index];
        if (index < 10 && _changeAt >= 0 && (_reads++ == _changeAt || (_forEver && _reads > _changeAt)))
        {
            _change();
        }

        return value;
    }

    // Whether an update is in progress cannot be written.
    public override void Write(byte index, byte value) => _registers[index] = index == 0x0A ? (byte)(value & 0x7F) : value;

    public override void Pause(ulong nanoseconds) => Now += nanoseconds;
}
