using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Ipc;

/// <summary>One semaphore of a set, and who waits for it alone.</summary>
[GuardedBy(typeof(IpcObject), nameof(IpcObject.Lock))]
internal struct Semaphore
{
    /// <summary>0 to 32767.</summary>
    public int Value;

    /// <summary>The process that operated on it last.</summary>
    public int LastId;

    /// <summary>Who waits for a greater value by one operation, in the order in which they came.</summary>
    public SemaphoreWaiter? FirstTaker;

    /// <summary>The last of them.</summary>
    public SemaphoreWaiter? LastTaker;

    /// <summary>Who waits for zero by one operation.</summary>
    public SemaphoreWaiter? FirstZero;

    /// <summary>The last of them.</summary>
    public SemaphoreWaiter? LastZero;
}
