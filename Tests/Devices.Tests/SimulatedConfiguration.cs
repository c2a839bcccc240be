using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using CosmosKernel.Modules.Devices;

namespace CosmosKernel.Devices.Tests;

/// <summary>Configuration space with a header as a device has it: some bits of a register can be written, the others cannot.</summary>
internal sealed class SimulatedConfiguration : PciConfigurationSpace
{
    private readonly byte[] _bytes;
    private readonly Dictionary<int, uint> _writable = [];

    public SimulatedConfiguration(int length = 256)
    {
        _bytes = new byte[length];
        Writable(4, 0xFFFF);
    }

    /// <summary>All reads give all ones: the device is gone.</summary>
    public bool IsGone { get; set; }

    /// <summary>Writes that came while the device decoded memory or ports.</summary>
    public int WritesWhileDecoding { get; private set; }

    public override int Length => _bytes.Length;

    public void Put(int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(offset), value);

    public void Writable(int offset, uint mask) => _writable[offset] = mask;

    public void PutBar(int index, uint value, uint mask)
    {
        Put(0x10 + (4 * index), value);
        Writable(0x10 + (4 * index), mask);
    }

    public override uint Read32(int offset) =>
        IsGone || offset + 4 > _bytes.Length ? uint.MaxValue : BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(offset));

    public override void Write8(int offset, byte value) => Write(offset & ~3, 0xFFu << (8 * (offset & 3)), (uint)value << (8 * (offset & 3)));

    public override void Write16(int offset, ushort value) => Write(offset & ~3, 0xFFFFu << (8 * (offset & 2)), (uint)value << (8 * (offset & 2)));

    public override void Write32(int offset, uint value) => Write(offset, uint.MaxValue, value);

    private void Write(int offset, uint lanes, uint value)
    {
        if (offset is >= 0x10 and < 0x28 && (Read32(4) & 3) != 0)
        {
            WritesWhileDecoding++;
        }

        uint mask = lanes & _writable.GetValueOrDefault(offset);
        Put(offset, (Read32(offset) & ~mask) | (value & mask));
    }
}
