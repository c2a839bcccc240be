using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Runtime.Heap;

/// <summary>
/// Objects above 16 KiB: whole frames of their own, contiguous up to 1 MiB and a virtual area above (or when no run is long enough).
/// </summary>
internal static unsafe class LargeHeap
{
    /// <summary>Largest object in bytes for which contiguous frames are asked for first.</summary>
    public const nuint LargestContiguous = 1 << 20;

    private const int BlocksPerSpan = 64;

    private static HeapLock s_lock;

    [GuardedBy(nameof(s_lock))]
    private static BlockList s_live;

    [GuardedBy(nameof(s_lock))]
    private static BlockList s_unswept;

    [GuardedBy(nameof(s_lock))]
    private static int s_blocks;

    [Atomic]
    private static int s_unsweptBlocks;

    /// <summary>Number of objects that the sweep of the last collection has not seen yet.</summary>
    public static int UnsweptBlocks => Volatile.Read(ref s_unsweptBlocks);

    /// <summary>Forgets everything; called once before the first allocation.</summary>
    [BeforePublication]
    public static void Initialize()
    {
        s_lock = new HeapLock(LockClass.HeapLarge, 0);
        s_live = default;
        s_unswept = default;
        s_blocks = 0;
        Volatile.Write(ref s_unsweptBlocks, 0);
    }

    /// <summary>Takes memory for an object of <paramref name="size"/> bytes.</summary>
    /// <returns>An object reference whose memory is <em>not</em> cleared, with an odd MethodTable word; 0 when there is no memory.</returns>
    public static nuint Take(nuint size)
    {
        HeapBlock* block = BlockTable.Take();
        if (block == null)
        {
            return 0;
        }

        nuint bytes = (size + HeapFrames.FrameSize - 1) & ~(nuint)(HeapFrames.FrameSize - 1);
        byte* memory = size <= LargestContiguous ? HeapFrames.AllocateRun(bytes / HeapFrames.FrameSize) : null;
        block->Kind = BlockKind.LargeFrames;
        if (memory == null)
        {
            // Asked first: an area takes its frames one by one, and would take all that there are before it finds that they are too few.
            memory = bytes <= HeapFrames.FreeBytes ? HeapFrames.AllocateArea(bytes) : null;
            block->Kind = BlockKind.LargeArea;
        }

        block->Start = memory;
        block->Bytes = bytes;
        block->CellSize = bytes;
        block->CellCount = 1;
        if (memory == null || !MakeFindable(block))
        {
            if (memory != null)
            {
                HeapFrames.FreeArea(memory, bytes);
            }

            BlockTable.Return(block);
            return 0;
        }

        HeapTotals.CountCommitted((nint)bytes);
        HeapTotals.CountAllocated(bytes);
        nuint reference = block->ReferenceOf(0);
        *(nuint*)reference = 1;

        // Becomes an allocated cell in the same span in which it comes onto the list: a collection sees both or neither.
        s_lock.Enter();
        block->Allocated[0] = 1;
        s_live.Push(block);
        s_blocks++;
        s_lock.Exit();
        return reference;
    }

    /// <summary>Frees the unreached objects of the last collection. Any task may help. Call without locks, interrupts on: areas are unmapped on all processors.</summary>
    public static void FinishSweep()
    {
        while (UnsweptBlocks != 0)
        {
            BlockList dead = default;
            s_lock.Enter();
            for (int i = 0; i < BlocksPerSpan && s_unswept.Head != null; i++)
            {
                HeapBlock* block = s_unswept.Head;
                s_unswept.Remove(block);
                if (block->Marked[0] != 0)
                {
                    block->Marked[0] = 0;
                    s_live.Push(block);
                }
                else
                {
                    block->Allocated[0] = 0;
                    s_blocks--;
                    dead.Push(block);
                }

                Interlocked.Decrement(ref s_unsweptBlocks);
            }

            s_lock.Exit();
            ReleaseBlocks(ref dead);
        }
    }

    /// <summary>Takes the lock for a collection; interrupts are off.</summary>
    [Acquires(nameof(s_lock))]
    [AtomicContext]
    public static void Acquire() => s_lock.Acquire();

    /// <summary>The counterpart of <see cref="Acquire"/>.</summary>
    [Releases(nameof(s_lock))]
    [AtomicContext]
    public static void Release() => s_lock.Release();

    /// <summary>Declares every object unswept, and counts what was reached: the end of marking, with the world stopped and the lock held.</summary>
    [RequiresLock(nameof(s_lock))]
    public static void BeginSweep(ref nuint liveBytes, ref nuint liveObjects)
    {
        s_unswept.Append(ref s_live);
        Volatile.Write(ref s_unsweptBlocks, s_blocks);
        for (HeapBlock* block = s_unswept.Head; block != null; block = block->Next)
        {
            if (block->Marked[0] != 0)
            {
                liveBytes += block->Bytes;
                liveObjects++;
            }
        }
    }

    private static bool MakeFindable(HeapBlock* block)
    {
        if (block->Kind == BlockKind.LargeArea)
        {
            return BlockTable.EnterArea(block);
        }

        HeapFrames.SetOwner(block->Start, block->Bytes / HeapFrames.FrameSize, block);
        return true;
    }

    private static void ReleaseBlocks(ref BlockList blocks)
    {
        HeapBlock* block;
        while ((block = blocks.Head) != null)
        {
            blocks.Remove(block);
            HeapTotals.CountCommitted(-(nint)block->Bytes);
            if (block->Kind == BlockKind.LargeArea)
            {
                BlockTable.LeaveArea(block);
                HeapFrames.FreeArea(block->Start, block->Bytes);
            }
            else
            {
                HeapFrames.SetOwner(block->Start, block->Bytes / HeapFrames.FrameSize, null);
                HeapFrames.FreeRun(block->Start, block->Bytes / HeapFrames.FrameSize);
            }

            BlockTable.Return(block);
        }
    }
}
