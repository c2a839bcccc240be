using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

/// <summary>
/// A number that names a thread, a process, a process group and a session, each or several of them at once. The number is given again only when it names nothing: so the id of a
/// group whose leader has ended never becomes the id of another process (POSIX, 3.282 Process Group Lifetime).
/// </summary>
public sealed class ProcessId
{
    internal ProcessId(int number)
    {
        Number = number;
    }

    /// <summary>1 and up.</summary>
    public int Number { get; }

    /// <summary>The thread that has this id; null for none, and for the first thread of a process whose others go on without it.</summary>
    [GuardedBy(typeof(ProcessTree), nameof(ProcessTree.Lock), LockFreeReads = true)]
    public UserThread? Thread { get; internal set; }

    /// <summary>The process that has this id, one that has ended and was not collected included.</summary>
    [GuardedBy(typeof(ProcessTree), nameof(ProcessTree.Lock), LockFreeReads = true)]
    public Process? Process { get; internal set; }

    /// <summary>The process group that has this id.</summary>
    [GuardedBy(typeof(ProcessTree), nameof(ProcessTree.Lock), LockFreeReads = true)]
    public ProcessGroup? Group { get; internal set; }

    /// <summary>The session that has this id.</summary>
    [GuardedBy(typeof(ProcessTree), nameof(ProcessTree.Lock), LockFreeReads = true)]
    public Session? Session { get; internal set; }

    /// <summary>It names nothing any more: gives the number back.</summary>
    [RequiresLock(typeof(ProcessTree), nameof(ProcessTree.Lock))]
    [NoAllocation]
    internal void ReleaseIfUnused()
    {
        if (Thread is null && Process is null && Group is null && Session is null)
        {
            ProcessIds.Release(this);
        }
    }
}
