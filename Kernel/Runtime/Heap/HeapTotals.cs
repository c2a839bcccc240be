using System.Threading;

namespace CosmosKernel.Runtime.Heap;

/// <summary>The heap's running counts, in bytes. Each is one word that any processor adds to atomically.</summary>
internal static class HeapTotals
{
    private static long s_allocated;
    private static long s_allocatedSinceCollection;
    private static long s_committed;

    /// <summary>Bytes handed out since boot: cells, in batches, including those that wait on a processor's free list.</summary>
    public static long Allocated => Volatile.Read(ref s_allocated) + AllocatedSinceCollection;

    /// <summary>Bytes handed out since the last collection.</summary>
    public static long AllocatedSinceCollection => Volatile.Read(ref s_allocatedSinceCollection);

    /// <summary>Bytes of blocks and large objects, free cells included.</summary>
    public static long Committed => Volatile.Read(ref s_committed);

    /// <summary>Sets all to 0.</summary>
    public static void Reset()
    {
        s_allocated = 0;
        s_allocatedSinceCollection = 0;
        s_committed = 0;
    }

    /// <summary>Counts cells that were handed out.</summary>
    public static void CountAllocated(nuint bytes)
    {
        Interlocked.Add(ref s_allocatedSinceCollection, (long)bytes);
        HeapPlatform.CountAllocated(bytes);
    }

    /// <summary>Counts blocks that came or went.</summary>
    public static void CountCommitted(nint bytes) => Interlocked.Add(ref s_committed, bytes);

    /// <summary>Starts a new period, with the world stopped.</summary>
    public static void BeginPeriod()
    {
        s_allocated += s_allocatedSinceCollection;
        s_allocatedSinceCollection = 0;
    }
}
