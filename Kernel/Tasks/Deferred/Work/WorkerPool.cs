using System;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tasks.Deferred.Work;

/// <summary>
/// Workers and the items that wait for them: one pool for each CPU and urgency, and one for unbound queues. At most so many workers run as the pool has CPUs, those not counted that sleep in the
/// middle of an item; the rest stands by.
/// <para>Before a worker begins with items it makes sure that another one stands by, which takes over when it sleeps. So there is always somebody to take over, unless there is no memory for it.</para>
/// </summary>
internal sealed class WorkerPool
{
    // More stand by only after many items slept at once; then those above this number end.
    private const int MostStandingBy = 4;

    private readonly string _name;
    private readonly CpuSet _cpus;
    private readonly int _limit;
    private readonly int _priority;
    private readonly PoolCheck _check;
    private IrqSpinLock _lock = new(LockClass.WorkerPool);

    [GuardedBy(nameof(_lock))]
    private WorkList _items;

    [GuardedBy(nameof(_lock))]
    private Worker? _standingBy;

    [GuardedBy(nameof(_lock))]
    private int _standingByCount;

    // Workers that were woken to begin and have not yet.
    [GuardedBy(nameof(_lock))]
    private int _coming;

    // Somebody makes a worker.
    [GuardedBy(nameof(_lock))]
    private bool _isGrowing;

    // A worker began without one that stands by while the pool grew.
    [GuardedBy(nameof(_lock))]
    private bool _growsAgain;

    // Workers that have an item and do not sleep. Changed without the lock when a worker falls asleep, under the run queue's.
    [Atomic]
    private int _running;

    [GuardedBy(nameof(_lock))]
    private int _made;

    public WorkerPool(string name, CpuSet cpus, int limit, int priority)
    {
        _name = name;
        _cpus = cpus;
        _limit = limit;
        _priority = priority;
        _check = new PoolCheck(this);
    }

    /// <summary>Makes the first worker. Once, in a task.</summary>
    [MightSleep]
    public void Start() => Grow();

    /// <summary>The CPUs that its workers run on.</summary>
    public CpuSet Cpus => _cpus;

    /// <summary>How urgent its workers are.</summary>
    public int Priority => _priority;

    // ---- Queuing, by who has claimed the item; interrupts off ----

    /// <summary>Adds a claimed item.</summary>
    [NoAllocation]
    public void Insert(WorkItem item, WorkQueueShare share)
    {
        Worker? worker;
        bool stuck;
        using (_lock.Enter())
        {
            Place(item, share);
            worker = ChooseWorker(out stuck);
        }

        Go(worker, stuck, share);
    }

    /// <summary>Adds a claimed item if a worker of this pool executes it at this moment.</summary>
    [NoAllocation]
    public bool TryInsertWhileExecuting(WorkItem item, WorkQueueShare share)
    {
        using (_lock.Enter())
        {
            if (!item.IsExecuting)
            {
                return false;
            }

            Place(item, share);
        }

        // In case that its worker sleeps.
        _check.Request();
        return true;
    }

    /// <summary>Takes an item out that waits here; the caller owns its place then.</summary>
    [NoAllocation]
    public bool TryTakeOut(WorkItem item, WorkQueueShare share)
    {
        using (_lock.Enter())
        {
            if (!ReferenceEquals(item.Share, share))
            {
                return false;
            }

            switch (item.Where)
            {
                case WorkItem.Place.Listed:
                    _items.Remove(item);
                    Release(share);
                    break;
                case WorkItem.Place.HeldBack:
                    share.HeldBack.Remove(item);
                    break;
                case WorkItem.Place.Repeat:
                    Release(share);
                    break;
                default:
                    return false;
            }

            item.Where = WorkItem.Place.None;
            share.CountOut(item.Colour);
        }

        // One that was held back may be in the list now, and all workers asleep.
        _check.Request();
        return true;
    }

    /// <summary>Counts a share for the flush of its queue, if anything waits or is executed.</summary>
    public void BeginFlush(WorkQueueShare share)
    {
        using (_lock.Enter())
        {
            int colour = share.Colour;
            share.Colour = 1 - colour;
            if (share.Count(colour) != 0)
            {
                share.FlushedColour = colour;
                share.Queue.AddUnflushed();
            }
        }
    }

