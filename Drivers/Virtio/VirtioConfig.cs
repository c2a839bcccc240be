using System;

namespace CosmosKernel.Drivers.Virtio;

/// <summary>A device's own configuration (Virtual I/O Device 1.2, section 2.5). Any context but NMI; outside of the configuration throws.</summary>
public sealed class VirtioConfig
{
    private const int MostTries = 1000;

    private readonly VirtioTransport _transport;

    internal VirtioConfig(VirtioTransport transport)
    {
        _transport = transport;
    }

    /// <summary>Bytes that the device has.</summary>
    public int Length => _transport.ConfigLength;

    /// <summary>Reads a byte.</summary>
    public byte Read8(int offset) => _transport.ReadConfig8(offset);

    /// <summary>Reads 16 bits.</summary>
    public ushort Read16(int offset) => _transport.ReadConfig16(offset);

    /// <summary>Reads 32 bits.</summary>
    public uint Read32(int offset) => _transport.ReadConfig32(offset);

    /// <summary>Reads 64 bits, which the device does not change between the two halves.</summary>
    /// <exception cref="TimeoutException">It changes them all the time.</exception>
    public ulong Read64(int offset)
    {
        for (int i = 0; i < MostTries; i++)
        {
            byte before = _transport.ConfigGeneration;
            ulong low = _transport.ReadConfig32(offset);
            ulong high = _transport.ReadConfig32(offset + 4);
            if (_transport.ConfigGeneration == before && _transport.ReadConfig32(offset) == (uint)low)
            {
                return low | (high << 32);
            }
        }

        throw new TimeoutException("the device changes its configuration faster than it can be read");
    }

    /// <summary>Writes a byte.</summary>
    public void Write8(int offset, byte value) => _transport.WriteConfig8(offset, value);

    /// <summary>Writes 16 bits.</summary>
    public void Write16(int offset, ushort value) => _transport.WriteConfig16(offset, value);

    /// <summary>Writes 32 bits.</summary>
    public void Write32(int offset, uint value) => _transport.WriteConfig32(offset, value);
}
