using CosmosKernel.Machine.Locking;
using CosmosKernel.Processes.Ipc;

namespace CosmosKernel.Processes;

public sealed partial class UserThread
{
    /// <summary>What its semaphore operations are taken back by, shared with threads that CLONE_SYSVSEM made; null while there is nothing to take back and nobody to share it with. The thread itself.</summary>
    [Protocol("The thread itself, and its maker before its start.")]
    internal SemaphoreUndoList? SemaphoreUndos { get; set; }

    /// <summary>Both have the same actions of signals. A snapshot.</summary>
    public bool SharesHandlersWith(UserThread other) => ReferenceEquals(Process.Handlers, other.Process.Handlers);

    /// <summary>Both have the same list of semaphore operations to be taken back, or none. A snapshot.</summary>
    public bool SharesSemaphoresWith(UserThread other) => ReferenceEquals(SemaphoreUndos, other.SemaphoreUndos);

    /// <summary>The segments of shared memory that it made and that are still there.</summary>
    [GuardedBy(typeof(SharedMemory), "s_makersLock", LockFreeReads = true)]
    internal SharedMemorySegment? FirstMadeSegment { get; set; }
}
