using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tasks;

/// <summary>What a new task is to be like.</summary>
public sealed record TaskOptions
{
    /// <summary>Default stack size in bytes: managed call chains are deep.</summary>
    public const int DefaultStackBytes = 64 * 1024;

    /// <summary>Shown by <c>ps</c>.</summary>
    public string Name { get; init; } = "task";

    /// <summary>0 (most urgent) to 139; <see cref="TaskPriority.FromNice"/> converts nice values.</summary>
    public int Priority { get; init; } = TaskPriority.Default;

    /// <summary>CPUs that it may run on. At least one of them must exist.</summary>
    public CpuSet Affinity { get; init; } = CpuSet.All;

    /// <summary>Usable kernel stack in bytes, rounded up to pages; 8 KiB at least.</summary>
    public int StackBytes { get; init; } = DefaultStackBytes;

    /// <summary>Nobody will join it: everything is released as soon as it ends.</summary>
    public bool Detached { get; init; }

    /// <summary>Policy that schedules it; null for the kernel's default.</summary>
    public SchedulingClass? Class { get; init; }
}
