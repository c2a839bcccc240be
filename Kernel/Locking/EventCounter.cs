using System;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Locking;

/// <summary>
/// Counts events that have happened, and lets tasks wait for the n-th one: the eventcount of Reed and Kanodia ("Synchronization with Eventcounts and
/// Sequencers", CACM 22(2), 1979). The count never falls, so an advance is never lost: who comes late finds that the event has happened.
/// Producers and consumers that count what they did need no other lock.
/// </summary>
public sealed class EventCounter
{
    private readonly string _name;
    private IrqSpinLock _lock = new(LockClass.LockWaiters);

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private ulong _value;

    [GuardedBy(nameof(_lock))]
    private WaiterList _waiters;

    /// <summary>Makes a counter that stands at 0.</summary>
    /// <param name="name">Shown by <c>ps</c> for tasks that wait.</param>
    public EventCounter(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        _name = name;
    }

    /// <summary>How many events have happened: a lower bound, since more may happen at any time. Any context.</summary>
    public ulong Value => Volatile.Read(ref _value);

    /// <summary>One event has happened; all tasks that waited for no more go on. What the caller did before is visible to them. Any context but NMI.</summary>
    /// <returns>The new count.</returns>
    [NoAllocation]
    public ulong Advance()
    {
        using (_lock.Enter())
        {
            ulong value = _value + 1;

            // Release: pairs with the read in Await, which may find the event without taking the lock.
            Volatile.Write(ref _value, value);
            while (_waiters.First is { } waiter && waiter.Key <= value)
            {
                _waiters.WakeFirst();
            }

            return value;
        }
    }

    /// <summary>Waits until at least <paramref name="value"/> events have happened. Task context.</summary>
    /// <param name="value">The count to wait for.</param>
    /// <param name="deadline">Nanoseconds on the monotonic clock, or <see cref="Scheduler.Never"/>; 0 does not wait.</param>
    /// <param name="mode">What else ends the wait.</param>
    /// <returns><see cref="WaitResult.Woken"/> when they have.</returns>
    [MightSleep]
    public WaitResult Await(ulong value, ulong deadline = Scheduler.Never, WaitMode mode = WaitMode.Uninterruptible)
    {
        // Acquire: what was done before the advance is visible after this; pairs with the write in Advance.
        if (Volatile.Read(ref _value) >= value)
        {
            return WaitResult.Woken;
        }

        if (deadline == 0)
        {
            return WaitResult.TimedOut;
        }

        using (_lock.Enter())
        {
            if (_value >= value)
            {
                return WaitResult.Woken;
            }

            TaskStruct task = TaskStruct.Current;
            task.Waiter.Key = value;
            _waiters.AddByKey(task.Waiter);
            task.PrepareToSleep(mode, _name);
        }

        return _waiters.SleepUntilTaken(ref _lock, deadline, mode, _name);
    }
}
