using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Runtime.Heap;

/// <summary>
/// A few blocks that only a thread with an exception in flight may take, so that an OutOfMemoryException can be made, thrown and caught when nothing else is left.
/// Filled again after each collection.
/// </summary>
internal static unsafe class HeapReserve
{
    private const int Blocks = 16;

    private static HeapLock s_lock;

    [GuardedBy(nameof(s_lock))]
    private static HeapBlock* s_first;

    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static int s_count;

    /// <summary>Bytes held back.</summary>
    public static nuint Bytes => (nuint)Volatile.Read(ref s_count) * SizeClasses.FastBlockBytes;

    /// <summary>Forgets everything; called once.</summary>
    [BeforePublication]
    public static void Initialize()
    {
        s_lock = new HeapLock(LockClass.HeapReserve, 0);
        s_first = null;
        s_count = 0;
    }

    /// <summary>Takes blocks from the frame allocator until the reserve is full, or there are no more.</summary>
    public static void Fill()
    {
        while (Volatile.Read(ref s_count) < Blocks)
        {
            HeapBlock* block = BlockTable.Take();
            if (block == null)
            {
                return;
            }

            block->Start = HeapFrames.AllocateRun(SizeClasses.FastBlockBytes / HeapFrames.FrameSize);
            if (block->Start == null)
            {
                BlockTable.Return(block);
                return;
            }

            s_lock.Enter();
            block->Next = s_first;
            s_first = block;
            s_count++;
            s_lock.Exit();
        }
    }

    /// <summary>A descriptor with 16 KiB of memory at its <see cref="HeapBlock.Start"/>; null when this thread may not have it, or none is left.</summary>
    public static HeapBlock* TryTake()
    {
        if (!HeapPlatform.IsThrowing)
        {
            return null;
        }

        s_lock.Enter();
        HeapBlock* block = s_first;
        if (block != null)
        {
            s_first = block->Next;
            block->Next = null;
            s_count--;
        }

        s_lock.Exit();
        return block;
    }

    /// <summary>Takes the lock for a collection; interrupts are off.</summary>
    [Acquires(nameof(s_lock))]
    [AtomicContext]
    public static void Acquire() => s_lock.Acquire();

    /// <summary>The counterpart of <see cref="Acquire"/>.</summary>
    [Releases(nameof(s_lock))]
    [AtomicContext]
    public static void Release() => s_lock.Release();
}
