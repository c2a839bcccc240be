using System;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Locking;

/// <summary>
/// A place where tasks wait for each other: nobody passes before all have come. It can be used again at once, phase after phase. What a task did before it came is
/// visible to all that pass. Task context.
/// </summary>
public sealed class TaskBarrier
{
    private readonly string _name;
    private IrqSpinLock _lock = new(LockClass.LockWaiters);

    [GuardedBy(nameof(_lock))]
    private int _missing;

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private ulong _phase;

    [GuardedBy(nameof(_lock))]
    private WaiterList _waiters;

    /// <summary>Makes a barrier.</summary>
    /// <param name="name">Shown by <c>ps</c> for tasks that wait.</param>
    /// <param name="participants">How many tasks must come, 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no participants.</exception>
    public TaskBarrier(string name, int participants)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(participants, 1);
        _name = name;
        Participants = participants;
        _missing = participants;
    }

    /// <summary>How many tasks must come.</summary>
    public int Participants { get; }

    /// <summary>How many times all have come.</summary>
    public ulong Phase => Volatile.Read(ref _phase);

    /// <summary>Comes to the barrier and waits for the others. Task context.</summary>
    /// <param name="deadline">Nanoseconds on the monotonic clock, or <see cref="Scheduler.Never"/>.</param>
    /// <param name="mode">What else ends the wait.</param>
    /// <returns>
    /// <see cref="WaitResult.Woken"/> when all have come. Anything else: this task has not come after all, and the others go on waiting for one more.
    /// </returns>
    [MightSleep]
    public WaitResult Wait(ulong deadline = Scheduler.Never, WaitMode mode = WaitMode.Uninterruptible) => Wait(out _, deadline, mode);

    /// <summary>As <see cref="Wait(ulong, WaitMode)"/>, and tells one of the tasks of each phase that it was the last: the one to do what is to be done once.</summary>
    /// <param name="isLast">True for the task that came last.</param>
    /// <param name="deadline">Nanoseconds on the monotonic clock, or <see cref="Scheduler.Never"/>.</param>
    /// <param name="mode">What else ends the wait.</param>
    [MightSleep]
    public WaitResult Wait(out bool isLast, ulong deadline = Scheduler.Never, WaitMode mode = WaitMode.Uninterruptible)
    {
        isLast = false;
        TaskStruct task = TaskStruct.Current;
        using (_lock.Enter())
        {
            if (--_missing == 0)
            {
                isLast = true;
                NextPhase();
                return WaitResult.Woken;
            }

            _waiters.AddLast(task.Waiter);
            task.PrepareToSleep(mode, _name);
        }

        while (true)
        {
            Scheduler.Sleep(deadline);
            using (_lock.Enter())
            {
                if (!_waiters.HasEnded(task, deadline, mode, out WaitResult result))
                {
                    task.PrepareToSleep(mode, _name);
                    continue;
                }

                // Who gives up has not come: taken back in the same step as the look, so that the phase cannot end between them.
                _missing += result == WaitResult.Woken ? 0 : 1;
                return result;
            }
        }
    }

    [RequiresLock(nameof(_lock))]
    private void NextPhase()
    {
        _missing = Participants;

        // Release: pairs with the read of Phase without the lock.
        Volatile.Write(ref _phase, _phase + 1);
        while (_waiters.WakeFirst())
        {
        }
    }
}
