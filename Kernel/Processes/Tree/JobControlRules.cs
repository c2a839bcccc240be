using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

/// <summary>The rules of process groups and sessions (setpgid(2), setsid(2), POSIX).</summary>
public static class JobControlRules
{
    /// <summary>Moves a process into a group of its session, or makes one for it.</summary>
    /// <param name="caller">The calling process.</param>
    /// <param name="pid">The process; 0: the caller.</param>
    /// <param name="pgid">The group; 0: the process's own.</param>
    /// <returns>
    /// EINVAL: negative. ESRCH: neither the caller nor a child of it. EACCES: the child has executed a program. EPERM: a session leader, another session, or no such group there.
    /// </returns>
    public static Errno SetGroup(Process caller, int pid, int pgid)
    {
        pid = pid == 0 ? caller.Id : pid;
        pgid = pgid == 0 ? pid : pgid;
        if (pgid < 0)
        {
            return Errno.EINVAL;
        }

        if (ProcessTable.Find(pid) is not { } process)
        {
            return Errno.ESRCH;
        }

        // Memory first; garbage when the group exists.
        ProcessGroup made = new(process.ProcessId, process.Session);
        using (ProcessTree.Lock.Enter())
        {
            Errno error = CheckGroup(caller, process);
            if (error != Errno.Ok)
            {
                return error;
            }

            ProcessGroup? group = ProcessIds.Find(pgid)?.Group;
            if (pgid != pid && (group is null || !ReferenceEquals(group.Session, process.Session)))
            {
                return Errno.EPERM;
            }

            if (!ReferenceEquals(process.Group, group))
            {
                process.Group.Remove(process);
                (group ?? made).Add(process);
            }

            return Errno.Ok;
        }
    }

    /// <summary>Makes the calling process the leader of a new session and a new group, without a controlling terminal.</summary>
    /// <returns>EPERM: it is a group's leader, or its id is that of a group.</returns>
    public static Errno MakeSession(Process caller)
    {
        Session session = new(caller.ProcessId);
        ProcessGroup group = new(caller.ProcessId, session);
        using (ProcessTree.Lock.Enter())
        {
            if (caller.ProcessId.Group is not null || caller.ProcessId.Session is not null)
            {
                return Errno.EPERM;
            }

            caller.Group.Remove(caller);
            caller.ProcessId.Session = session;
            group.Add(caller);
            return Errno.Ok;
        }
    }

    [RequiresLock(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    private static Errno CheckGroup(Process caller, Process process)
    {
        if (!ReferenceEquals(process, caller))
        {
            if (!ReferenceEquals(process.Parent, caller) || process.IsCollected)
            {
                return Errno.ESRCH;
            }

            if (!ReferenceEquals(process.Session, caller.Session))
            {
                return Errno.EPERM;
            }

            if (process.HasExecuted)
            {
                return Errno.EACCES;
            }
        }

        return process.Session.Id == process.Id ? Errno.EPERM : Errno.Ok;
    }
}
