using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Ipc;

/// <summary>A message: in a queue, or handed to who waits for it. It belongs to one of them at a time.</summary>
internal sealed class Message
{
    /// <summary>Makes one. Task context.</summary>
    /// <param name="type">Its type (msgsnd(2)), or its priority (mq_send(3)).</param>
    /// <param name="text">Its text, which nobody changes.</param>
    public Message(long type, byte[] text)
    {
        Type = type;
        Text = text;
    }

    /// <summary>Its type, or its priority.</summary>
    public long Type { get; }

    /// <summary>Its text.</summary>
    [Immutable]
    public byte[] Text { get; }

    /// <summary>Which came first: of messages in one POSIX queue.</summary>
    [Protocol("Set with the lock of the queue that it goes into.")]
    public ulong Order { get; set; }

    [Protocol("Guarded by the lock of the queue that it is in.")]
    internal Message? Next { get; set; }

    [Protocol("Guarded by the lock of the queue that it is in.")]
    internal Message? Previous { get; set; }
}
