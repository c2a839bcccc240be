using System;

namespace CosmosKernel.Files.Block.Partitions;

/// <summary>What a partition table is read from.</summary>
public abstract class SectorReader
{
    /// <summary>Bytes of a logical block: 512 to 4096.</summary>
    public abstract int BlockBytes { get; }

    /// <summary>Blocks.</summary>
    public abstract ulong Blocks { get; }

    /// <summary>Reads whole blocks.</summary>
    /// <param name="block">The first one.</param>
    /// <param name="to">A multiple of <see cref="BlockBytes"/>.</param>
    /// <returns>False: they cannot be read, or are not there.</returns>
    public abstract bool TryRead(ulong block, Span<byte> to);
}
