using System.Threading;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tasks;

/// <summary>What a new task is to be like.</summary>
public sealed record TaskOptions
{
    /// <summary>Default stack size in bytes: managed call chains are deep.</summary>
    public const int DefaultStackBytes = 64 * 1024;

    /// <summary>Shown by <c>ps</c>.</summary>
    public string Name { get; init; } = "task";

    /// <summary>How it is scheduled: an ordinary task of nice 0 unless something else is said.</summary>
    public SchedulingParameters Scheduling { get; init; }

    /// <summary>The same by a number on the kernel's one scale: 0 to 98 are FIFO 99 to 1, 100 to 139 nice -20 to 19 (<see cref="TaskPriority"/>).</summary>
    /// <exception cref="System.ArgumentOutOfRangeException">Not on the scale.</exception>
    public int Priority
    {
        get => Scheduling.Priority;
        init => Scheduling = SchedulingParameters.FromPriority(value);
    }

    /// <summary>It is scheduled as its creator is, as fork(2) does, <see cref="SchedulingParameters.ResetOnFork"/> obeyed; <see cref="Scheduling"/> is then unused.</summary>
    public bool InheritScheduling { get; init; }

    /// <summary>CPUs that it may run on. At least one of them must exist.</summary>
    public CpuSet Affinity { get; init; } = CpuSet.All;

    /// <summary>Kernel stack in bytes, rounded up to pages; 16 KiB at least. 256 bytes of it hold what the machine keeps about the task.</summary>
    public int StackBytes { get; init; } = DefaultStackBytes;

    /// <summary>Nobody will join it: everything is released as soon as it ends.</summary>
    public bool Detached { get; init; }

    /// <summary>The new task is a thread of this task's process: a member of its group, which is made if there is none. The task must not end before the start returns.</summary>
    public TaskStruct? ThreadOf { get; init; }

    /// <summary>CoreLib's object for the task, if CoreLib starts it.</summary>
    internal Thread? ManagedThread { get; init; }

    /// <summary>See <see cref="TaskStruct.IsRuntimeThread"/>.</summary>
    internal bool IsRuntimeThread { get; init; }
}
