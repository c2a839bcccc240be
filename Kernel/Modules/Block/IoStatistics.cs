using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Block;

/// <summary>What /proc/diskstats shows of a disk or partition (Linux, Documentation/admin-guide/iostats.rst). Any context.</summary>
[NoAllocation]
public sealed class IoStatistics
{
    private const int Kinds = 4;
    private const ulong Millisecond = 1_000_000;

    [Atomic]
    private readonly long[] _requests = new long[Kinds];

    [Atomic]
    private readonly long[] _merges = new long[Kinds];

    [Atomic]
    private readonly long[] _sectors = new long[Kinds];

    [Atomic]
    private readonly long[] _nanoseconds = new long[Kinds];

    [Atomic]
    private long _inFlight;

    [Atomic]
    private long _busy;

    [Atomic]
    private long _lastChange;

    [Atomic]
    private long _weighted;

    /// <summary>Requests that have begun and not ended.</summary>
    public long InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Milliseconds in which there was at least one.</summary>
    public long BusyMilliseconds => Volatile.Read(ref _busy) / (long)Millisecond;

    /// <summary>Milliseconds of all requests together.</summary>
    public long WeightedMilliseconds => Volatile.Read(ref _weighted) / (long)Millisecond;

    /// <summary>Requests that have ended.</summary>
    public long Requests(BlockOperation operation) => Volatile.Read(ref _requests[KindOf(operation)]);

    /// <summary>Transfers that became part of another one's request.</summary>
    public long Merges(BlockOperation operation) => Volatile.Read(ref _merges[KindOf(operation)]);

    /// <summary>Sectors that were transferred.</summary>
    public long Sectors(BlockOperation operation) => Volatile.Read(ref _sectors[KindOf(operation)]);

    /// <summary>Milliseconds from submission to end, of all together.</summary>
    public long Milliseconds(BlockOperation operation) => Volatile.Read(ref _nanoseconds[KindOf(operation)]) / (long)Millisecond;

    internal void Begin(ulong now)
    {
        CountBusy(now);
        Interlocked.Increment(ref _inFlight);
    }

    internal void Merge(BlockOperation operation) => Interlocked.Increment(ref _merges[KindOf(operation)]);

    internal void End(BlockOperation operation, uint sectors, ulong submitted, ulong now)
    {
        int kind = KindOf(operation);
        long time = now > submitted ? (long)(now - submitted) : 0;
        CountBusy(now);
        Interlocked.Decrement(ref _inFlight);
        Interlocked.Increment(ref _requests[kind]);
        Interlocked.Add(ref _sectors[kind], sectors);
        Interlocked.Add(ref _nanoseconds[kind], time);
        Interlocked.Add(ref _weighted, time);
    }

    // Each stretch of time is counted by the one that moves the mark over it.
    private void CountBusy(ulong now)
    {
        long last = Volatile.Read(ref _lastChange);
        if ((long)now > last && Interlocked.CompareExchange(ref _lastChange, (long)now, last) == last && Volatile.Read(ref _inFlight) > 0)
        {
            Interlocked.Add(ref _busy, (long)now - last);
        }
    }

    private static int KindOf(BlockOperation operation) => operation switch
    {
        BlockOperation.Read => 0,
        BlockOperation.Write => 1,
        BlockOperation.Flush => 3,
        _ => 2,
    };
}
