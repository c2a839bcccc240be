using System;
using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Runtime.Heap;

/// <summary>The heap's running counts, in bytes. Each is one word that any processor adds to atomically.</summary>
[Atomic]
internal static class HeapTotals
{
    private static long s_allocated;
    private static long s_allocatedAtCollection;
    private static long s_committed;

    /// <summary>Bytes handed out since boot, never less than before: cells, in batches, including those that wait on a processor's free list.</summary>
    public static long Allocated => Volatile.Read(ref s_allocated);

    /// <summary>Bytes handed out since the last collection.</summary>
    public static long AllocatedSinceCollection
    {
        get
        {
            // A collection in between has begun a new period, of which this CPU has seen nothing yet.
            long allocated = Allocated;
            return Math.Max(allocated - Volatile.Read(ref s_allocatedAtCollection), 0);
        }
    }

    /// <summary>Bytes of blocks and large objects, free cells included.</summary>
    public static long Committed => Volatile.Read(ref s_committed);

    /// <summary>Sets all to 0.</summary>
    [BeforePublication]
    public static void Reset()
    {
        Volatile.Write(ref s_allocated, 0);
        Volatile.Write(ref s_allocatedAtCollection, 0);
        Volatile.Write(ref s_committed, 0);
    }

    /// <summary>Counts cells that were handed out.</summary>
    public static void CountAllocated(nuint bytes)
    {
        Interlocked.Add(ref s_allocated, (long)bytes);
        HeapPlatform.CountAllocated(bytes);
    }

    /// <summary>Counts blocks that came or went.</summary>
    public static void CountCommitted(nint bytes) => Interlocked.Add(ref s_committed, bytes);

    /// <summary>Starts a new period, with the world stopped.</summary>
    public static void BeginPeriod() => Volatile.Write(ref s_allocatedAtCollection, Allocated);
}
