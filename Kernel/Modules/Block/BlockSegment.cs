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
}
