using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

/// <summary>
/// Sending signals. Nothing here checks permissions: system calls do. Signal 0 is not sent. A signal to who has ended is lost without an error, as long as the
/// parent has not collected the process.
/// </summary>
public static class Signals
{
    /// <summary>Sends a signal to a process: one of its threads takes it. Task context, no spin lock held; allocates when the process's stock of entries is empty.</summary>
    /// <returns>EAGAIN: a queued signal, and the user has as many as RLIMIT_SIGPENDING allows.</returns>
    public static Errno Send(Process process, in SignalInfo info) => Send(process, null, info);

    /// <summary>Sends a signal to a thread. Task context, no spin lock held; allocates when the process's stock of entries is empty.</summary>
    /// <returns>As for a process.</returns>
    public static Errno Send(UserThread thread, in SignalInfo info) => Send(thread.Process, thread, info);

    /// <summary>Sends a signal to a process, from any context but NMI. What is known of it may get lost for want of memory; a real-time signal then is refused.</summary>
    /// <returns>EAGAIN, as for <see cref="Send(Process, in SignalInfo)"/>.</returns>
    [NoAllocation]
    public static Errno SendAtomic(Process process, in SignalInfo info) => SendAtomic(process, null, info);

    /// <summary>Sends a signal to a thread, from any context but NMI; see <see cref="SendAtomic(Process, in SignalInfo)"/>.</summary>
    /// <returns>EAGAIN, as for <see cref="Send(Process, in SignalInfo)"/>.</returns>
    [NoAllocation]
    public static Errno SendAtomic(UserThread thread, in SignalInfo info) => SendAtomic(thread.Process, thread, info);

    /// <summary>Sends a signal to all processes of a group. Any context but NMI.</summary>
    /// <returns>ESRCH: the group has no members.</returns>
    [NoAllocation]
    public static Errno Send(ProcessGroup group, in SignalInfo info)
    {
        using (ProcessTree.Lock.Enter())
        {
            return SendLocked(group, info);
        }
    }

    /// <summary>As <see cref="Send(ProcessGroup, in SignalInfo)"/>, for who holds the tree's lock.</summary>
    [RequiresLock(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    [NoAllocation]
    internal static Errno SendLocked(ProcessGroup group, in SignalInfo info)
    {
        if (group.First is null)
        {
            return Errno.ESRCH;
        }

        for (Process? member = group.First; member is not null; member = member.NextInGroup)
        {
            Broadcast(member, info);
        }

        return Errno.Ok;
    }

    /// <summary>Sends a signal that goes to several processes: a fork under way in this one begins anew.</summary>
    [RequiresLock(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    [NoAllocation]
    internal static Errno Broadcast(Process process, in SignalInfo info)
    {
        QueuedSignal? none = null;
        using (process.SignalLock.Enter())
        {
            process.Broadcasts++;
            return process.Send(info, null, ref none, mayAsk: false) == Process.Sent.Refused ? Errno.EAGAIN : Errno.Ok;
        }
    }

    /// <summary>Sends a timer's signal to a process. Any context but NMI.</summary>
    /// <returns>False: it is queued already, which is an overrun, or it is ignored.</returns>
    [NoAllocation]
    public static bool SendTimer(Process process, TimerSignal signal) => SendTimer(process, null, signal);

    /// <summary>Sends a timer's signal to a thread. Any context but NMI.</summary>
    /// <returns>False: it is queued already, which is an overrun, or it is ignored.</returns>
    [NoAllocation]
    public static bool SendTimer(UserThread thread, TimerSignal signal) => SendTimer(thread.Process, thread, signal);

    /// <summary>Takes a timer's signal out of its queue: the timer is deleted. Any context but NMI.</summary>
    /// <param name="process">The process that it was sent to, or whose thread it was.</param>
    /// <param name="signal">The signal, queued or not.</param>
    [NoAllocation]
    public static void Withdraw(Process process, TimerSignal signal)
    {
        using (process.SignalLock.Enter())
        {
            bool found = process.Pending.Remove(signal);
            for (UserThread? thread = process.FirstThread; thread is not null && !found; thread = thread.NextInProcess)
            {
                found = thread.Pending.Remove(signal);
            }

            if (found)
            {
                process.Discard(signal);
            }
        }
    }

    /// <summary>
    /// Sends the running thread a signal that it cannot evade, because it cannot go on: a fault. A blocked or ignored one gets the default action first, and then not even the
    /// first process survives it. Task context.
    /// </summary>
    public static void Force(UserThread thread, in SignalInfo info)
    {
        Process process = thread.Process;
        process.FillStock();
        QueuedSignal? none = null;
        using (process.SignalLock.Enter())
        {
            SignalHandlers handlers = process.Handlers;
            bool blocked = thread.Blocked.Contains(info.Number);
            if (blocked || handlers.Ignored.Contains(info.Number))
            {
                handlers.Set(info.Number, default);
                thread.SetBlocked(thread.Blocked.Without(SignalSet.Of(info.Number)));
            }

            if (!handlers.Handled.Contains(info.Number))
            {
                process.IsProtected = false;
            }

            process.Send(info, thread, ref none, mayAsk: false);
            thread.RequestAttention(kill: false);
        }
    }

    /// <summary>As <see cref="Force"/>, and whatever the action is, it ends the process: its stack or its signal frame is useless.</summary>
    public static void ForceFatal(UserThread thread, int signal) => ForceFatal(thread, SignalInfo.Kernel(signal));

    /// <summary>As <see cref="Force"/>, and whatever the action is, it ends the process.</summary>
    public static void ForceFatal(UserThread thread, in SignalInfo info)
    {
        using (thread.Process.SignalLock.Enter())
        {
            thread.Process.Handlers.Set(info.Number, default);
        }

        Force(thread, info);
    }

    private static Errno Send(Process process, UserThread? thread, in SignalInfo info)
    {
        QueuedSignal? entry = null;
        while (true)
        {
            Process.Sent sent;
            using (process.SignalLock.Enter())
            {
                sent = process.Send(info, thread, ref entry, mayAsk: true);
                if (entry is not null && sent != Process.Sent.NeedsEntry)
                {
                    process.PutStock(entry);
                }
            }

            if (sent != Process.Sent.NeedsEntry)
            {
                return sent == Process.Sent.Refused ? Errno.EAGAIN : Errno.Ok;
            }

            entry = new QueuedSignal();
        }
    }

    private static Errno SendAtomic(Process process, UserThread? thread, in SignalInfo info)
    {
        QueuedSignal? none = null;
        using (process.SignalLock.Enter())
        {
            return process.Send(info, thread, ref none, mayAsk: false) == Process.Sent.Refused ? Errno.EAGAIN : Errno.Ok;
        }
    }

    private static bool SendTimer(Process process, UserThread? thread, TimerSignal signal)
    {
        if (!signal.TryClaim())
        {
            return false;
        }

        bool kept;
        using (process.SignalLock.Enter())
        {
            kept = process.SendTimer(signal, thread);
        }

        if (!kept)
        {
            signal.Unclaim();
        }

        return kept;
    }
}
