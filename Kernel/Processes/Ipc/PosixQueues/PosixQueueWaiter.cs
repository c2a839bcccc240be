using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;

namespace CosmosKernel.Processes.Ipc.PosixQueues;

/// <summary>A call of mq_timedsend(2) or mq_timedreceive(2) that waits. Who completes it takes it off its list, with the queue's lock held; so does the waiting thread itself when it gives up.</summary>
internal sealed class PosixQueueWaiter
{
    [Protocol("Written with the queue's lock held, as the last thing when the waiter is taken off its list; the waiting thread looks without it.")]
    private bool _isDone;

    /// <summary>Makes one. Task context.</summary>
    /// <param name="task">Who waits.</param>
    /// <param name="message">What is to be sent; null receives.</param>
    public PosixQueueWaiter(TaskStruct task, Message? message)
    {
        Task = task;
        Message = message;
        Urgency = task.EffectiveUrgency.Key;
    }

    /// <summary>Who waits.</summary>
    public TaskStruct Task { get; }

    /// <summary>What is to be sent, or was received.</summary>
    [Protocol("The waiting thread before it is on the list and after it is done; meanwhile guarded by the queue's lock.")]
    public Message? Message { get; set; }

    /// <summary>Place in the list; less is first, of equals who came first.</summary>
    public ulong Urgency { get; }

    /// <summary>The message was sent or received.</summary>
    public bool IsDone
    {
        get => Volatile.Read(ref _isDone);
        set => Volatile.Write(ref _isDone, value);
    }

    [Protocol("Guarded by the lock of the queue that it waits at.")]
    internal PosixQueueWaiter? Next { get; set; }

    [Protocol("Guarded by the lock of the queue that it waits at.")]
    internal PosixQueueWaiter? Previous { get; set; }
}
