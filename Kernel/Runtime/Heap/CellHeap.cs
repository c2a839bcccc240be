using System;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Runtime.Heap;

/// <summary>
/// Allocation and sweep of cells. Each size class has its own lock and three lists of blocks: with free cells, full, and not yet swept since the last
/// collection. Sweeping a block makes the reached cells the allocated ones; it touches the bitmaps only, never the cells.
/// </summary>
internal static unsafe class CellHeap
{
    private const int ClassStride = 128;
    private const uint BatchBytes = 4096;
    private const uint MinimumBatch = 4;
    private const int BlocksPerSpan = 16;

    [Immutable]
    private static byte* s_classes;

    [Atomic]
    private static int s_unsweptBlocks;

    /// <summary>Number of blocks that the sweep of the last collection has not seen yet.</summary>
    public static int UnsweptBlocks => Volatile.Read(ref s_unsweptBlocks);

    /// <summary>Makes the classes; false when there is no memory for them.</summary>
    [BeforePublication]
    public static bool Initialize()
    {
        nuint frames = ((SizeClasses.Count * ClassStride) + HeapFrames.FrameSize - 1) / HeapFrames.FrameSize;
        Volatile.Write(ref s_unsweptBlocks, 0);
        s_classes = HeapFrames.AllocateRun(frames);
        if (s_classes == null)
        {
            return false;
        }

        HeapMemory.Zero(s_classes, frames * HeapFrames.FrameSize);
        for (int index = 0; index < SizeClasses.Count; index++)
        {
            Class(index)->Lock = new HeapLock(LockClass.HeapSizeClass, index);
        }

        return true;
    }

    /// <summary>
    /// Takes a cell of a class that the processors' free lists serve, and fills this processor's list when it is empty.
    /// </summary>
    /// <param name="index">The size class, below <see cref="SizeClasses.FirstMedium"/>.</param>
    /// <returns>An object reference whose memory is zero but for an odd MethodTable word; 0 when there are no frames.</returns>
    public static nuint TakeFast(int index)
    {
        ClassHeap* heap = Class(index);
        while (true)
        {
            heap->Lock.Enter();
            nuint* list = HeapPlatform.AllocationList(index);
            nuint head = *list;
            if (head <= 1)
            {
                HeapBlock* block = FindBlock(heap, out bool more);
                if (block == null)
                {
                    heap->Lock.Exit();
                    if (!more && !AddBlock(index))
                    {
                        return 0;
                    }

                    continue;
                }

                head = Refill(heap, block);
            }

            nuint reference = head - 1;
            *list = *(nuint*)reference;
            *(nuint*)reference = 1;
            heap->Lock.Exit();
            return reference;
        }
    }

    /// <summary>Takes a cell of a class above the fast ones.</summary>
    /// <returns>An object reference whose memory is <em>not</em> cleared, with an odd MethodTable word; 0 when there are no frames.</returns>
    public static nuint TakeMedium(int index)
    {
        ClassHeap* heap = Class(index);
        while (true)
        {
            heap->Lock.Enter();
            HeapBlock* block = FindBlock(heap, out bool more);
            if (block != null)
            {
                nuint reference = TakeOne(heap, block);
                nuint bytes = block->CellSize;
                heap->Lock.Exit();
                HeapTotals.CountAllocated(bytes);
                return reference;
            }

            heap->Lock.Exit();
            if (!more && !AddBlock(index))
            {
                return 0;
            }
        }
    }

    /// <summary>Sweeps what is left of the last collection and gives empty blocks back to the frame allocator. Any task may help.</summary>
    public static void FinishSweep()
    {
        for (int index = 0; index < SizeClasses.Count; index++)
        {
            ClassHeap* heap = Class(index);
            bool more = true;
            while (more)
            {
                BlockList empty = default;
                heap->Lock.Enter();
                for (int i = 0; i < BlocksPerSpan && heap->Unswept.Head != null; i++)
                {
                    HeapBlock* block = SweepNext(heap);
                    if (block->FreeCells == block->CellCount)
                    {
                        heap->Available.Remove(block);
                        heap->Blocks--;
                        empty.Push(block);
                    }
                }

                more = heap->Unswept.Head != null;
                heap->Lock.Exit();
                ReleaseBlocks(ref empty);
            }
        }
    }

    /// <summary>Gives the empty blocks of all classes back, also those that allocation has swept. For memory pressure.</summary>
    public static void ReleaseEmptyBlocks()
    {
        for (int index = 0; index < SizeClasses.Count; index++)
        {
            ClassHeap* heap = Class(index);
            BlockList empty = default;
            heap->Lock.Enter();
            HeapBlock* block = heap->Available.Head;
            while (block != null)
            {
                HeapBlock* next = block->Next;
                if (block->FreeCells == block->CellCount)
                {
                    heap->Available.Remove(block);
                    heap->Blocks--;
                    empty.Push(block);
                }

                block = next;
            }

            heap->Lock.Exit();
            ReleaseBlocks(ref empty);
        }
    }

