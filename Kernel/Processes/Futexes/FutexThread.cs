using System.Diagnostics.CodeAnalysis;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Time;

namespace CosmosKernel.Processes.Futexes;

/// <summary>What a thread has for its futexes: its place among waiters, and the PI futexes that it owns and others wait for.</summary>
public sealed class FutexThread
{
    private IrqSpinLock _lock = new(LockClass.FutexOwner);

    [GuardedBy(nameof(_lock))]
    private InheritedFutex? _owned;

    [GuardedBy(nameof(_lock))]
    private bool _hasEnded;

    // For the thread's next PI futex, so that no memory is needed while it waits.
    [TaskPrivate]
    private InheritedFutex? _spare;

    private readonly UserThread _thread;

    /// <summary>Makes the state of a thread.</summary>
    internal FutexThread(UserThread thread)
    {
        _thread = thread;
        Waiter = new FutexWaiter(this);
    }

    /// <summary>The task that runs it.</summary>
    public TaskStruct Task => _thread.Task;

    /// <summary>Its place in the futex table.</summary>
    internal FutexWaiter Waiter { get; }

    /// <summary>When its wait ends.</summary>
    internal SleepDeadline Deadline => _thread.Deadline;

    /// <summary>The number that stands for the thread in a futex word.</summary>
    internal uint Number => (uint)_thread.Id;

    /// <summary>Takes the spare PI futex. By the thread itself, with no lock held.</summary>
    internal InheritedFutex TakeSpare()
    {
        InheritedFutex spare = _spare ?? new InheritedFutex();
        _spare = null;
        return spare;
    }

    /// <summary>Keeps a PI futex that nobody waits for any more. By the thread itself.</summary>
    [NoAllocation]
    internal void KeepSpare(InheritedFutex futex) => _spare = futex;

    /// <summary>The thread owns a PI futex for which others wait. The lock of the futex's bucket is held.</summary>
    /// <returns>False, and nothing was done, if it has given up all it owned because it ends.</returns>
    [NoAllocation]
    internal bool TryOwn(InheritedFutex futex)
    {
        using (_lock.Enter())
        {
            if (_hasEnded)
            {
                return false;
            }

            futex.Owner = this;
            futex.PreviousOwned = null;
            futex.NextOwned = _owned;
            if (_owned is { } first)
            {
                first.PreviousOwned = futex;
            }

            _owned = futex;
            return true;
        }
    }

    /// <summary>It owns it no longer, or nobody waits. The lock of the futex's bucket is held.</summary>
    [NoAllocation]
    internal void Disown(InheritedFutex futex)
    {
        using (_lock.Enter())
        {
            if (futex.PreviousOwned is { } previous)
            {
                previous.NextOwned = futex.NextOwned;
            }
            else
            {
                _owned = futex.NextOwned;
            }

            if (futex.NextOwned is { } next)
            {
                next.PreviousOwned = futex.PreviousOwned;
            }

            futex.Owner = null;
            futex.NextOwned = null;
            futex.PreviousOwned = null;
        }
    }

    /// <summary>The thread gives up what it owns, one after the other: from the first call on it gets nothing new.</summary>
    /// <param name="futex">One that it owned at this moment; by the time its bucket is locked, that may have changed.</param>
    /// <param name="key">Its key at this moment.</param>
    /// <returns>False when it owns none.</returns>
    internal bool TryGetOwned([NotNullWhen(true)] out InheritedFutex? futex, out FutexKey key)
    {
        using (_lock.Enter())
        {
            _hasEnded = true;
            futex = _owned;
            key = _owned is { } first ? first.Key : default;
            return _owned is not null;
        }
    }

    /// <summary>It still owns the futex, under the same key. The lock of the key's bucket is held.</summary>
    [NoAllocation]
    internal bool Owns(InheritedFutex futex, in FutexKey key)
    {
        using (_lock.Enter())
        {
            InheritedFutex? owned = _owned;
            while (owned is not null && !ReferenceEquals(owned, futex))
            {
                owned = owned.NextOwned;
            }

            return owned is not null && owned.Key.Equals(key);
        }
    }

    /// <summary>The thread goes on with another program: it may own futexes again.</summary>
    internal void BeginAnew()
    {
        using (_lock.Enter())
        {
            _hasEnded = false;
        }
    }
}
