using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Threads;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks.ReadCopyUpdate;
using CosmosKernel.Tasks.Time;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>
/// The switch from one task to the next. The one invariant that all else rests on: a task runs on at most one CPU at a time.
/// It holds because a task is chosen only from a run queue, under its lock; because it is in at most one run queue; and because whoever wants to put a
/// task that left its queue into another one waits until <see cref="TaskStruct.IsOnCpu"/> has fallen, which the switch does last, with the task's registers saved.
/// </summary>
public static class Scheduler
{
    /// <summary>No deadline: sleeps until woken.</summary>
    public const ulong Never = ulong.MaxValue;

    /// <summary>
    /// Lets the other tasks of the same priority run first. Returns when it is this task's turn again; at once if there is none.
    /// Task context, preemption on.
    /// </summary>
    [MightSleep]
    public static void Yield()
    {
        SwitchAway(SwitchReason.Yielded);
    }

    /// <summary>
    /// Sleeps until the task is woken, if its state still says so: the second half of a sleep, after the state was set by
    /// <see cref="TaskStruct.PrepareToSleep"/> and the condition checked. May return without a reason: callers check their condition again.
    /// Task context, preemption on.
    /// </summary>
    /// <param name="deadline">Nanoseconds on the monotonic clock, or <see cref="Never"/>.</param>
    [MightSleep]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Sleep(ulong deadline)
    {
        if (deadline == Never)
        {
            SwitchAway(SwitchReason.Blocked);
        }
        else
        {
            SleepTimed(deadline);
        }
    }

    private static void SleepTimed(ulong deadline)
    {
        TaskStruct task = TaskStruct.Current;
        SleepTimer timer = task.SleepTimer;
        timer.Start(deadline, task.EffectiveTimerSlack);
        SwitchAway(SwitchReason.Blocked);
        timer.Cancel();
    }

    // The switch itself looks at the preemption count.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SwitchAway(SwitchReason reason)
    {
        ulong flags = InterruptFlag.Disable();
        if (!InterruptFlag.IsSetIn(flags))
        {
            Panic.Now("A task sleeps or yields with interrupts off"u8);
        }

        Switch(reason);
        Preemption.EnableInterrupts();
    }

    /// <summary>Chooses the next task and switches to it. Interrupts are off, no lock is held; the same holds on return, which may be on another CPU.</summary>
    [InterruptContext]
    internal static void Switch(SwitchReason reason)
    {
        RunQueue queue = (LocalCpu.BeginSchedule() as RunQueue)!;
        queue.Lock.AcquireWithInterruptsOff(queue.Index);
        queue.KickPending = false;
        TaskStruct previous = queue.Running;
        ulong now = Clock.MonotonicNanoseconds;
        queue.Charge(previous, now);

        if (reason == SwitchReason.Yielded)
        {
            SchedulingEntity entity = previous.Entity;
            entity.Queue!.Yield(entity);
        }
        else if (reason == SwitchReason.Blocked)
        {
            Block(queue, previous);
        }

        if (previous.MustMigrate)
        {
            TakeAway(queue, previous);
        }

        TaskStruct next = queue.PickNext();
        queue.StartSlice(next, now);
        if (ReferenceEquals(next, previous))
        {
            queue.Lock.ReleaseWithInterruptsOff();
            if (RealTimeBalancer.IsNeeded)
            {
                // It may be less urgent than before.
                RealTimeBalancer.Balance(queue);
            }

            return;
        }

        if (reason == SwitchReason.Preempted)
        {
            previous.InvoluntarySwitches++;
        }
        else
        {
            previous.VoluntarySwitches++;
        }

        if (previous.Thread.IsInReadSection)
        {
            GracePeriods.SwitchedOut(queue, previous, reason);
        }

        if (previous.IsQueued)
        {
            previous.BeginWaiting(now);
        }

        if (!ReferenceEquals(next, queue.Idle))
        {
            next.EndWaiting(queue, now);
        }

        queue.Running = next;
        queue.Previous = previous;
        next.SetOnCpu();
        queue.Trace.Add(now, next, reason);
        MachineThread.Switch(previous.Thread, next.Thread);
        FinishSwitch(queue);
        if (reason == SwitchReason.Blocked)
        {
            previous.Worker?.IsBack();
        }
    }

    /// <summary>The other half of a switch, on the stack of the task that goes on, perhaps on another CPU than the one where it stopped.</summary>
    /// <param name="queue">The run queue of the CPU where it stopped; as a rule it is this one's, and need not be found out again.</param>
    [Releases(typeof(RunQueue), nameof(RunQueue.Lock))]
    [InterruptContext]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void FinishSwitch(RunQueue? queue)
    {
        if (queue is null || !ReferenceEquals(LocalCpu.Scheduler, queue))
        {
            queue = RunQueue.Current;
        }

        TaskStruct previous = queue.Previous;
        TaskStruct? migrant = queue.Migrant;

        // From here on another CPU may run it. Release: its saved registers are seen before; pairs with WaitUntilOffCpu.
        previous.ClearOnCpu();
        queue.Lock.ReleaseWithInterruptsOff();
        if (migrant is not null)
        {
            queue.Migrant = null;
            WakeUp.PlaceMigrated(migrant);
        }

        if (RealTimeBalancer.IsNeeded)
        {
            RealTimeBalancer.Balance(queue);
        }
    }

    // The running task may not run here any more: FinishSwitch finds it a place once it is off this CPU. One that was interrupted while it prepared to
    // sleep stays queued here until it sleeps or gives that up: out of its queue it would count as asleep.
    [RequiresLock("queue.Lock")]
    private static void TakeAway(RunQueue queue, TaskStruct task)
    {
        if (task.IsQueued && task.State == TaskState.Runnable)
        {
            queue.Dequeue(task);
            queue.Migrant = task;
        }
    }

    // The running task asked to sleep. It may have been woken between its asking and now: then its state says Runnable and it goes on.
    [RequiresLock("queue.Lock")]
    private static void Block(RunQueue queue, TaskStruct task)
    {
        switch (task.State)
        {
            case TaskState.Runnable:
                return;
            case TaskState.Interruptible when task.MustEndSleep(WaitMode.Interruptible):
            case TaskState.Killable when task.MustEndSleep(WaitMode.Killable):
                task.SetRunnable();
                return;
            default:
                queue.Dequeue(task);
                task.Worker?.GoesToSleep();
                return;
        }
    }
}