    /// <summary>Takes the locks of all classes for a collection; interrupts are off.</summary>
    [Acquires(typeof(ClassHeap), nameof(ClassHeap.Lock))]
    [AtomicContext]
    [SuppressMessage("CosmosKernel.Locking", "CKL007", Justification = "Each turn takes the lock of another class, in the order of the classes.")]
    [SuppressMessage("CosmosKernel.Locking", "CKL006", Justification = "The loop runs over all classes, and there is at least one.")]
    public static void AcquireAll()
    {
        for (int index = 0; index < SizeClasses.Count; index++)
        {
            Class(index)->Lock.Acquire();
        }
    }

    /// <summary>The counterpart of <see cref="AcquireAll"/>.</summary>
    [Releases(typeof(ClassHeap), nameof(ClassHeap.Lock))]
    [AtomicContext]
    [SuppressMessage("CosmosKernel.Locking", "CKL005", Justification = "The loop runs over all classes, and there is at least one.")]
    public static void ReleaseAll()
    {
        for (int index = 0; index < SizeClasses.Count; index++)
        {
            Class(index)->Lock.Release();
        }
    }

    /// <summary>
    /// Declares every block unswept, and counts what was reached: the end of marking, with the world stopped and all locks held.
    /// </summary>
    [RequiresLock(typeof(ClassHeap), nameof(ClassHeap.Lock))]
    public static void BeginSweep(ref nuint liveBytes, ref nuint liveObjects)
    {
        int blocks = 0;
        for (int index = 0; index < SizeClasses.Count; index++)
        {
            ClassHeap* heap = Class(index);
            heap->Unswept.Append(ref heap->Available);
            heap->Unswept.Append(ref heap->Full);
            blocks += heap->Blocks;
            nuint objects = 0;
            for (HeapBlock* block = heap->Unswept.Head; block != null; block = block->Next)
            {
                objects += block->CountMarked();
            }

            liveObjects += objects;
            liveBytes += objects * SizeClasses.CellSize(index);
        }

        Volatile.Write(ref s_unsweptBlocks, blocks);
    }

    private static ClassHeap* Class(int index) => (ClassHeap*)(s_classes + (index * ClassStride));

    /// <summary>
    /// A block with a free cell, swept now if need be; null when there is none, or when <paramref name="more"/> says that the lock
    /// must be given up for a moment first.
    /// </summary>
    [RequiresLock("heap.Lock")]
    private static HeapBlock* FindBlock(ClassHeap* heap, out bool more)
    {
        more = false;
        HeapBlock* block = heap->Available.Head;
        if (block != null)
        {
            return block;
        }

        for (int i = 0; heap->Unswept.Head != null; i++)
        {
            if (i == BlocksPerSpan)
            {
                more = true;
                return null;
            }

            block = SweepNext(heap);
            if (block->FreeCells != 0)
            {
                return block;
            }
        }

        return null;
    }

    /// <summary>Sweeps the first unswept block and files it by its free cells.</summary>
    [RequiresLock("heap.Lock")]
    private static HeapBlock* SweepNext(ClassHeap* heap)
    {
        HeapBlock* block = heap->Unswept.Head;
        heap->Unswept.Remove(block);
        block->FreeCells = (ushort)(block->CellCount - block->CountMarked());
        for (int word = 0; word < block->Words; word++)
        {
            ulong marked = block->Marked[word];
            if (HeapOptions.PoisonFreedCells)
            {
                Poison(block, word, block->Allocated[word] & ~marked);
            }

            block->Allocated[word] = marked;
            block->Marked[word] = 0;
        }

        block->FirstFreeWord = 0;
        if (block->FreeCells != 0)
        {
            heap->Available.Push(block);
        }
        else
        {
            heap->Full.Push(block);
        }

        Interlocked.Decrement(ref s_unsweptBlocks);
        return block;
    }

    private static void Poison(HeapBlock* block, int word, ulong cells)
    {
        for (int i = 0; cells != 0; i++, cells >>= 1)
        {
            if ((cells & 1) != 0)
            {
                HeapMemory.Fill(block->Start + ((nuint)((word * 64) + i) * block->CellSize), block->CellSize, HeapOptions.Poison);
            }
        }
    }

