using System;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
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

    /// <summary>As <see cref="Join"/>, whatever is asked of the joiner meanwhile: for callers who take away what the task uses. Task context.</summary>
    /// <returns>How it ended.</returns>
    /// <exception cref="InvalidOperationException">The task joins itself.</exception>
    [MightSleep]
    public TaskExit JoinUninterruptible()
    {
        if (ReferenceEquals(Current, this))
        {
            throw new InvalidOperationException("A task cannot join itself.");
        }

        _ = Exited.Wait();
        TaskExit exit = Exit;
        Collect();
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

        WaitResult result = Exited.Wait(deadline, WaitMode.Interruptible);
        while (result == WaitResult.Interrupted)
        {
            joiner.ThrowIfKilled();
            joiner.TakeInterrupt();
            result = Exited.Wait(deadline, WaitMode.Interruptible);
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
    /// Asks the task to end: its present or next killable or interruptible sleep throws <see cref="TaskKilledException"/> in it, its present or next .NET wait
    /// <see cref="System.Threading.ThreadInterruptedException"/>. A task that neither sleeps nor checks <see cref="IsKilled"/> goes on, and <c>ps</c> shows that it was asked.
    /// Any context but NMI.
    /// </summary>
    /// <returns>False, and nothing was done, if the task is .NET's own (<see cref="IsRuntimeThread"/>).</returns>
    [NoAllocation]
    public bool Kill()
    {
        if (IsRuntimeThread)
        {
            return false;
        }

        // The mark first: a task that begins a .NET wait now sees it, or this sees the task's Thread object; both are full fences.
        MarkKilled();
        WakeUp.Try(this, WakeUp.Killable);
        ManagedInterrupts.Request(this);
        return true;
    }

    /// <summary>Ends the task's present or next interruptible sleep early. Any context but NMI.</summary>
    [NoAllocation]
    public void Interrupt()
    {
        MarkInterrupted();
        WakeUp.Try(this, WakeUp.InterruptibleOnly);
    }

    /// <summary>Changes which CPUs the task may run on. It leaves one that it may not run on at the next switch there, which is asked for at once. Any context but NMI.</summary>
    /// <param name="affinity">At least one of the CPUs must exist.</param>
    /// <exception cref="ArgumentException">None does.</exception>
    /// <exception cref="InvalidOperationException">It is a deadline task: that belongs to the CPU that promised it its runtime.</exception>
    public void SetAffinity(CpuSet affinity)
    {
        ThrowIfNoCpu(affinity);
        bool bound;
        using (WakeLock.Enter())
        {
            bound = _promisedOn >= 0;
            if (!bound)
            {
                ApplyAffinity(affinity);
            }
        }

        if (bound)
        {
            throw new InvalidOperationException($"{this} is a deadline task: it belongs to the CPU that promised it its runtime.");
        }
    }

    [RequiresLock(nameof(WakeLock))]
    private void ApplyAffinity(CpuSet affinity)
    {
        RunQueue queue = WakeUp.LockQueueOf(this);
        AllowedCpus = affinity;
        bool push = false;
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
        else if (IsQueued)
        {
            Entity.Queue!.AffinityChanged(Entity);
            push = RealTimeBalancer.MayMove(this) && !ReferenceEquals(queue.Running, this);
        }

        queue.Lock.ReleaseWithInterruptsOff();
        if (push)
        {
            RealTimeBalancer.Push(queue);
        }

        if (move)
        {
            WakeUp.Place(this, EnqueueReason.Migrated);
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
}
