using System;
using CosmosKernel.Machine.Devices;

namespace Cosmos.Core;

/// <summary>Device memory as numbers of 16 bits. Task context.</summary>
public class MemoryBlock16
{
    /// <summary>Physical address of the first byte.</summary>
    public readonly uint Base;

    /// <summary>Bytes.</summary>
    public readonly uint Size;

    private readonly MmioRegion _region;

    internal MemoryBlock16(MmioRegion region, uint aBase, uint aByteSize)
    {
        _region = region;
        Base = aBase;
        Size = aByteSize;
    }

    /// <summary>A number.</summary>
    /// <param name="aByteOffset">Where it is, in bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not inside.</exception>
    public ushort this[uint aByteOffset]
    {
        get => _region.Read16(aByteOffset);
        set => _region.Write16(aByteOffset, value);
    }
}
