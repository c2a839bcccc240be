using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks;

/// <summary>
/// Tasks that are the threads of one process: they have one thread group id, the pid of the task that was first. Made when a task gets a second thread, since most kernel
/// tasks never do. <see cref="TaskTree"/> keeps the membership and guards it.
/// </summary>
[Owned]
public sealed class ThreadGroup
{
    internal ThreadGroup(TaskStruct leader)
    {
        Leader = leader;
        Id = leader.Pid;
    }

    /// <summary>The task that was first; it stays the leader after its end.</summary>
    public TaskStruct Leader { get; }

    /// <summary>The leader's pid.</summary>
    public int Id { get; }

    /// <summary>Members that were not collected yet. Outdated at once.</summary>
    public int Count { get; internal set; }

    /// <summary>The member that joined last.</summary>
    internal TaskStruct? First { get; set; }

    /// <summary>Time on CPUs of members that were collected, nanoseconds.</summary>
    internal ulong EndedCpuTime { get; set; }
}
