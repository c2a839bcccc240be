using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Ipc.PosixQueues;

/// <summary>The limits of POSIX message queues (/proc/sys/fs/mqueue, mq_overview(7)), with Linux's values to begin with. Any context.</summary>
public static class PosixQueueLimits
{
    [Atomic]
    private static int s_queues = 256;

    [Atomic]
    private static int s_messages = 10;

    [Atomic]
    private static int s_bytes = 8192;

    [Atomic]
    private static int s_defaultMessages = 10;

    [Atomic]
    private static int s_defaultBytes = 8192;

    /// <summary>queues_max: most queues, but for who has CAP_SYS_RESOURCE.</summary>
    public static int Queues
    {
        get => Volatile.Read(ref s_queues);
        set => Volatile.Write(ref s_queues, value);
    }

    /// <summary>msg_max: most messages that a queue may be made for, but by who has CAP_SYS_RESOURCE.</summary>
    public static int Messages
    {
        get => Volatile.Read(ref s_messages);
        set => Volatile.Write(ref s_messages, value);
    }

    /// <summary>msgsize_max: longest messages that a queue may be made for, but by who has CAP_SYS_RESOURCE.</summary>
    public static int Bytes
    {
        get => Volatile.Read(ref s_bytes);
        set => Volatile.Write(ref s_bytes, value);
    }

    /// <summary>msg_default: messages of a queue that is made without saying how many.</summary>
    public static int DefaultMessages
    {
        get => Volatile.Read(ref s_defaultMessages);
        set => Volatile.Write(ref s_defaultMessages, value);
    }

    /// <summary>msgsize_default: length of messages of a queue that is made without saying how long.</summary>
    public static int DefaultBytes
    {
        get => Volatile.Read(ref s_defaultBytes);
        set => Volatile.Write(ref s_defaultBytes, value);
    }

    /// <summary>Checks what a queue is to be made for.</summary>
    /// <param name="attributes">What was asked for.</param>
    /// <param name="mayExceed">The caller has CAP_SYS_RESOURCE.</param>
    /// <param name="charge">Bytes that count for RLIMIT_MSGQUEUE.</param>
    /// <returns>EINVAL.</returns>
    internal static Errno Check(in QueueAttributes attributes, bool mayExceed, out ulong charge)
    {
        int messages = mayExceed ? QueueConstants.MostMessages : Messages;
        int bytes = mayExceed ? QueueConstants.MostBytes : Bytes;
        charge = 0;
        if (attributes.MostMessages <= 0 || attributes.MostBytes <= 0 || attributes.MostMessages > messages || attributes.MostBytes > bytes)
        {
            return Errno.EINVAL;
        }

        ulong count = (ulong)attributes.MostMessages;
        ulong priorities = count < QueueConstants.Priorities ? count : QueueConstants.Priorities;
        charge = (count * (QueueConstants.MessageOverhead + (ulong)attributes.MostBytes)) + (priorities * QueueConstants.PriorityOverhead);
        return Errno.Ok;
    }

    /// <summary>What a queue is made for that nobody says anything of.</summary>
    internal static QueueAttributes Default => new()
    {
        MostMessages = DefaultMessages < Messages ? DefaultMessages : Messages,
        MostBytes = DefaultBytes < Bytes ? DefaultBytes : Bytes,
    };
}
