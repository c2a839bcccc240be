using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Processes;

// Taking signals, by the thread that they are for.
public sealed partial class Process
{
    /// <summary>Takes what waits next. The thread itself, in task context.</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="info">The signal, to handle or to stop by.</param>
    /// <param name="action">Its action, if it has a handler.</param>
    [NoAllocation]
    internal SignalStep TakeNext(UserThread thread, out SignalInfo info, out KernelSignalAction action)
    {
        info = default;
        action = default;
        using (SignalLock.Enter())
        {
            while (true)
            {
                if (MustEnd(thread))
                {
                    return SignalStep.End;
                }

                if (ParentNews != 0)
                {
                    return SignalStep.TellParent;
                }

                if (thread.StopPending)
                {
                    return SignalStep.Stop;
                }

                if (!TryTake(thread, ~thread.Blocked, out info))
                {
                    Recalculate(thread);
                    return SignalStep.Nothing;
                }

                action = Handlers.Take(info.Number);
                if (action.Handler > KernelSignalAction.Ignore)
                {
                    return SignalStep.Handle;
                }

                if (action.Handler == KernelSignalAction.Ignore || SignalSet.IgnoredByDefault.Contains(info.Number) || IsProtected)
                {
                    continue;
                }

                if (SignalSet.Stopping.Contains(info.Number))
                {
                    if (info.Number != Signal.SIGSTOP)
                    {
                        return SignalStep.CheckOrphan;
                    }

                    BeginStopLocked(thread, info.Number);
                    continue;
                }

                End(info.Number);
            }
        }
    }

    /// <summary>Takes a signal of a set, if one waits: for the thread first, then for any.</summary>
    [RequiresLock(nameof(SignalLock))]
    [NoAllocation]
    internal bool TryTake(UserThread thread, SignalSet wanted, out SignalInfo info)
    {
        while (true)
        {
            PendingSignals pending = thread.Pending;
            int signal = pending.NextOf(wanted);
            if (signal == 0)
            {
                pending = Pending;
                signal = pending.NextOf(wanted);
            }

            if (signal == 0)
            {
                info = default;
                return false;
            }

            pending.Take(signal, out QueuedSignal? entry);
            thread.StopTaken |= SignalSet.Stopping.Contains(signal);
            if (entry is null)
            {
                // What else was known of it is lost.
                info = SignalInfo.FromUser(signal, SignalCode.SI_USER, 0, 0);
                return true;
            }

            if (entry is TimerSignal timer)
            {
                timer.Unclaim();
                if (!timer.OnTaken())
                {
                    continue;
                }

                info = timer.Info;
                return true;
            }

            info = entry.Info;
            Discard(entry);
            return true;
        }
    }

    /// <summary>Finds out whether something waits that the thread must look at, and takes an interruption back that is for nothing any more. The thread itself.</summary>
    [RequiresLock(nameof(SignalLock))]
    [NoAllocation]
    internal void Recalculate(UserThread thread)
    {
        bool any = MustEnd(thread) || thread.StopPending || ParentNews != 0
            || !(thread.Pending.Set | Pending.Set).Without(thread.Blocked).IsEmpty;
        if (any && !thread.HasPendingSignal)
        {
            thread.RequestAttention(kill: false);
        }
        else if (!any && thread.HasPendingSignal)
        {
            thread.ClearAttention();
            TaskSleep.TakeInterrupt();
        }
    }

    /// <summary>Begins a stop of all threads, if nothing came between.</summary>
    [NoAllocation]
    internal void BeginStop(UserThread thread, int signal)
    {
        using (SignalLock.Enter())
        {
            BeginStopLocked(thread, signal);
        }
    }

    /// <summary>A thread stops. It then waits until <see cref="UserThread.IsStopped"/> is taken back.</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="isLast">All have stopped now: the parent is told.</param>
    /// <returns>False: the stop was called off.</returns>
    [NoAllocation]
    internal bool EnterStop(UserThread thread, out bool isLast)
    {
        using (SignalLock.Enter())
        {
            if (!thread.StopPending)
            {
                isLast = false;
                return false;
            }

            thread.IsStopped = true;
            isLast = LeaveStopCount(thread);
            return true;
        }
    }

    /// <summary>A thread that has to stop has stopped, or ends instead.</summary>
    /// <returns>It was the last one: the process is stopped.</returns>
    [RequiresLock(nameof(SignalLock))]
    [NoAllocation]
    internal bool LeaveStopCount(UserThread thread)
    {
        thread.StopPending = false;
        if (--StopCount > 0 || IsStopped)
        {
            return false;
        }

        IsStopped = true;
        StopIsTold = false;
        WasContinued = false;
        return true;
    }

    /// <summary>The thread has to end. Its status is in <see cref="UserThread.ExitStatus"/>.</summary>
    [RequiresLock(nameof(SignalLock))]
    private bool MustEnd(UserThread thread)
    {
        if (IsEnding)
        {
            thread.ExitStatus = EndStatus;
            return true;
        }

        if (Executing is not null && !ReferenceEquals(Executing, thread))
        {
            thread.ExitStatus = 0;
            return true;
        }

        return thread.IsExiting;
    }

    // SIGCONT and the end of the process take StopTaken back.
    [RequiresLock(nameof(SignalLock))]
    private void BeginStopLocked(UserThread thread, int signal)
    {
        if (!thread.StopTaken || IsEnding || Executing is not null)
        {
            return;
        }

        thread.StopTaken = false;
        if (!IsStopped)
        {
            StopSignal = signal;
        }

        StopCount = 0;
        for (UserThread? other = FirstThread; other is not null; other = other.NextInProcess)
        {
            if (!other.IsStopped && !other.IsLeaving)
            {
                other.StopPending = true;
                StopCount++;
                if (!ReferenceEquals(other, thread))
                {
                    other.RequestAttention(kill: false);
                }
            }
        }
    }
}
