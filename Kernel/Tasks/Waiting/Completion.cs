using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tasks.Waiting;

/// <summary>Something that happens, and tasks that wait for it. Completing it may be done in any context but NMI.</summary>
public sealed class Completion
{
    private const uint Forever = uint.MaxValue;

    private readonly string _name;
    private IrqSpinLock _lock = new(LockClass.Completion);

    [GuardedBy(nameof(_lock))]
    private uint _done;

    [GuardedBy(nameof(_lock))]
    private WaiterList _waiters;

    /// <summary>Makes one that has not happened.</summary>
    /// <param name="name">Shown by <c>ps</c> for tasks that wait.</param>
    public Completion(string name)
    {
        _name = name;
    }

    /// <summary>True when a wait would return at once.</summary>
    public bool IsDone
    {
        get
        {
            using (_lock.Enter())
            {
                return _done != 0;
            }
        }
    }

    /// <summary>It happened once: one task that waits, or the next one that will, goes on.</summary>
    [NoAllocation]
    public void Complete()
    {
        using (_lock.Enter())
        {
            if (!_waiters.WakeFirst() && _done != Forever)
            {
                _done++;
            }
        }
    }

    /// <summary>It happened for good: all tasks that wait, and all that will, go on.</summary>
    [NoAllocation]
    public void CompleteAll()
    {
        using (_lock.Enter())
        {
            _done = Forever;
            while (_waiters.WakeFirst())
            {
            }
        }
    }

    /// <summary>Waits until it has happened. Task context.</summary>
    /// <param name="deadline">Nanoseconds on the monotonic clock, or <see cref="Scheduler.Never"/>; 0 does not wait.</param>
    /// <param name="mode">What else ends the wait.</param>
    [MightSleep]
    public WaitResult Wait(ulong deadline = Scheduler.Never, WaitMode mode = WaitMode.Uninterruptible)
    {
        using (_lock.Enter())
        {
            if (_done != 0)
            {
                _done -= _done == Forever ? 0u : 1u;
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
