using System;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Tasks;

// What others do to a task: join, detach, kill, and change how it is scheduled.
public sealed partial class TaskStruct
{
    /// <summary>Waits until the task has ended, and releases what it leaves behind: stack, pid, table entry. Several may join one task; each gets the status. Task context.</summary>
    /// <returns>How it ended.</returns>
    /// <exception cref="InvalidOperationException">The task joins itself.</exception>
    /// <exception cref="TaskKilledException">The joining task was killed meanwhile.</exception>
    [MightSleep]
    public TaskExit Join()
    {
        TryJoin(Scheduler.Never, out TaskExit exit);
        return exit;
    }

    /// <summary>As <see cref="Join"/>, but waits no longer than until a deadline.</summary>
    /// <param name="deadline">Nanoseconds on the monotonic clock; 0 does not wait.</param>
    /// <param name="exit">How it ended.</param>
    /// <returns>False when it has not ended by then.</returns>
    /// <exception cref="InvalidOperationException">The task joins itself.</exception>
    /// <exception cref="TaskKilledException">The joining task was killed meanwhile.</exception>
    [MightSleep]
    public bool TryJoin(ulong deadline, out TaskExit exit)
    {
        TaskStruct joiner = Current;
        if (ReferenceEquals(joiner, this))
        {
            throw new InvalidOperationException("A task cannot join itself.");
        }

        WaitResult result = Exited.Wait(deadline, interruptible: true);
        while (result == WaitResult.Interrupted)
        {
            joiner.ThrowIfKilled();
            joiner.TakeInterrupt();
            result = Exited.Wait(deadline, interruptible: true);
        }

        exit = Exit;
        if (result != WaitResult.Woken)
        {
            return false;
        }

        Collect();
        return true;
    }

    /// <summary>Declares that nobody will join the task: it is released when it ends, or now if it has ended. Any task.</summary>
    public void Detach()
    {
        if ((SetReapFlags(TaskReap.Detached) & TaskReap.Exited) != 0 && (SetReapFlags(TaskReap.Claimed) & TaskReap.Claimed) == 0)
        {
            Reaper.Add(this);
        }
    }

    /// <summary>
    /// Asks the task to end: its present or next interruptible sleep throws <see cref="TaskKilledException"/> in it. A task that neither sleeps nor checks
    /// <see cref="IsKilled"/> goes on, and <c>ps</c> shows that it was asked. Any context but NMI.
    /// </summary>
    [NoAllocation]
    public void Kill()
    {
        MarkKilled();
        WakeUp.Try(this, WakeUp.InterruptibleOnly);
    }

    /// <summary>Ends the task's present or next interruptible sleep early. Any context but NMI.</summary>
    [NoAllocation]
    public void Interrupt()
    {
        MarkInterrupted();
        WakeUp.Try(this, WakeUp.InterruptibleOnly);
    }

    /// <summary>Changes the priority, whatever the task is doing; a switch that becomes due happens at once. Any context but NMI.</summary>
    /// <param name="priority">0 (most urgent) to 139.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not a priority.</exception>
    public void SetPriority(int priority)
    {
        TaskPriority.ThrowIfInvalid(priority);
        Reschedule(Class, null, priority);
    }

    /// <summary>Changes the nice value. Any context but NMI.</summary>
    /// <param name="nice">-20 (most urgent) to 19.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not a nice value.</exception>
    public void SetNice(int nice) => SetPriority(TaskPriority.FromNice(nice));

    /// <summary>Changes policy and priority. Task context; allocates.</summary>
    /// <param name="policy">A class that is registered.</param>
    /// <param name="priority">0 (most urgent) to 139.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not a priority.</exception>
    /// <exception cref="ArgumentException">The class is not registered.</exception>
    public void SetPolicy(SchedulingClass policy, int priority)
    {
        TaskPriority.ThrowIfInvalid(priority);
        SchedulingClasses.ThrowIfUnknown(policy);
        Reschedule(policy, policy.CreateEntity(this), priority);
    }

    /// <summary>Changes which CPUs the task may run on. It leaves one that it may not run on at the next switch there, which is asked for at once. Any context but NMI.</summary>
    /// <param name="affinity">At least one of the CPUs must exist.</param>
    /// <exception cref="ArgumentException">None does.</exception>
    public void SetAffinity(CpuSet affinity)
    {
        ThrowIfNoCpu(affinity);
        using (WakeLock.Enter())
        {
            RunQueue queue = WakeUp.LockQueueOf(this);
            Affinity = affinity;
            bool move = IsQueued && !affinity.Contains(queue.Index);
            if (move && ReferenceEquals(queue.Running, this))
            {
                MustMigrate = true;
                queue.Kick();
                move = false;
            }
            else if (move)
            {
                queue.Dequeue(this);
            }

            queue.Lock.ReleaseWithInterruptsOff();
            if (move)
            {
                WakeUp.Place(this, EnqueueReason.Migrated);
            }
        }
    }

    internal static void ThrowIfNoCpu(CpuSet affinity)
    {
        if ((affinity & RunQueues.Online).IsEmpty)
        {
            throw new ArgumentException("The set holds no CPU that exists.", nameof(affinity));
        }
    }

    /// <summary>Releases an ended task, unless somebody else does. Task context.</summary>
    [MightSleep]
    internal void Collect()
    {
        if ((SetReapFlags(TaskReap.Claimed) & TaskReap.Claimed) == 0)
        {
            Reaper.Release(this);
        }
    }

    private void Reschedule(SchedulingClass policy, SchedulingEntity? entity, int priority)
    {
        using (WakeLock.Enter())
        {
            RunQueue queue = WakeUp.LockQueueOf(this);
            bool running = ReferenceEquals(queue.Running, this);
            bool queued = IsQueued;
            if (running)
            {
                queue.Charge(this, Clock.MonotonicNanoseconds);
            }

            if (queued)
            {
                queue.Dequeue(this);
            }

            SetScheduling(policy, entity ?? Entity, priority);
            if (queued)
            {
                queue.Enqueue(this, EnqueueReason.Changed);
                if (running)
                {
                    // It may now be less urgent than what waits.
                    queue.Kick();
                }
                else
                {
                    queue.CheckPreemption(this);
                }
            }

            queue.Lock.ReleaseWithInterruptsOff();
        }
    }
}
