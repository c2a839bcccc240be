using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;

namespace CosmosKernel.Processes.Ipc;

/// <summary>A call of msgsnd(2) or msgrcv(2) that waits. Who completes it takes it off its list and gives it its result, with the queue's lock held; so does the waiting thread itself when it gives up.</summary>
internal sealed class MessageWaiter
{
    /// <summary>It has no result yet.</summary>
    public const int Pending = int.MaxValue;

    /// <summary>It has to try again: permissions or limits have changed.</summary>
    public const int Again = int.MaxValue - 1;

    [Protocol("Written with the queue's lock held, as the last thing when the waiter is taken off its list; the waiting thread looks without it.")]
    private int _result = Pending;

    /// <summary>Makes one. Task context.</summary>
    public MessageWaiter(TaskStruct task, int processId)
    {
        Task = task;
        ProcessId = processId;
    }

    /// <summary>Who waits.</summary>
    public TaskStruct Task { get; }

    /// <summary>The process that waits.</summary>
    public int ProcessId { get; }

    /// <summary>0, a negative errno, <see cref="Again"/> or <see cref="Pending"/>.</summary>
    public int Result
    {
        get => Volatile.Read(ref _result);
        set => Volatile.Write(ref _result, value);
    }

    /// <summary>What is received, or to be sent.</summary>
    [Protocol("The waiting thread before it is on the list and after it has a result; meanwhile guarded by the queue's lock.")]
    public Message? Message { get; set; }

    /// <summary>What is to be received.</summary>
    [Protocol("The waiting thread before it is on the list; meanwhile guarded by the queue's lock.")]
    public MessageSelection Selection { get; set; }

    [Protocol("Guarded by the lock of the queue that it waits at.")]
    internal MessageWaiter? Next { get; set; }

    [Protocol("Guarded by the lock of the queue that it waits at.")]
    internal MessageWaiter? Previous { get; set; }
}
