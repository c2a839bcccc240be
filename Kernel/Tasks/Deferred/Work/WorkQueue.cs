using System;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Tasks.Deferred.Work;

/// <summary>What a work queue is like.</summary>
public sealed record WorkQueueOptions
{
    /// <summary>Shown in reports.</summary>
    public required string Name { get; init; }

    /// <summary>Its items run on any CPU, several at once, and not where they were queued. For items that compute for long.</summary>
    public bool IsUnbound { get; init; }

    /// <summary>Its items run before those of ordinary queues: their workers have nice -20. Not for unbound queues.</summary>
    public bool IsUrgent { get; init; }

    /// <summary>Its items are executed one after the other, in the order in which they were queued, on any CPU.</summary>
    public bool IsOrdered { get; init; }

    /// <summary>The most of its items that workers have at once (for each CPU, if it is bound to CPUs); the others are held back.</summary>
    public int MaximumActive { get; init; } = int.MaxValue;

    /// <summary>It has a task of its own, made in advance, that executes its items one at a time whenever no worker is to be had because there is no memory for one. For queues that memory waits for.</summary>
    public bool HasRescuer { get; init; }
}

/// <summary>
/// Executes work items in worker tasks. All queues share the workers: those of each CPU, or for unbound queues those of the whole machine. Of a CPU's workers one runs; when it sleeps, another
/// one takes the next item, so an item that waits holds up no other, and one that computes is not interrupted by others of its kind.
/// <para>Guarantee under memory pressure: queuing never allocates; before a worker begins with an item, another one stands by, if there was memory to make it. With <see cref="WorkQueueOptions.HasRescuer"/> items are executed even if there was none.</para>
/// </summary>
public sealed class WorkQueue : IDisposable
{
    [Immutable]
    private readonly WorkQueueShare[] _shares;
    private readonly bool _isBound;
    private readonly Rescuer? _rescuer;
    private readonly Waiting.Mutex _flushing = new("work queue flush");
    private readonly Completion _flushed = new("work queue");

    [Atomic]
    private int _unflushed;

    /// <summary>Makes a queue. Task context, after <see cref="WorkQueues.Start"/>.</summary>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    [MightSleep]
    public WorkQueue(WorkQueueOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaximumActive, 1);
        bool unbound = options.IsUnbound || options.IsOrdered;
        if (unbound && options.IsUrgent)
        {
            throw new ArgumentException("An unbound queue cannot be urgent.", nameof(options));
        }

        Name = options.Name;
        _isBound = !unbound;
        WorkerPool[] pools = unbound ? [WorkQueues.UnboundPool] : WorkQueues.PoolsOfCpus(options.IsUrgent);
        _shares = new WorkQueueShare[pools.Length];
        for (int i = 0; i < pools.Length; i++)
        {
            _shares[i] = new WorkQueueShare(this, pools[i], options.IsOrdered ? 1 : options.MaximumActive);
        }

        _rescuer = options.HasRescuer ? new Rescuer(this, _shares) : null;
    }

    /// <summary>Shown in reports.</summary>
    public string Name { get; }

    /// <summary>Items that its rescuer executed.</summary>
    public ulong Rescued => _rescuer?.Executed ?? 0;

    /// <summary>Waits until every item has been executed that waited in the queue when this was called; items that wait for their time are not in the queue yet. Task context; not in an item of the queue.</summary>
    [MightSleep]
    public void Flush()
    {
        using (_flushing.Enter())
        {
            // One for this loop, so that nobody signals before its end.
            Volatile.Write(ref _unflushed, 1);
            foreach (WorkQueueShare share in _shares)
            {
                share.Pool.BeginFlush(share);
            }

            ShareFlushed();
            _flushed.Wait();
        }
    }

    /// <summary>Executes what waits, and gives the queue's rescuer back. Nothing may be queued any more.</summary>
    [MightSleep]
    public void Dispose()
    {
        Flush();
        _rescuer?.Stop();
    }

    /// <summary>The share of a CPU.</summary>
    [NoAllocation]
    internal WorkQueueShare ShareOf(int cpu)
    {
        if (!_isBound)
        {
            return _shares[0];
        }

        int index = (uint)cpu < (uint)_shares.Length ? cpu : Cpu.CurrentIndex;
        return _shares[index < _shares.Length ? index : 0];
    }

    /// <summary>Another share has to be waited for in the flush that begins. The share's pool is locked.</summary>
    [NoAllocation]
    internal void AddUnflushed() => Interlocked.Increment(ref _unflushed);

    /// <summary>A share has executed what the flush in progress waits for.</summary>
    [NoAllocation]
    internal void ShareFlushed()
    {
        if (Interlocked.Decrement(ref _unflushed) == 0)
        {
            _flushed.Complete();
        }
    }

    /// <summary>A pool has no worker for an item of this queue.</summary>
    [NoAllocation]
    internal void SummonRescuer() => _rescuer?.Summon();
}

/// <summary>What one queue has in one pool. Guarded by the pool's lock.</summary>
internal sealed class WorkQueueShare(WorkQueue queue, WorkerPool pool, int maximumActive)
{
    private const string PoolLock = "Guarded by the lock of the pool.";

    public WorkQueue Queue { get; } = queue;

    public WorkerPool Pool { get; } = pool;

    public int MaximumActive { get; } = maximumActive;

    /// <summary>Items in the pool's list or with a worker.</summary>
    [Protocol(PoolLock)]
    public int Active { get; set; }

    /// <summary>Items behind the limit.</summary>
    [Protocol(PoolLock)]
    public WorkList HeldBack;

    /// <summary>What items are queued with now, 0 or 1: a flush changes it and waits for the other one's count to fall to 0.</summary>
    [Protocol(PoolLock)]
    public int Colour { get; set; }

    /// <summary>The colour that a flush waits for; -1 if none does.</summary>
    [Protocol(PoolLock)]
    public int FlushedColour { get; set; } = -1;

    /// <summary>Items of either colour that are queued or executed.</summary>
    [Protocol(PoolLock)]
    private int _count0;

    [Protocol(PoolLock)]
    private int _count1;

    [NoAllocation]
    public int Count(int colour) => colour == 0 ? _count0 : _count1;

    /// <summary>Counts an item that is queued, and gives it its colour.</summary>
    [NoAllocation]
    public void CountIn(WorkItem item)
    {
        item.Colour = Colour;
        Change(Colour, 1);
    }

    /// <summary>An item was executed or taken out.</summary>
    [NoAllocation]
    public void CountOut(int colour)
    {
        Change(colour, -1);
        if (FlushedColour == colour && Count(colour) == 0)
        {
            FlushedColour = -1;
            Queue.ShareFlushed();
        }
    }

    private void Change(int colour, int by)
    {
        if (colour == 0)
        {
            _count0 += by;
        }
        else
        {
            _count1 += by;
        }
    }
}

/// <summary>Items in order, linked through themselves. Guarded by the pool's lock.</summary>
[NoAllocation]
[Owned]
internal struct WorkList
{
    private WorkItem? _last;

    public WorkItem? First { get; private set; }

    public void Add(WorkItem item)
    {
        item.Next = null;
        item.Previous = _last;
        if (_last is { } last)
        {
            last.Next = item;
        }
        else
        {
            First = item;
        }

        _last = item;
    }

    public void Remove(WorkItem item)
    {
        if (item.Previous is { } previous)
        {
            previous.Next = item.Next;
        }
        else
        {
            First = item.Next;
        }

        if (item.Next is { } next)
        {
            next.Previous = item.Previous;
        }
        else
        {
            _last = item.Previous;
        }

        item.Next = null;
        item.Previous = null;
    }
}
