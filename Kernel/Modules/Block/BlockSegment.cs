using System;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Modules.Block;

/// <summary>A part of one page that a disk reads or writes.</summary>
/// <param name="page">The page. Who made the segment keeps it until the transfer has completed.</param>
/// <param name="offset">First byte in the page, a multiple of 512.</param>
/// <param name="length">Bytes, a multiple of 512; the end is in the page.</param>
public readonly struct BlockSegment(Page page, int offset, int length)
{
    /// <summary>The page.</summary>
    public Page Page { get; } = page;

    /// <summary>First byte in the page.</summary>
    public int Offset { get; } = offset;

    /// <summary>Bytes.</summary>
    public int Length { get; } = length;

    /// <summary>Physical address of the first byte, for DMA.</summary>
    public ulong PhysicalAddress => (Page.Number * Page.Size) + (ulong)Offset;

    /// <summary>Copies bytes out of the segment, for a device whose data the CPU moves: a write to the disk. Any context but NMI, until the request has completed.</summary>
    /// <param name="from">First byte, counted from the beginning of the segment.</param>
    /// <param name="to">Where they go; as many as it has room for.</param>
    /// <exception cref="ArgumentOutOfRangeException">The segment has not as many there.</exception>
    public void Read(int from, Span<byte> to)
    {
        Verify(from, to.Length);
        Page.Read(Offset + from, to);
    }

    /// <summary>Copies bytes into the segment: a read from the disk. Any context but NMI, until the request has completed.</summary>
    /// <param name="to">First byte, counted from the beginning of the segment.</param>
    /// <param name="from">The bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">They do not fit into the segment.</exception>
    public void Write(int to, ReadOnlySpan<byte> from)
    {
        Verify(to, from.Length);
        Page.Write(Offset + to, from);
    }

    private void Verify(int first, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Length - first);
    }
}
