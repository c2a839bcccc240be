using CosmosKernel.Abi;
using CosmosKernel.Files.Terminals;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

/// <summary>A thread leaves its process; the last one makes it a zombie, gives its children away and tells its parent; and the parent collects it.</summary>
internal static class ProcessExit
{
    /// <summary>The leader of a session ends: its controlling terminal is free again (credentials(7)).</summary>
    [MightSleep]
    public static void LeaveTerminal(Process process)
    {
        Session session = process.Session;
        if (session.Id == process.Id)
        {
            (session.Terminal as Terminal)?.LeaderEnds(session.Id);
            session.Terminal = null;
        }
    }

    /// <summary>Takes the running thread out of its process. It does nothing for the process after this.</summary>
    public static void Leave(UserThread thread)
    {
        Process process = thread.Process;
        process.KeepUserId(thread.Credentials.UserId);
        using (ProcessTree.Lock.Enter())
        {
            bool isLast;
            int status;
            using (process.SignalLock.Enter())
            {
                process.KeepUsage(thread);
                process.Flush(thread.Pending, SignalSet.All);
                process.RemoveThread(thread);
                isLast = process.FirstThread is null;
                if (thread.IsLeader || process.ProcessId.Thread is null)
                {
                    process.LeaderStatus = thread.IsLeader || !process.HasLeaderStatus ? thread.ExitStatus : process.LeaderStatus;
                    process.HasLeaderStatus = true;
                }

                status = process.IsEnding ? process.EndStatus : process.LeaderStatus;
                if (isLast)
                {
                    process.Flush(process.Pending, SignalSet.All);
                }
                else if (process.Executing is not null)
                {
                    process.OthersEnded.WakeAll();
                }
            }

            thread.ProcessId.Thread = null;
            thread.ProcessId.ReleaseIfUnused();
            if (!isLast)
            {
                thread.Account.RemoveThread();
                PassChildren(thread, process, process);
                return;
            }

            process.ZombieAccount = thread.Account;
            process.Handlers.Unshare();
            End(process, status);
        }
    }

    /// <summary>Releases a zombie: its parent has its status, or does not want it.</summary>
    [RequiresLock(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    [NoAllocation]
    public static void Collect(Process process)
    {
        process.ZombieAccount?.RemoveThread();
        process.ZombieAccount = null;
        process.Parent!.RemoveChild(process);
        process.Group.Remove(process);
        process.ProcessId.Process = null;
        process.IsCollected = true;
        process.ProcessId.ReleaseIfUnused();
    }

    [RequiresLock(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    private static void End(Process process, int status)
    {
        process.IsZombie = true;
        process.ExitStatus = status;
        process.TellEndWatchers();
        Process reaper = FindReaper(process);
        while (process.FirstChild is { } child)
        {
            GiveAway(child, process, reaper);
        }

        Process parent = process.Parent!;
        SignalIfOrphaned(process, parent, process);
        if (TellParent(process))
        {
            Collect(process);
        }
    }

    // The nearest ancestor that has asked for orphans and still runs, or the first process.
    [RequiresLock(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    private static Process FindReaper(Process process)
    {
        Process reaper = process;
        while (reaper.Parent is { } parent)
        {
            reaper = parent;
            if (reaper.IsInit || (reaper.IsSubreaper && !reaper.IsZombie))
            {
                break;
            }
        }

        return reaper;
    }

    [RequiresLock(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    private static void GiveAway(Process child, Process father, Process reaper)
    {
        father.RemoveChild(child);
        reaper.AddChild(child, reaper.FirstThread);
        child.ExitSignal = Signal.SIGCHLD;
        SendParentDeath(child, father);
        SignalIfOrphaned(child, father, null);
        if (child.IsZombie && TellParent(child))
        {
            Collect(child);
        }
    }

    // A thread ends and its process goes on: another thread takes its children over, which learn of the death of who made them.
    [RequiresLock(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    private static void PassChildren(UserThread thread, Process process, Process father)
    {
        if (thread.Children == 0)
        {
            return;
        }

        UserThread heir = process.FirstThread!;
        for (Process? child = process.FirstChild; child is not null; child = child.NextSibling)
        {
            if (ReferenceEquals(child.ParentThread, thread))
            {
                thread.Children--;
                heir.Children++;
                child.ParentThread = heir;
                SendParentDeath(child, father);
            }
        }
    }

    [RequiresLock(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    private static void SendParentDeath(Process child, Process father)
    {
        QueuedSignal? none = null;
        using (child.SignalLock.Enter())
        {
            for (UserThread? thread = child.FirstThread; thread is not null; thread = thread.NextInProcess)
            {
                if (thread.ParentDeathSignal is > 0 and var signal)
                {
                    child.Send(SignalInfo.FromUser(signal, SignalCode.SI_USER, father.Id, father.UserIdLocked), thread, ref none, mayAsk: false);
                }
            }
        }
    }

    // The end of a process, or of the parent of one, may leave a group without anybody who could continue its stopped members: they are told and continued (setpgid(2), exit(3)).
    [RequiresLock(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    private static void SignalIfOrphaned(Process process, Process parent, Process? ignored)
    {
        ProcessGroup group = process.Group;
        if (!ReferenceEquals(parent.Group, group) && ReferenceEquals(parent.Group.Session, group.Session) && group.IsOrphaned(ignored) && group.HasStoppedMember())
        {
            Signals.SendLocked(group, SignalInfo.Kernel(Signal.SIGHUP));
            Signals.SendLocked(group, SignalInfo.Kernel(Signal.SIGCONT));
        }
    }

    // Sends the exit signal and wakes who waits. True: nobody will wait for the zombie.
    [RequiresLock(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    private static bool TellParent(Process process)
    {
        Process parent = process.Parent!;
        int signal = process.ExitSignal;
        if (signal != Signal.SIGCHLD && process.ParentExecutions != parent.Executions)
        {
            signal = Signal.SIGCHLD;
        }

        bool unwanted = false;
        ProcessUsage usage = process.ReadUsage();
        int status = process.ExitStatus;
        QueuedSignal? none = null;
        using (parent.SignalLock.Enter())
        {
            KernelSignalAction action = parent.Handlers.Get(Signal.SIGCHLD);
            if (signal == Signal.SIGCHLD)
            {
                bool ignores = action.Handler == KernelSignalAction.Ignore;
                unwanted = ignores || (action.Flags & SignalActionFlags.SA_NOCLDWAIT) != 0;
                signal = ignores ? 0 : signal;
            }

            if (signal is > 0 and <= Signal.SIGRTMAX)
            {
                int code = WaitStatus.IsKilled(status) ? SignalCode.CLD_KILLED : SignalCode.CLD_EXITED;
                parent.Send(
                    SignalInfo.Child(signal, code, process.Id, process.UserIdLocked, WaitStatus.CodeOf(status), usage.UserTicks, usage.SystemTicks),
                    null,
                    ref none,
                    mayAsk: false);
            }
        }

        parent.ChildChanged.WakeAll();
        return unwanted;
    }
}
