using System.Runtime.InteropServices;

namespace CosmosKernel.Abi;

/// <summary>Attributes of a POSIX message queue: <c>struct mq_attr</c> (mq_getattr(3)), 64 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct QueueAttributes
{
    /// <summary>O_NONBLOCK or 0.</summary>
    public long Flags;

    /// <summary>Most messages in the queue.</summary>
    public long MostMessages;

    /// <summary>Most bytes of a message.</summary>
    public long MostBytes;

    /// <summary>Messages in the queue.</summary>
    public long Messages;

    private readonly long _reserved1;
    private readonly long _reserved2;
    private readonly long _reserved3;
    private readonly long _reserved4;
}
