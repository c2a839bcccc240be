using System;
using CosmosKernel.Files.Block.Partitions;

namespace CosmosKernel.Block.Tests;

/// <summary>A disk of bytes.</summary>
internal sealed class MemoryDisk(int blocks, int blockBytes = 512) : SectorReader
{
    public byte[] Bytes { get; } = new byte[blocks * blockBytes];

    public int Reads { get; private set; }

    public override int BlockBytes => blockBytes;

    public override ulong Blocks => (ulong)blocks;

    public Span<byte> Block(int index) => Bytes.AsSpan(index * blockBytes, blockBytes);

    public override bool TryRead(ulong block, Span<byte> to)
    {
        Reads++;
        if (block >= Blocks || (ulong)(to.Length / blockBytes) > Blocks - block)
        {
            return false;
        }

        Bytes.AsSpan((int)block * blockBytes, to.Length).CopyTo(to);
        return true;
    }
}
