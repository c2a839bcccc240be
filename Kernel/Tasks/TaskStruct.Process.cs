using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks;

// The task as a member of a process: its thread group, and what the members share.
public sealed partial class TaskStruct
{
    // ---- Guarded by TaskTree's lock ----

    /// <summary>The group, once it has had more than one member; a task that was always alone has none and is its own leader.</summary>
    [Protocol("Written with TaskTree's lock held. Read without it for the id and the leader, which no group changes; all else of a group is read under the lock.")]
    internal ThreadGroup? Group { get; set; }

    [GuardedBy(typeof(TaskTree), "s_lock")]
    internal TaskStruct? NextInGroup { get; set; }

    [GuardedBy(typeof(TaskTree), "s_lock")]
    internal TaskStruct? PreviousInGroup { get; set; }

    /// <summary>The pid of the leader of the task's thread group; its own pid when it is alone (gettid(2)). Any context.</summary>
    public int Tgid => Group is { } group ? group.Id : Pid;

    /// <summary>It leads its thread group, which may consist of it alone.</summary>
    public bool IsGroupLeader => Group is not { } group || ReferenceEquals(group.Leader, this);

    // ---- Set before the task starts or by the task itself; released when it ends ----

    /// <summary>The address space of its user mode; null for kernel tasks.</summary>
    [Protocol("Set by the creator before the start or by the task itself; a reference store is atomic; null after the task's end.")]
    public TaskAddressSpace? AddressSpace { get; set; }

    /// <summary>Its open files; null for tasks that have none.</summary>
    [Protocol("As AddressSpace.")]
    public TaskFiles? Files { get; set; }

    /// <summary>Its signal handlers and pending signals; null for tasks that get none.</summary>
    [Protocol("As AddressSpace.")]
    public TaskSignals? Signals { get; set; }

    /// <summary>Whose rights it has; null for the kernel's own.</summary>
    [Protocol("As AddressSpace.")]
    public TaskCredentials? Credentials { get; set; }

    /// <summary>Time on CPUs of all members of the group together, of those that have ended too, in nanoseconds (CLOCK_PROCESS_CPUTIME_ID). Any context but NMI.</summary>
    public ulong ReadGroupCpuTime() => Group is { } group ? TaskTree.ReadCpuTime(group) : ReadCpuTime();

    /// <summary>The task ends, or was never started: gives up what it holds, in the order in which one may need the other. Task context.</summary>
    [MightSleep]
    internal void ReleaseResources()
    {
        Signals?.Release(this);
        Signals = null;
        Files?.Release(this);
        Files = null;
        AddressSpace?.Release(this);
        AddressSpace = null;
        Credentials?.Release(this);
        Credentials = null;
    }
}
