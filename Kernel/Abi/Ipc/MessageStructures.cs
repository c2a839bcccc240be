using System.Runtime.InteropServices;

namespace CosmosKernel.Abi;

/// <summary>A System V message queue: <c>struct msqid_ds</c>, 120 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct MessageQueueDescription
{
    /// <summary>Owner and permissions.</summary>
    public IpcPermission Permission;

    /// <summary>Last msgsnd(2), seconds since 1970; 0 for never.</summary>
    public long SendTime;

    /// <summary>Last msgrcv(2).</summary>
    public long ReceiveTime;

    /// <summary>Creation, or last IPC_SET.</summary>
    public long ChangeTime;

    /// <summary>Bytes in the queue.</summary>
    public ulong Bytes;

    /// <summary>Messages in the queue.</summary>
    public ulong Messages;

    /// <summary>Most bytes.</summary>
    public ulong MostBytes;

    /// <summary>The process that sent last.</summary>
    public int LastSender;

    /// <summary>The process that received last.</summary>
    public int LastReceiver;

    private readonly ulong _unused4;
    private readonly ulong _unused5;
}

/// <summary>Limits of message queues, and what they use: <c>struct msginfo</c>, 32 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct MessageInformation
{
    /// <summary>MSGPOOL, or with MSG_INFO: queues that there are.</summary>
    public int PoolOrQueues;

    /// <summary>MSGMAP, or with MSG_INFO: messages in all queues.</summary>
    public int MapOrMessages;

    /// <summary>Most bytes of a message.</summary>
    public int MostOfMessage;

    /// <summary>Most bytes of a queue, when it is made.</summary>
    public int MostOfQueue;

    /// <summary>Most queues.</summary>
    public int MostQueues;

    /// <summary>MSGSSZ; means nothing.</summary>
    public int SegmentBytes;

    /// <summary>MSGTQL, or with MSG_INFO: bytes in all queues.</summary>
    public int HeadersOrBytes;

    /// <summary>MSGSEG; means nothing.</summary>
    public ushort Segments;

    private readonly ushort _padding;
}
