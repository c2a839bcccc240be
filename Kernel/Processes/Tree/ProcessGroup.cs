using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

/// <summary>A process group: processes that a shell starts, stops and signals together (setpgid(2)). It exists as long as it has members.</summary>
public sealed class ProcessGroup
{
    internal ProcessGroup(ProcessId id, Session session)
    {
        ProcessId = id;
        Session = session;
    }

    /// <summary>Its id: that of the process that was its first leader.</summary>
    public int Id => ProcessId.Number;

    /// <summary>The session that all its members are in.</summary>
    public Session Session { get; }

    internal ProcessId ProcessId { get; }

    [GuardedBy(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    internal Process? First { get; set; }

    /// <summary>Makes a process a member. It is in no group.</summary>
    [RequiresLock(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    [NoAllocation]
    internal void Add(Process process)
    {
        if (First is null)
        {
            Session.Groups++;
            ProcessId.Group = this;
        }

        process.PreviousInGroup = null;
        process.NextInGroup = First;
        if (First is { } first)
        {
            first.PreviousInGroup = process;
        }

        First = process;
        process.Group = this;
    }

    /// <summary>Takes a member out; without members the group and, without groups, the session end. The member keeps the reference.</summary>
    [RequiresLock(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    [NoAllocation]
    internal void Remove(Process process)
    {
        if (process.PreviousInGroup is { } previous)
        {
            previous.NextInGroup = process.NextInGroup;
        }
        else
        {
            First = process.NextInGroup;
        }

        if (process.NextInGroup is { } next)
        {
            next.PreviousInGroup = process.PreviousInGroup;
        }

        process.NextInGroup = null;
        process.PreviousInGroup = null;
        if (First is null)
        {
            ProcessId.Group = null;
            ProcessId.ReleaseIfUnused();
            Session.RemoveGroup();
        }
    }

    /// <summary>
    /// No member has a parent in another group of the same session: nobody could continue a stopped member (POSIX, 3.264 Orphaned Process Group).
    /// </summary>
    /// <param name="ignored">A process that is about to end or to move, and does not count; null for none.</param>
    [RequiresLock(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    [NoAllocation]
    internal bool IsOrphaned(Process? ignored)
    {
        for (Process? member = First; member is not null; member = member.NextInGroup)
        {
            if (ReferenceEquals(member, ignored) || member.IsZombie || member.Parent is not { } parent || parent.IsInit)
            {
                continue;
            }

            if (!ReferenceEquals(parent.Group, this) && ReferenceEquals(parent.Group.Session, Session))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A member is stopped.</summary>
    [RequiresLock(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    [NoAllocation]
    internal bool HasStoppedMember()
    {
        for (Process? member = First; member is not null; member = member.NextInGroup)
        {
            if (member.IsStopped)
            {
                return true;
            }
        }

        return false;
    }
}
