using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Log;

/// <summary>Wants to know of each line of the kernel log.</summary>
public abstract class KernelLogListener
{
    /// <summary>A line was written. In the task that wrote it, without a lock; short.</summary>
    [NoAllocation]
    public abstract void LineAdded();
}
