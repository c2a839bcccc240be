using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;

namespace CosmosKernel.Processes.Ipc;

/// <summary>A call of semop(2) that waits. Who completes it takes it off the lists and gives it its result, with the set's lock held; so does the waiting thread itself when it gives up.</summary>
internal sealed class SemaphoreWaiter
{
    /// <summary>It has no result yet.</summary>
    public const int Pending = int.MaxValue;

    [Protocol("Written with the set's lock held, as the last thing when the waiter is taken off the lists; the waiting thread looks without it.")]
    private int _result = Pending;

    /// <summary>Makes one. Task context.</summary>
    /// <param name="task">Who waits.</param>
    /// <param name="operations">What is to be done at once; nobody changes it.</param>
    /// <param name="undo">What takes it back; null for nothing.</param>
    /// <param name="processId">What the semaphores say of who operated last.</param>
    public SemaphoreWaiter(TaskStruct task, SemaphoreOperation[] operations, SemaphoreUndo? undo, int processId)
    {
        Task = task;
        Operations = operations;
        Undo = undo;
        ProcessId = processId;
    }

    /// <summary>Who waits.</summary>
    public TaskStruct Task { get; }

    /// <summary>What is to be done.</summary>
    [Immutable]
    public SemaphoreOperation[] Operations { get; }

    /// <summary>What takes it back; null for nothing.</summary>
    public SemaphoreUndo? Undo { get; }

    /// <summary>The process that waits.</summary>
    public int ProcessId { get; }

    /// <summary>It waits for one semaphore only, and is in its list.</summary>
    public bool IsSimple => Operations.Length == 1;

    /// <summary>0, a negative errno, or <see cref="Pending"/>.</summary>
    public int Result
    {
        get => Volatile.Read(ref _result);
        set => Volatile.Write(ref _result, value);
    }

    /// <summary>The operation that could not be done when it was tried last.</summary>
    [GuardedBy(typeof(IpcObject), nameof(IpcObject.Lock))]
    public int Blocking { get; set; }

    // ---- All that wait for the set, in the order in which they came ----

    [GuardedBy(typeof(IpcObject), nameof(IpcObject.Lock))]
    public SemaphoreWaiter? Next { get; set; }

    [GuardedBy(typeof(IpcObject), nameof(IpcObject.Lock))]
    public SemaphoreWaiter? Previous { get; set; }

    // ---- Those that wait for one semaphore ----

    [GuardedBy(typeof(IpcObject), nameof(IpcObject.Lock))]
    public SemaphoreWaiter? NextOfSemaphore { get; set; }

    [GuardedBy(typeof(IpcObject), nameof(IpcObject.Lock))]
    public SemaphoreWaiter? PreviousOfSemaphore { get; set; }
}
