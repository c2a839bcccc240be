using System;

namespace CosmosKernel.Runtime.Heap;

/// <summary>
/// The state of the managed heap at one moment. All sizes are in bytes, all times in nanoseconds.
/// </summary>
public readonly struct HeapStatistics
{
    /// <summary>Buckets of the pause histogram, see <see cref="PausesInBucket"/>.</summary>
    public const int PauseBuckets = PauseRecord.Buckets;

    /// <summary>Collections since boot.</summary>
    public ulong Collections { get; private init; }

    /// <summary>Sum of the pauses.</summary>
    public ulong TotalPause { get; private init; }

    /// <summary>The last pause.</summary>
    public ulong LastPause { get; private init; }

    /// <summary>The longest pause.</summary>
    public ulong LongestPause { get; private init; }

    /// <summary>Bytes that the last collection found reachable, rounded up to cells.</summary>
    public ulong LiveBytes { get; private init; }

    /// <summary>Objects that the last collection found reachable.</summary>
    public ulong LiveObjects { get; private init; }

    /// <summary>Bytes of blocks and large objects that the heap holds now, free cells included.</summary>
    public ulong CommittedBytes { get; private init; }

    /// <summary>Bytes of descriptors, mark stack, handle and finalization tables and reserve.</summary>
    public ulong MetadataBytes { get; private init; }

    /// <summary>Bytes handed out since boot.</summary>
    public ulong AllocatedBytes { get; private init; }

    /// <summary>Bytes handed out since the last collection.</summary>
    public ulong AllocatedSinceCollection { get; private init; }

    /// <summary>Bytes that may be handed out before the next collection starts by itself.</summary>
    public ulong Budget { get; private init; }

    /// <summary>Handles in use.</summary>
    public ulong Handles { get; private init; }

    /// <summary>Objects registered for finalization.</summary>
    public ulong FinalizableObjects { get; private init; }

    /// <summary>Objects that wait for the finalizer thread.</summary>
    public ulong FinalizersPending { get; private init; }

    /// <summary>Collections in which the mark stack was too small.</summary>
    public ulong MarkStackOverflows { get; private init; }

    /// <summary>Committed bytes in which there is no object that was reachable or allocated since: free cells and the ends of blocks.</summary>
    public ulong FragmentedBytes
    {
        get
        {
            ulong used = LiveBytes + AllocatedSinceCollection;
            return used < CommittedBytes ? CommittedBytes - used : 0;
        }
    }

    /// <summary>Takes the figures. They are counted while other processors allocate, so they belong together only roughly. Any context but NMI.</summary>
    public static HeapStatistics Capture() => new()
    {
        Collections = PauseRecord.Count,
        TotalPause = PauseRecord.Total,
        LastPause = PauseRecord.Last,
        LongestPause = PauseRecord.Longest,
        LiveBytes = (ulong)CollectionPolicy.LiveBytes,
        LiveObjects = CollectionPolicy.LiveObjects,
        CommittedBytes = (ulong)HeapTotals.Committed,
        MetadataBytes = BlockTable.MetadataBytes + MarkStack.Bytes + HandleTable.Bytes + FinalizationTable.Bytes + HeapReserve.Bytes,
        AllocatedBytes = (ulong)HeapTotals.Allocated,
        AllocatedSinceCollection = (ulong)HeapTotals.AllocatedSinceCollection,
        Budget = (ulong)CollectionPolicy.Budget,
        Handles = HandleTable.Count,
        FinalizableObjects = FinalizationTable.Registered,
        FinalizersPending = FinalizationTable.Ready,
        MarkStackOverflows = Marker.Overflows,
    };

    /// <summary>
    /// Pauses counted in a bucket: bucket 0 those below one microsecond, bucket n those from 2^(n-1) up to 2^n microseconds, the last one all longer ones.
    /// </summary>
    /// <param name="bucket">0 up to <see cref="PauseBuckets"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The bucket does not exist.</exception>
    public static ulong PausesInBucket(int bucket)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bucket);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(bucket, PauseBuckets);
        return PauseRecord.InBucket(bucket);
    }
}