    // ---- Workers ----

    /// <summary>Waits until there is something to do. The worker's own task.</summary>
    /// <returns>False when the worker is one too many.</returns>
    [MightSleep]
    public bool AwaitWork(Worker worker)
    {
        while (true)
        {
            using (_lock.Enter())
            {
                if (MayBegin())
                {
                    return true;
                }

                HasCome(worker);
                if (_standingByCount >= MostStandingBy)
                {
                    return false;
                }

                worker.IsStandingBy = true;
                worker.Next = _standingBy;
                _standingBy = worker;
                _standingByCount++;
                worker.Task.PrepareToSleep(Waiting.WaitMode.Uninterruptible, _name);
            }

            while (true)
            {
                Scheduler.Sleep(Scheduler.Never);
                using (_lock.Enter())
                {
                    if (!worker.IsStandingBy)
                    {
                        break;
                    }

                    worker.Task.PrepareToSleep(Waiting.WaitMode.Uninterruptible, _name);
                }
            }
        }
    }

    /// <summary>Sees to it that another worker stands by. By a worker that is about to begin.</summary>
    [MightSleep]
    public void EnsureStandBy(Worker worker)
    {
        using (_lock.Enter())
        {
            if (_standingByCount != 0)
            {
                return;
            }

            if (_isGrowing)
            {
                // Perhaps by the very worker that is being added: then nobody would stand by.
                _growsAgain = true;
                return;
            }

            // Counted as running instead: should it sleep while it grows the pool, and something wait, rescuers are summoned.
            HasCome(worker);
            _isGrowing = true;
        }

        worker.IsCounted = true;
        Interlocked.Increment(ref _running);
        Grow();
        StopCounting(worker);
    }

    /// <summary>Takes the next item, if the worker may run now.</summary>
    [NoAllocation]
    public WorkItem? Begin(Worker worker)
    {
        using (_lock.Enter())
        {
            HasCome(worker);
            while (MayBegin())
            {
                WorkItem item = _items.First!;
                _items.Remove(item);
                if (item.IsExecuting)
                {
                    // Another worker has it: that one executes it again.
                    item.Where = WorkItem.Place.Repeat;
                    continue;
                }

                Assign(item, worker);
                worker.IsCounted = true;
                Interlocked.Increment(ref _running);
                return item;
            }

            return null;
        }
    }

    /// <summary>The item was executed.</summary>
    /// <returns>True when the worker is to execute it again.</returns>
    [NoAllocation]
    public bool End(Worker worker, WorkItem item)
    {
        bool again;
        using (_lock.Enter())
        {
            item.End();
            WorkQueueShare share = worker.Share!;
            again = item.Where == WorkItem.Place.Repeat;
            share.CountOut(worker.Colour);
            Release(share);
            if (again)
            {
                Assign(item, worker);
            }
            else
            {
                item.IsExecuting = false;
                worker.Share = null;
                if (worker.IsCounted)
                {
                    StopCounting(worker);
                }
            }
        }

        WorkItem.Changed();
        return again;
    }

    /// <summary>Takes the first item of a share, for its rescuer, if there is no worker for it.</summary>
    [NoAllocation]
    public WorkItem? BeginRescue(Worker rescuer, WorkQueueShare share)
    {
        using (_lock.Enter())
        {
            if (!MayBegin() || _standingByCount != 0 || _coming != 0)
            {
                return null;
            }

            for (WorkItem? item = _items.First; item is not null; item = item.Next)
            {
                if (ReferenceEquals(item.Share, share) && !item.IsExecuting)
                {
                    _items.Remove(item);
                    Assign(item, rescuer);
                    return item;
                }
            }

            return null;
        }
    }

    /// <summary>A worker that is counted falls asleep. Under a run queue's lock, interrupts off.</summary>
    [NoAllocation]
    public void OneSleeps()
    {
        Interlocked.Decrement(ref _running);
        _check.Request();
    }

