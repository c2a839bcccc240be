using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CosmosKernel.Runtime.Heap;

/// <summary>What the memory behind a <see cref="HeapBlock"/> is.</summary>
internal enum BlockKind : byte
{
    /// <summary>The descriptor is on the list of unused ones.</summary>
    Unused,

    /// <summary>Cells of one size class, in frames of the direct map.</summary>
    Cells,

    /// <summary>One object in contiguous frames of the direct map.</summary>
    LargeFrames,

    /// <summary>One object in a virtual area.</summary>
    LargeArea,

    /// <summary>Objects of the image, made at build time; never collected.</summary>
    Frozen,
}

/// <summary>
/// Describes one block: memory cut into cells of one size, or a single large object. The bits of a cell say whether it was handed out and, while a
/// collection runs, whether it was reached. 256 bytes, in native memory of its own, so that the bits of many blocks share cache sets evenly.
/// <para>
/// A cell starts with the 8-byte object header; the object reference is cell + 8.
/// </para>
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = DescriptorSize)]
internal unsafe struct HeapBlock
{
    /// <summary>Words of each bitmap: enough for a 16 KiB block of the smallest cells.</summary>
    public const int BitmapWords = 11;

    /// <summary>Bytes of a block descriptor.</summary>
    public const int DescriptorSize = 256;

    /// <summary>Offset from the start of a cell to the object reference.</summary>
    public const int HeaderSize = 8;

    /// <summary>The first cell.</summary>
    public byte* Start;

    /// <summary>Bytes of a cell.</summary>
    public nuint CellSize;

    /// <summary>Bytes of the block's memory.</summary>
    public nuint Bytes;

    /// <summary>Neighbours in the list that the block is on (guarded by its class's lock).</summary>
    public HeapBlock* Next;

    /// <summary>See <see cref="Next"/>.</summary>
    public HeapBlock* Previous;

    /// <summary>2^32 divided by <see cref="CellSize"/>, rounded up; 0 for a large object, so that every address gives cell 0.</summary>
    public uint Reciprocal;

    /// <summary>Number of cells, 1 for a large object.</summary>
    public ushort CellCount;

    /// <summary>Cells that are not handed out; exact for a swept block (guarded by the class's lock).</summary>
    public ushort FreeCells;

    /// <summary>What the block is.</summary>
    public BlockKind Kind;

    /// <summary>Index of the size class.</summary>
    public byte Class;

    /// <summary>Not 0: an object in here was marked but did not fit on the mark stack (only the collector uses it).</summary>
    public byte Overflowed;

    /// <summary>First bitmap word that may have a free cell (guarded by the class's lock).</summary>
    public byte FirstFreeWord;

    /// <summary>One bit a cell: handed out, to an object or to a processor's free list.</summary>
    public fixed ulong Allocated[BitmapWords];

    /// <summary>One bit a cell: reached by the collection that runs or was not swept yet.</summary>
    public fixed ulong Marked[BitmapWords];

    /// <summary>The number of the cell that <paramref name="address"/> is in; the address must be inside the block.</summary>
    /// <remarks>Offsets are below 2^16 and cells at least 24 bytes, for which the multiplication by the rounded-up reciprocal is exact.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly uint CellIndex(nuint address) => (uint)(((address - (nuint)Start) * Reciprocal) >> 32);

    /// <summary>The object reference of cell <paramref name="index"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly nuint ReferenceOf(uint index) => (nuint)Start + (index * CellSize) + HeaderSize;

    /// <summary>True when the cell was handed out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool IsAllocated(uint index) => (Allocated[index >> 6] & (1UL << (int)(index & 63))) != 0;

    /// <summary>True when the collection reached the cell.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool IsMarked(uint index) => (Marked[index >> 6] & (1UL << (int)(index & 63))) != 0;

    /// <summary>Marks the cell; false when it was marked before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryMark(HeapBlock* block, uint index)
    {
        ulong* word = block->Marked + (index >> 6);
        ulong bit = 1UL << (int)(index & 63);
        ulong before = *word;
        if ((before & bit) != 0)
        {
            return false;
        }

        *word = before | bit;
        return true;
    }

    /// <summary>Bitmap words in use.</summary>
    public readonly int Words => (CellCount + 63) >> 6;

    /// <summary>Number of marked cells.</summary>
    public readonly uint CountMarked()
    {
        int count = 0;
        for (int word = 0; word < Words; word++)
        {
            count += BitOperations.PopCount(Marked[word]);
        }

        return (uint)count;
    }

    /// <summary>The bits of bitmap word <paramref name="word"/> that stand for cells.</summary>
    public readonly ulong ValidBits(int word)
    {
        int cells = CellCount - (word * 64);
        return cells >= 64 ? ulong.MaxValue : cells <= 0 ? 0 : (1UL << cells) - 1;
    }
}

/// <summary>A doubly linked list of blocks; both ends are known, so that two lists join in constant time.</summary>
internal unsafe struct BlockList
{
    /// <summary>The first block, or null.</summary>
    public HeapBlock* Head;

    /// <summary>The last block, or null.</summary>
    public HeapBlock* Tail;

    /// <summary>Puts a block that is on no list at the front.</summary>
    public void Push(HeapBlock* block)
    {
        block->Previous = null;
        block->Next = Head;
        if (Head != null)
        {
            Head->Previous = block;
        }
        else
        {
            Tail = block;
        }

        Head = block;
    }

    /// <summary>Takes a block of this list off it.</summary>
    public void Remove(HeapBlock* block)
    {
        if (block->Previous != null)
        {
            block->Previous->Next = block->Next;
        }
        else
        {
            Head = block->Next;
        }

        if (block->Next != null)
        {
            block->Next->Previous = block->Previous;
        }
        else
        {
            Tail = block->Previous;
        }

        block->Next = null;
        block->Previous = null;
    }

    /// <summary>Moves all blocks of <paramref name="other"/> to the end of this list.</summary>
    public void Append(ref BlockList other)
    {
        if (other.Head == null)
        {
            return;
        }

        if (Tail == null)
        {
            Head = other.Head;
        }
        else
        {
            Tail->Next = other.Head;
            other.Head->Previous = Tail;
        }

        Tail = other.Tail;
        other.Head = null;
        other.Tail = null;
    }
}