    /// <summary>Takes a batch of cells, clears and chains them in ascending order. Returns the tagged head of the chain; the block has a free cell.</summary>
    [RequiresLock("heap.Lock")]
    private static nuint Refill(ClassHeap* heap, HeapBlock* block)
    {
        nuint cellSize = block->CellSize;
        uint wanted = Math.Max(BatchBytes / (uint)cellSize, MinimumBatch);
        wanted = Math.Min(wanted, block->FreeCells);
        uint missing = wanted;
        nuint head = 1;
        nuint* link = &head;
        int word = block->FirstFreeWord;
        while (true)
        {
            ulong free = ~block->Allocated[word] & block->ValidBits(word);
            while (free != 0 && missing != 0)
            {
                int first = BitOperations.TrailingZeroCount(free);
                ulong rest = ~(free >> first);
                uint run = rest == 0 ? 64u : (uint)BitOperations.TrailingZeroCount(rest);
                run = Math.Min(run, missing);
                ulong taken = (ulong.MaxValue >> (int)(64 - run)) << first;
                free &= ~taken;
                block->Allocated[word] |= taken;
                missing -= run;

                nuint cell = (nuint)block->Start + ((nuint)((word * 64) + first) * cellSize);
                HeapMemory.Zero((byte*)cell, run * cellSize);
                nuint tagged = cell + HeapBlock.HeaderSize + 1;
                *link = tagged;
                link = Chain(tagged, cellSize, run);
            }

            if (missing == 0)
            {
                break;
            }

            word++;
        }

        *link = 1;
        block->FirstFreeWord = (byte)word;
        block->FreeCells -= (ushort)wanted;
        if (block->FreeCells == 0)
        {
            heap->Available.Remove(block);
            heap->Full.Push(block);
        }

        HeapTotals.CountAllocated(wanted * cellSize);
        return head;
    }

    /// <summary>Links <paramref name="count"/> neighbouring cells, the first of which is at the tagged reference. Returns the last one's link.</summary>
    private static nuint* Chain(nuint tagged, nuint cellSize, uint count)
    {
        nuint last = tagged + ((count - 1) * cellSize);
        nuint beforeLast = last - cellSize;
        while (tagged < beforeLast)
        {
            nuint second = tagged + cellSize;
            *(nuint*)(tagged - 1) = second;
            tagged = second + cellSize;
            *(nuint*)(second - 1) = tagged;
        }

        if (tagged != last)
        {
            *(nuint*)(tagged - 1) = last;
        }

        return (nuint*)(last - 1);
    }

    [RequiresLock("heap.Lock")]
    private static nuint TakeOne(ClassHeap* heap, HeapBlock* block)
    {
        int word = block->FirstFreeWord;
        ulong free;
        while ((free = ~block->Allocated[word] & block->ValidBits(word)) == 0)
        {
            word++;
        }

        uint index = (uint)((word * 64) + BitOperations.TrailingZeroCount(free));
        block->Allocated[word] |= free & (ulong)-(long)free;
        block->FirstFreeWord = (byte)word;
        if (--block->FreeCells == 0)
        {
            heap->Available.Remove(block);
            heap->Full.Push(block);
        }

        nuint reference = block->ReferenceOf(index);
        *(nuint*)reference = 1;
        return reference;
    }

    /// <summary>Gets a block for a class from the frame allocator, or for a task in an exception from the reserve. Takes no lock while it does.</summary>
    private static bool AddBlock(int index)
    {
        nuint bytes = SizeClasses.BlockBytes(index);
        HeapBlock* block = BlockTable.Take();
        byte* memory = block == null ? null : HeapFrames.AllocateRun(bytes / HeapFrames.FrameSize);
        if (memory == null)
        {
            if (block != null)
            {
                BlockTable.Return(block);
            }

            block = index < SizeClasses.FirstMedium ? HeapReserve.TryTake() : null;
            if (block == null)
            {
                return false;
            }

            memory = block->Start;
        }

        uint cellSize = SizeClasses.CellSize(index);
        block->Start = memory;
        block->Bytes = bytes;
        block->CellSize = cellSize;
        block->Reciprocal = (uint)(((1UL << 32) + cellSize - 1) / cellSize);
        block->CellCount = (ushort)(bytes / cellSize);
        block->FreeCells = block->CellCount;
        block->Class = (byte)index;
        block->Kind = BlockKind.Cells;
        HeapFrames.SetOwner(memory, bytes / HeapFrames.FrameSize, block);
        HeapTotals.CountCommitted((nint)bytes);

        ClassHeap* heap = Class(index);
        heap->Lock.Enter();
        heap->Available.Push(block);
        heap->Blocks++;
        heap->Lock.Exit();
        return true;
    }

    /// <summary>
    /// Frees blocks that are on no list any more. No cell of them is allocated, so a word on a stack that looks like an address in one finds nothing,
    /// whenever a collection comes.
    /// </summary>
    private static void ReleaseBlocks(ref BlockList blocks)
    {
        HeapBlock* block;
        while ((block = blocks.Head) != null)
        {
            blocks.Remove(block);
            nuint frames = block->Bytes / HeapFrames.FrameSize;
            HeapFrames.SetOwner(block->Start, frames, null);
            HeapTotals.CountCommitted(-(nint)block->Bytes);
            HeapFrames.FreeRun(block->Start, frames);
            BlockTable.Return(block);
        }
    }

    /// <summary>One size class; a stride of 128 bytes keeps the locks of two classes out of each other's cache lines.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct ClassHeap
    {
        public HeapLock Lock;

        [GuardedBy(nameof(Lock))]
        public int Blocks;

        [GuardedBy(nameof(Lock))]
        public BlockList Available;

        [GuardedBy(nameof(Lock))]
        public BlockList Full;

        [GuardedBy(nameof(Lock))]
        public BlockList Unswept;
    }
}
