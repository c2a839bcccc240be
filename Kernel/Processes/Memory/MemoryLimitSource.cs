using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Memory;

/// <summary>Knows the limits of the running task. Address spaces know no processes.</summary>
public abstract class MemoryLimitSource
{
    /// <summary>The one that is asked; null before there are processes.</summary>
    [Protocol("Written once at boot, before the first process.")]
    public static MemoryLimitSource? Instance { get; set; }

    /// <summary>The limits of the running task. Task context; allocates nothing.</summary>
    public abstract MemoryLimits OfCurrentTask();
}
