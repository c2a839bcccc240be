using System;
using CosmosKernel.Machine.Devices;

namespace Cosmos.Core;

/// <summary>Device memory as numbers of 32 bits. Task context.</summary>
public class MemoryBlock32
{
    /// <summary>Physical address of the first byte.</summary>
    public readonly uint Base;

    /// <summary>Bytes.</summary>
    public readonly uint Size;

    private readonly MmioRegion _region;

    internal MemoryBlock32(MmioRegion region, uint aBase, uint aByteSize)
    {
        _region = region;
        Base = aBase;
        Size = aByteSize;
    }

    /// <summary>A number.</summary>
    /// <param name="aByteOffset">Where it is, in bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not inside.</exception>
    public uint this[uint aByteOffset]
    {
        get => _region.Read32(aByteOffset);
        set => _region.Write32(aByteOffset, value);
    }
}
