using System;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Areas;

namespace Cosmos.Core;

/// <summary>Memory of a device, at a physical address. Each access is checked. Main memory is refused: objects and arrays are in it. Task context.</summary>
public class MemoryBlock
{
    /// <summary>Physical address of the first byte.</summary>
    public readonly uint Base;

    /// <summary>Bytes.</summary>
    public readonly uint Size;

    /// <summary>As bytes.</summary>
    public readonly MemoryBlock08 Bytes;

    /// <summary>As numbers of 16 bits.</summary>
    public readonly MemoryBlock16 Words;

    /// <summary>As numbers of 32 bits.</summary>
    public readonly MemoryBlock32 DWords;

    private readonly MmioRegion _region = new();

    /// <summary>Maps the memory, uncached.</summary>
    /// <exception cref="InvalidOperationException">A part of it is main memory, or memory ran out.</exception>
    [MightSleep]
    public MemoryBlock(uint aBase, uint aByteSize)
    {
        ArgumentOutOfRangeException.ThrowIfZero(aByteSize);
        if (!DeviceMemory.TryMap(_region, aBase, aByteSize, DeviceCaching.Uncached))
        {
            throw new InvalidOperationException($"0x{aBase:x} to 0x{aBase + (ulong)aByteSize - 1:x} cannot be mapped: it holds RAM, or memory ran out");
        }

        Base = aBase;
        Size = aByteSize;
        Bytes = new MemoryBlock08(_region, aBase, aByteSize);
        Words = new MemoryBlock16(_region, aBase, aByteSize);
        DWords = new MemoryBlock32(_region, aBase, aByteSize);
    }

    /// <summary>A number of 32 bits.</summary>
    /// <param name="aByteOffset">Where it is, in bytes.</param>
    public uint this[uint aByteOffset]
    {
        get => _region.Read32(aByteOffset);
        set => _region.Write32(aByteOffset, value);
    }

    /// <summary>Fills all of it with numbers of 32 bits.</summary>
    public void Fill(uint aData) => _region.Fill(0, (int)(Size / 4), aData);

    /// <summary>Fills all of it with numbers of 16 bits.</summary>
    public void Fill(ushort aData) => _region.Fill(0, (int)(Size / 2), aData);

    /// <summary>Fills all of it with bytes.</summary>
    public void Fill(byte aData) => _region.Fill(0, (int)Size, aData);

    /// <summary>Fills a part with numbers of 32 bits.</summary>
    /// <param name="aByteOffset">First byte.</param>
    /// <param name="aCount">How many numbers.</param>
    /// <param name="aData">The number.</param>
    public void Fill(uint aByteOffset, uint aCount, uint aData) => _region.Fill(aByteOffset, (int)aCount, aData);

    /// <summary>Fills a part with numbers of 32 bits.</summary>
    public void Fill(int aByteOffset, int aCount, int aData) => _region.Fill(aByteOffset, aCount, (uint)aData);

    /// <summary>Fills a part with numbers of 16 bits.</summary>
    public void Fill(uint aByteOffset, uint aCount, ushort aData) => _region.Fill(aByteOffset, (int)aCount, aData);

    /// <summary>Fills a part with bytes.</summary>
    public void Fill(uint aByteOffset, uint aCount, byte aData) => _region.Fill(aByteOffset, (int)aCount, aData);

    /// <summary>Copies numbers to the start.</summary>
    public void Copy(uint[] aData) => _region.Write(0, aData.AsSpan());

    /// <summary>Copies bytes to the start.</summary>
    public void Copy(byte[] aData) => _region.Write(0, aData.AsSpan());

    /// <summary>Copies numbers to the start.</summary>
    public void Copy(int[] aData) => _region.Write(0, aData.AsSpan());

    /// <summary>Copies bytes.</summary>
    public void Copy(int aByteOffset, byte[] aData, int aIndex, int aCount) => _region.Write(aByteOffset, aData.AsSpan(aIndex, aCount));

    /// <summary>Copies numbers to the start.</summary>
    public void Copy(int[] aData, int aIndex, int aCount) => _region.Write(0, aData.AsSpan(aIndex, aCount));

    /// <summary>Copies numbers.</summary>
    public void Copy(int aByteOffset, int[] aData, int aIndex, int aCount) => _region.Write(aByteOffset, aData.AsSpan(aIndex, aCount));

    /// <summary>Copies a block of memory to the start.</summary>
    public void Copy(ManagedMemoryBlock block)
    {
        ArgumentNullException.ThrowIfNull(block);
        _region.Write(0, block.memory.AsSpan(0, (int)block.Size));
    }

    /// <summary>Reads bytes.</summary>
    public void Get(int aByteOffset, byte[] aData, int aIndex, int aCount) => _region.Read(aByteOffset, aData.AsSpan(aIndex, aCount));

    /// <summary>Reads numbers.</summary>
    public void Get(int aByteOffset, int[] aData, int aIndex, int aCount)
    {
        ArgumentNullException.ThrowIfNull(aData);
        for (int i = 0; i < aCount; i++)
        {
            aData[aIndex + i] = (int)_region.Read32(aByteOffset + (4L * i));
        }
    }

    /// <summary>Moves bytes towards the start.</summary>
    public void MoveDown(uint aDest, uint aSrc, uint aCount) => Move(aDest, aSrc, aCount);

    /// <summary>Moves bytes towards the end.</summary>
    public void MoveUp(uint aDest, uint aSrc, uint aCount) => Move(aDest, aSrc, aCount);

    /// <summary>Reads bytes from the start.</summary>
    public void Read8(byte[] aBuffer) => _region.Read(0, aBuffer.AsSpan());

    /// <summary>Writes bytes at the start.</summary>
    public void Write8(byte[] aBuffer) => _region.Write(0, aBuffer.AsSpan());

    /// <summary>Reads numbers from the start.</summary>
    public void Read16(ushort[] aBuffer) => _region.Read(0, aBuffer.AsSpan());

    /// <summary>Writes numbers at the start.</summary>
    public void Write16(ushort[] aBuffer) => _region.Write(0, aBuffer.AsSpan());

    /// <summary>Reads numbers from the start.</summary>
    public void Read32(uint[] aBuffer) => _region.Read(0, aBuffer.AsSpan());

    /// <summary>Writes numbers at the start.</summary>
    public void Write32(uint[] aBuffer) => _region.Write(0, aBuffer.AsSpan());

    /// <summary>All numbers.</summary>
    public uint[] ToArray() => ToArray(0, 0, (int)(Size / 4));

    /// <summary>Numbers from a byte on, behind so many zeros.</summary>
    /// <param name="aStart">First byte.</param>
    /// <param name="aIndex">Zeros.</param>
    /// <param name="aCount">Numbers.</param>
    public uint[] ToArray(int aStart, int aIndex, int aCount)
    {
        uint[] numbers = new uint[aIndex + aCount];
        _region.Read(aStart, numbers.AsSpan(aIndex));
        return numbers;
    }

    private void Move(uint to, uint from, uint count)
    {
        byte[] bytes = new byte[count];
        _region.Read(from, bytes.AsSpan());
        _region.Write(to, bytes.AsSpan());
    }
}
