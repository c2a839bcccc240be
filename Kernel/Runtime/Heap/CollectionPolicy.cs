using System;
using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Runtime.Heap;

/// <summary>
/// When to collect: after as many bytes were allocated as the last collection left alive, so that the cost of marking stays proportional to
/// allocation, but at least <see cref="MinimumBudget"/>, and no more than half of what memory is free.
/// </summary>
internal static class CollectionPolicy
{
    private const long ScarceBudget = 512 << 10;
    private const int MarkStackShare = 256;
    private const long LargestMinimum = 16 << 20;
    private const long SmallestMinimum = 1 << 20;
    private const int MinimumShare = 64;

    [Atomic]
    private static long s_budget;

    [Immutable]
    private static long s_minimumBudget;

    [Atomic]
    private static long s_liveBytes;

    [Atomic]
    private static nuint s_liveObjects;

    [Protocol(CollectorProtocol.HoldsCollection)]
    private static nuint s_overflowsSeen;

    [Protocol(CollectorProtocol.HoldsCollection)]
    private static nuint s_markStackBytes;

    /// <summary>
    /// Smallest allocation in bytes between two collections when memory is plentiful: 1/64 of it, 1 to 16 MiB. It keeps a small heap from being marked over and over.
    /// </summary>
    public static long MinimumBudget => s_minimumBudget;

    /// <summary>Bytes to allocate before the next collection.</summary>
    public static long Budget => Volatile.Read(ref s_budget);

    /// <summary>Bytes of the cells that the last collection reached.</summary>
    public static long LiveBytes => Volatile.Read(ref s_liveBytes);

    /// <summary>Objects that the last collection reached.</summary>
    public static nuint LiveObjects => Volatile.Read(ref s_liveObjects);

    /// <summary>True when the budget is used up.</summary>
    public static bool IsDue => HeapTotals.AllocatedSinceCollection > Budget;

    /// <summary>Bytes that the mark stack should have: a share of the heap, more when it was full last time.</summary>
    public static nuint MarkStackBytes => Math.Max(s_markStackBytes, (nuint)(HeapTotals.Committed / MarkStackShare));

    /// <summary>Sets the budget of the first period.</summary>
    [BeforePublication]
    public static void Initialize()
    {
        s_minimumBudget = Math.Clamp((long)HeapFrames.TotalBytes / MinimumShare, SmallestMinimum, LargestMinimum);
        Volatile.Write(ref s_budget, s_minimumBudget);
        Volatile.Write(ref s_liveBytes, 0);
        Volatile.Write(ref s_liveObjects, 0);
        s_overflowsSeen = Marker.Overflows;
        s_markStackBytes = 0;
    }

    /// <summary>Takes note of what marking found. World stopped.</summary>
    /// <param name="liveBytes">Bytes of the cells that were reached.</param>
    /// <param name="liveObjects">Their number.</param>
    public static void EndMarking(nuint liveBytes, nuint liveObjects)
    {
        Volatile.Write(ref s_liveBytes, (long)liveBytes);
        Volatile.Write(ref s_liveObjects, liveObjects);
        if (Marker.Overflows != s_overflowsSeen)
        {
            s_overflowsSeen = Marker.Overflows;
            s_markStackBytes = MarkStack.Bytes * 2;
        }

        // What the sweep is going to free counts as free already.
        long free = (long)HeapFrames.FreeBytes + HeapTotals.Committed - (long)liveBytes;
        long wanted = Math.Max((long)liveBytes, MinimumBudget);
        Volatile.Write(ref s_budget, Math.Max(Math.Min(wanted, free / 2), ScarceBudget));
    }
}
