using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tasks.Waiting;

/// <summary>A counting semaphore. Units are handed to waiters directly, first come first served: nobody can take one from under a waiter that was woken for it.</summary>
public sealed class Semaphore
{
    private readonly string _name;
    private IrqSpinLock _lock = new(LockClass.Semaphore);

    [GuardedBy(nameof(_lock))]
    private int _count;

    [GuardedBy(nameof(_lock))]
    private WaiterList _waiters;

    /// <summary>Makes a semaphore.</summary>
    /// <param name="name">Shown by <c>ps</c> for tasks that wait.</param>
    /// <param name="count">Units at the start, 0 or more.</param>
    public Semaphore(string name, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        _name = name;
        _count = count;
    }

    /// <summary>Units that nobody has. Outdated at once.</summary>
    public int Count
    {
        get
        {
            using (_lock.Enter())
            {
                return _count;
            }
        }
    }

    /// <summary>Gives one unit. Any context but NMI.</summary>
    [NoAllocation]
    public void Release()
    {
        using (_lock.Enter())
        {
            if (!_waiters.WakeFirst())
            {
                _count++;
            }
        }
    }

    /// <summary>Takes one unit if there is one. Any context but NMI.</summary>
    [NoAllocation]
    public bool TryTake()
    {
        using (_lock.Enter())
        {
            if (_count == 0)
            {
                return false;
            }

            _count--;
            return true;
        }
    }

    /// <summary>Takes one unit, waiting for it. Task context.</summary>
    /// <param name="deadline">Nanoseconds on the monotonic clock, or <see cref="Scheduler.Never"/>; 0 does not wait.</param>
    /// <param name="mode">What else ends the wait.</param>
    /// <returns><see cref="WaitResult.Woken"/> when the unit is taken.</returns>
    [MightSleep]
    public WaitResult Wait(ulong deadline = Scheduler.Never, WaitMode mode = WaitMode.Uninterruptible)
    {
        using (_lock.Enter())
        {
            if (_count > 0)
            {
                _count--;
                return WaitResult.Woken;
            }

            if (deadline == 0)
            {
                return WaitResult.TimedOut;
            }

            TaskStruct task = TaskStruct.Current;
            _waiters.AddByUrgency(task.Waiter);
            task.PrepareToSleep(mode, _name);
        }

        return _waiters.SleepUntilTaken(ref _lock, deadline, mode, _name);
    }
}
