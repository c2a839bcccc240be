using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tasks.Waiting;

/// <summary>
/// Lets a task that holds a mutex wait until another one has changed what the mutex guards. The caller checks its condition in a loop:
/// others may run between the signal and the return.
/// </summary>
public sealed class ConditionVariable
{
    private readonly string _name;
    private IrqSpinLock _lock = new(LockClass.ConditionVariable);

    [GuardedBy(nameof(_lock))]
    private WaiterList _waiters;

    /// <summary>Makes a condition variable.</summary>
    /// <param name="name">Shown by <c>ps</c> for tasks that wait.</param>
    public ConditionVariable(string name)
    {
        _name = name;
    }

    /// <summary>Releases the mutex, waits for a signal, and takes the mutex again, whatever the result. A signal given after the release is not lost.</summary>
    /// <param name="mutex">The mutex, held by the running task.</param>
    /// <param name="deadline">Nanoseconds on the monotonic clock, or <see cref="Scheduler.Never"/>.</param>
    /// <param name="mode">What else ends the wait.</param>
    [RequiresLock(nameof(mutex))]
    [MightSleep]
    [RequiresLock(nameof(mutex))]
    public WaitResult Wait(Mutex mutex, ulong deadline = Scheduler.Never, WaitMode mode = WaitMode.Uninterruptible)
    {
        TaskStruct task = TaskStruct.Current;
        using (_lock.Enter())
        {
            _waiters.AddByUrgency(task.Waiter);
        }

        // Listed before the release, so that no signal after it is lost; prepared after it, since releasing may preempt.
        mutex.Release();
        bool signalled;
        using (_lock.Enter())
        {
            signalled = !task.Waiter.IsListed;
            if (!signalled)
            {
                task.PrepareToSleep(mode, _name);
            }
        }

        WaitResult result = signalled ? WaitResult.Woken : _waiters.SleepUntilTaken(ref _lock, deadline, mode, _name);
        mutex.Acquire();
        return result;
    }

    /// <summary>Lets the task go on that has waited longest. Any context but NMI.</summary>
    /// <returns>False when nobody waits.</returns>
    [NoAllocation]
    public bool Signal()
    {
        using (_lock.Enter())
        {
            return _waiters.WakeFirst();
        }
    }

    /// <summary>Lets all tasks go on that wait. Any context but NMI.</summary>
    [NoAllocation]
    public void Broadcast()
    {
        using (_lock.Enter())
        {
            while (_waiters.WakeFirst())
            {
            }
        }
    }
}
