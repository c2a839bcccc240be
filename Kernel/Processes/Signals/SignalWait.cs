using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Processes;

/// <summary>Waiting for signals. Task context of the thread itself.</summary>
public static class SignalWait
{
    /// <summary>Sleeps until a signal comes that is to be looked at (pause(2), sigsuspend(2)).</summary>
    [MightSleep]
    public static void Pause(UserThread thread)
    {
        while (!thread.HasPendingSignal)
        {
            TaskSleep.Prepare(WaitMode.Interruptible, "sigsuspend");
            if (thread.HasPendingSignal)
            {
                TaskSleep.Abandon();
                return;
            }

            TaskSleep.Sleep(Scheduler.Never);
        }
    }

    /// <summary>Takes a signal of a set, or waits for one; it is not delivered (sigtimedwait(2)).</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="set">The signals; SIGKILL and SIGSTOP cannot be waited for.</param>
    /// <param name="deadline">Nanoseconds on the monotonic clock, 0 not to wait, or <see cref="Scheduler.Never"/>.</param>
    /// <param name="info">The signal.</param>
    /// <returns>EAGAIN: none came in time. EINTR: another signal came.</returns>
    [MightSleep]
    public static Errno Take(UserThread thread, SignalSet set, ulong deadline, out SignalInfo info)
    {
        Process process = thread.Process;
        set = set.Without(SignalSet.Unstoppable);
        using (process.SignalLock.Enter())
        {
            if (process.TryTake(thread, set, out info))
            {
                process.Recalculate(thread);
                return Errno.Ok;
            }

            if (deadline == 0)
            {
                return Errno.EAGAIN;
            }

            // Who sends one of them now finds it unblocked and wakes this thread; that it is blocked in truth keeps it from ending the process.
            thread.RealBlocked = thread.Blocked;
            thread.SetBlocked(thread.Blocked.Without(set));
            process.Recalculate(thread);
        }

        SleepUntilSignal(thread, deadline);
        using (process.SignalLock.Enter())
        {
            bool taken = process.TryTake(thread, set, out info);
            thread.SetBlocked(thread.RealBlocked);
            thread.RealBlocked = default;
            bool interrupted = thread.HasPendingSignal;
            process.Recalculate(thread);
            return taken ? Errno.Ok : interrupted ? Errno.EINTR : Errno.EAGAIN;
        }
    }

    [MightSleep]
    private static void SleepUntilSignal(UserThread thread, ulong deadline)
    {
        while (!thread.HasPendingSignal && (deadline == Scheduler.Never || Clock.MonotonicNanoseconds < deadline))
        {
            TaskSleep.Prepare(WaitMode.Interruptible, "sigtimedwait");
            if (thread.HasPendingSignal)
            {
                TaskSleep.Abandon();
                return;
            }

            TaskSleep.Sleep(deadline);
        }
    }
}
