using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

/// <summary>
/// The lock of everything that ties processes together: parents and children, groups and sessions, which thread is in which process, and who has ended and waits to be collected.
/// It is held for short walks only. Locks: this one, then a process's signal lock, then a table of handlers; docs/processes.md.
/// </summary>
public static class ProcessTree
{
    /// <summary>The lock. Any context but NMI.</summary>
    internal static IrqSpinLock Lock = new(LockClass.ProcessTree);
}
