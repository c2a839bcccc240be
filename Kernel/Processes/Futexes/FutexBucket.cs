using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Processes.Futexes;

/// <summary>Futexes of one hash value: who waits for them. Deadline and real-time tasks come first, by urgency; all others in the order in which they came.</summary>
[NoAllocation]
internal sealed class FutexBucket
{
    /// <summary>Guards the list, and each futex word of the bucket while the kernel compares it: who changed it before a wake-up either is seen, or sees the waiter.</summary>
    public IrqSpinLock Lock;

    [GuardedBy(nameof(Lock))]
    private FutexWaiter? _first;

    [GuardedBy(nameof(Lock))]
    private FutexWaiter? _last;

    [Atomic]
    private int _count;

    /// <summary>Makes an empty bucket.</summary>
    /// <param name="index">Its number: two buckets are locked in this order.</param>
    public FutexBucket(int index)
    {
        Index = index;
        Lock = new IrqSpinLock(LockClass.FutexBucket, index);
    }

    /// <summary>Its number.</summary>
    public int Index { get; }

    /// <summary>The first waiter.</summary>
    public FutexWaiter? First
    {
        [RequiresLock(nameof(Lock))]
        get => _first;
    }

    /// <summary>
    /// Nobody waits, nor looks at a futex word in order to. Asked without the lock by who has changed such a word and passed a full fence since: pairs with <see cref="Announce"/>.
    /// </summary>
    public bool IsEmpty => Volatile.Read(ref _count) == 0;

    /// <summary>A thread is about to look at a futex word and to wait. A full fence: either it sees the change of the word, or who made the change sees it.</summary>
    public void Announce() => Interlocked.Increment(ref _count);

    /// <summary>It does not wait, or does no longer.</summary>
    public void Withdraw() => Interlocked.Decrement(ref _count);

    /// <summary>Adds a waiter that was announced.</summary>
    [RequiresLock(nameof(Lock))]
    public void Add(FutexWaiter waiter)
    {
        ulong urgency = waiter.Task.EffectiveUrgency.Key;
        waiter.Urgency = urgency;
        FutexWaiter? before = _last;
        while (before is not null && before.Urgency > urgency)
        {
            before = before.Previous;
        }

        FutexWaiter? after = before is null ? _first : before.Next;
        waiter.Previous = before;
        waiter.Next = after;
        if (before is null)
        {
            _first = waiter;
        }
        else
        {
            before.Next = waiter;
        }

        if (after is null)
        {
            _last = waiter;
        }
        else
        {
            after.Previous = waiter;
        }

        waiter.Bucket = this;
    }

    /// <summary>Takes a waiter out for another bucket; it stays announced here.</summary>
    [RequiresLock(nameof(Lock))]
    public void Unlink(FutexWaiter waiter)
    {
        FutexWaiter? before = waiter.Previous;
        FutexWaiter? after = waiter.Next;
        if (before is null)
        {
            _first = after;
        }
        else
        {
            before.Next = after;
        }

        if (after is null)
        {
            _last = before;
        }
        else
        {
            after.Previous = before;
        }

        waiter.Next = null;
        waiter.Previous = null;
    }

    /// <summary>Takes a waiter out for good.</summary>
    [RequiresLock(nameof(Lock))]
    public void Remove(FutexWaiter waiter)
    {
        Unlink(waiter);
        Withdraw();

        // The last store: the thread may go on, and use the waiter anew, as soon as it sees it.
        waiter.Bucket = null;
    }

    /// <summary>Takes a waiter out and wakes its thread.</summary>
    [RequiresLock(nameof(Lock))]
    public void Wake(FutexWaiter waiter)
    {
        Tasks.TaskStruct task = waiter.Task;
        Remove(waiter);
        TaskSleep.Wake(task);
    }

    /// <summary>The first waiter of a futex, or null.</summary>
    [RequiresLock(nameof(Lock))]
    public FutexWaiter? Find(in FutexKey key)
    {
        FutexWaiter? waiter = _first;
        while (waiter is not null && !waiter.Key.Equals(key))
        {
            waiter = waiter.Next;
        }

        return waiter;
    }
}