    /// <summary>It runs again. Interrupts off.</summary>
    [NoAllocation]
    public void OneRunsAgain() => Interlocked.Increment(ref _running);

    /// <summary>Lets a worker begin if one may. Deferred work.</summary>
    [NoAllocation]
    public void Check()
    {
        Worker? worker;
        bool stuck;
        WorkQueueShare? share;
        using (_lock.Enter())
        {
            worker = ChooseWorker(out stuck);
            share = _items.First?.Share;
        }

        Go(worker, stuck, share);
    }

    private void StopCounting(Worker worker)
    {
        worker.IsCounted = false;
        Interlocked.Decrement(ref _running);
    }

    [MightSleep]
    private void Grow()
    {
        bool again;
        do
        {
            int number;
            using (_lock.Enter())
            {
                number = _made++;
            }

            try
            {
                Worker.Start(this, $"{_name}.{number}");
            }
            catch (OutOfMemoryException)
            {
                // The worker goes on alone. Whenever it sleeps and something waits, rescuers are summoned; the next time that it begins it tries again.
                WorkReporter.Instance?.NoWorker(_name);
            }

            using (_lock.Enter())
            {
                again = _growsAgain && _standingByCount == 0;
                _growsAgain = false;
                _isGrowing = again;
            }
        }
        while (again);
    }

    [RequiresLock(nameof(_lock))]
    [NoAllocation]
    private bool MayBegin() => _items.First is not null && Volatile.Read(ref _running) < _limit;

    // Who should begin now: taken off the list of those who stand by, to be woken without the lock.
    [RequiresLock(nameof(_lock))]
    [NoAllocation]
    private Worker? ChooseWorker(out bool stuck)
    {
        stuck = false;
        if (_items.First is null || Volatile.Read(ref _running) + _coming >= _limit)
        {
            return null;
        }

        if (_standingBy is not { } worker)
        {
            stuck = true;
            return null;
        }

        _standingBy = worker.Next;
        _standingByCount--;
        worker.Next = null;
        worker.IsStandingBy = false;
        worker.IsComing = true;
        _coming++;
        return worker;
    }

    [RequiresLock(nameof(_lock))]
    [NoAllocation]
    private void HasCome(Worker worker)
    {
        if (worker.IsComing)
        {
            worker.IsComing = false;
            _coming--;
        }
    }

    [NoAllocation]
    private static void Go(Worker? worker, bool stuck, WorkQueueShare? share)
    {
        if (worker is not null)
        {
            WakeUp.Try(worker.Task, WakeUp.AnySleep);
        }
        else if (stuck)
        {
            // All workers sleep or are on their way here; only in the first case there is something to rescue, and the rescuer finds out.
            share?.Queue.SummonRescuer();
        }
    }

    [RequiresLock(nameof(_lock))]
    [NoAllocation]
    private void Place(WorkItem item, WorkQueueShare share)
    {
        share.CountIn(item);
        if (share.Active < share.MaximumActive)
        {
            share.Active++;
            item.Where = WorkItem.Place.Listed;
            _items.Add(item);
        }
        else
        {
            item.Where = WorkItem.Place.HeldBack;
            share.HeldBack.Add(item);
        }
    }

    // One of a share's items is not active any more: the first that is held back becomes it.
    [RequiresLock(nameof(_lock))]
    [NoAllocation]
    private void Release(WorkQueueShare share)
    {
        share.Active--;
        if (share.HeldBack.First is { } item)
        {
            share.HeldBack.Remove(item);
            share.Active++;
            item.Where = WorkItem.Place.Listed;
            _items.Add(item);
        }
    }

    [RequiresLock(nameof(_lock))]
    [NoAllocation]
    private static void Assign(WorkItem item, Worker worker)
    {
        item.Where = WorkItem.Place.None;
        item.IsExecuting = true;
        worker.Share = item.Share;
        worker.Colour = item.Colour;
        item.Begin();
    }

    /// <summary>Looks after the pool when one of its workers has fallen asleep, once no lock is held on the CPU.</summary>
    private sealed class PoolCheck(WorkerPool pool) : DeferredCall
    {
        protected override void Run() => pool.Check();
    }
}
