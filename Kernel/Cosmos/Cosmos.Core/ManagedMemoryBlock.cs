using System;
using System.Buffers.Binary;
using System.Text;
using CosmosKernel.Machine.Locking;

namespace Cosmos.Core;

/// <summary>Bytes in main memory, little-endian. Each access is checked. Not synchronized.</summary>
[Owned]
public class ManagedMemoryBlock
{
    /// <summary>The bytes.</summary>
    public byte[] memory;

    /// <summary>Makes a block of zeros.</summary>
    public ManagedMemoryBlock(uint aByteCount)
        : this(aByteCount, 1, false)
    {
    }

    /// <summary>Makes a block of zeros.</summary>
    /// <param name="aByteCount">Bytes.</param>
    /// <param name="alignment">Not used: the block has no address that a device could use.</param>
    public ManagedMemoryBlock(uint aByteCount, int alignment)
        : this(aByteCount, alignment, true)
    {
    }

    /// <summary>Makes a block of zeros.</summary>
    public ManagedMemoryBlock(uint aByteCount, int aAlignment, bool aAlign)
    {
        Size = aByteCount;
        memory = new byte[aByteCount];
    }

    /// <summary>Bytes.</summary>
    public uint Size { get; }

    /// <summary>The block's address, for a device.</summary>
    /// <exception cref="NotSupportedException">Always: devices reach memory of <c>DmaBuffer</c> alone.</exception>
    public ulong Offset => throw new NotSupportedException("a managed block has no address for a device; drivers have DmaBuffer (docs/cosmos.md)");

    /// <summary>A byte.</summary>
    public byte this[uint offset]
    {
        get => memory[offset];
        set => memory[offset] = value;
    }

    /// <summary>Fills all of it with numbers of 32 bits.</summary>
    public void Fill(uint aData) => Fill(0, Size / 4, aData);

    /// <summary>Fills a part with numbers of 32 bits.</summary>
    /// <param name="aByteOffset">First byte.</param>
    /// <param name="aCount">How many numbers.</param>
    /// <param name="aData">The number.</param>
    public void Fill(uint aByteOffset, uint aCount, uint aData)
    {
        Span<byte> bytes = memory.AsSpan((int)aByteOffset, (int)(aCount * 4));
        for (int i = 0; i < bytes.Length; i += 4)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[i..], aData);
        }
    }

    /// <summary>Fills a part with numbers of 32 bits.</summary>
    public void Fill(int aByteOffset, int aCount, int aData) => Fill((uint)aByteOffset, (uint)aCount, (uint)aData);

    /// <summary>Copies bytes.</summary>
    public void Copy(int aStart, byte[] aData, int aIndex, int aCount) => aData.AsSpan(aIndex, aCount).CopyTo(memory.AsSpan(aStart));

    /// <summary>Copies numbers.</summary>
    /// <param name="aStart">First number.</param>
    /// <param name="aData">The numbers.</param>
    /// <param name="aIndex">First of them.</param>
    /// <param name="aCount">How many.</param>
    public void Copy(int aStart, int[] aData, int aIndex, int aCount) => Buffer.BlockCopy(aData, aIndex * 4, memory, aStart * 4, aCount * 4);

    /// <summary>Copies the start of a device's memory.</summary>
    public void Copy(MemoryBlock block)
    {
        ArgumentNullException.ThrowIfNull(block);
        block.Get(0, memory, 0, (int)Math.Min(Size, block.Size));
    }

    /// <summary>Reads numbers.</summary>
    /// <param name="aStart">First number.</param>
    /// <param name="aData">Gets the numbers.</param>
    /// <param name="aIndex">Where to.</param>
    /// <param name="aCount">How many.</param>
    public void Get(int aStart, int[] aData, int aIndex, int aCount) => Buffer.BlockCopy(memory, aStart * 4, aData, aIndex * 4, aCount * 4);

    /// <summary>Writes a byte.</summary>
    public void Write8(uint aByteOffset, byte value) => memory[aByteOffset] = value;

    /// <summary>Reads 16 bits.</summary>
    public ushort Read16(uint aByteOffset) => BinaryPrimitives.ReadUInt16LittleEndian(memory.AsSpan((int)aByteOffset));

    /// <summary>Writes 16 bits.</summary>
    public void Write16(uint aByteOffset, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(memory.AsSpan((int)aByteOffset), value);

    /// <summary>Reads 32 bits.</summary>
    public uint Read32(uint aByteOffset) => BinaryPrimitives.ReadUInt32LittleEndian(memory.AsSpan((int)aByteOffset));

    /// <summary>Writes 32 bits.</summary>
    public void Write32(uint aByteOffset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(memory.AsSpan((int)aByteOffset), value);

    /// <summary>Writes ASCII text.</summary>
    public void WriteString(uint aByteOffset, string value) => Encoding.ASCII.GetBytes(value, memory.AsSpan((int)aByteOffset));
}
