using System;
using CosmosKernel.Machine.Devices;

namespace Cosmos.Core;

/// <summary>Device memory as numbers of 8 bits. Task context.</summary>
public class MemoryBlock08
{
    /// <summary>Physical address of the first byte.</summary>
    public readonly uint Base;

    /// <summary>Bytes.</summary>
    public readonly uint Size;

    private readonly MmioRegion _region;

    internal MemoryBlock08(MmioRegion region, uint aBase, uint aByteSize)
    {
        _region = region;
        Base = aBase;
        Size = aByteSize;
    }

    /// <summary>A number.</summary>
    /// <param name="aByteOffset">Where it is, in bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not inside.</exception>
    public byte this[uint aByteOffset]
    {
        get => _region.Read8(aByteOffset);
        set => _region.Write8(aByteOffset, value);
    }
}
