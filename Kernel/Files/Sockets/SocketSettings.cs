using System.Threading;
using CosmosKernel.Abi.Sockets;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Sockets;

/// <summary>The settings of all sockets: /proc/sys/net/core and /proc/sys/net/unix. Read and set in any context; each is in bytes or a count, as its name says.</summary>
[Atomic]
public static class SocketSettings
{
    private const int DefaultBuffer = 212_992;

    private static int s_sendDefault = DefaultBuffer;
    private static int s_sendMaximum = DefaultBuffer;
    private static int s_receiveDefault = DefaultBuffer;
    private static int s_receiveMaximum = DefaultBuffer;
    private static int s_control = SocketLimits.ControlBytes;
    private static int s_backlog = SocketLimits.Backlog;
    private static int s_queuedMessages = 10;

    /// <summary>wmem_default: the send buffer of a new socket.</summary>
    public static int SendDefault
    {
        get => Volatile.Read(ref s_sendDefault);
        set => Volatile.Write(ref s_sendDefault, value);
    }

    /// <summary>wmem_max: the most that SO_SNDBUF takes without CAP_NET_ADMIN.</summary>
    public static int SendMaximum
    {
        get => Volatile.Read(ref s_sendMaximum);
        set => Volatile.Write(ref s_sendMaximum, value);
    }

    /// <summary>rmem_default: the receive buffer of a new socket.</summary>
    public static int ReceiveDefault
    {
        get => Volatile.Read(ref s_receiveDefault);
        set => Volatile.Write(ref s_receiveDefault, value);
    }

    /// <summary>rmem_max: the most that SO_RCVBUF takes without CAP_NET_ADMIN.</summary>
    public static int ReceiveMaximum
    {
        get => Volatile.Read(ref s_receiveMaximum);
        set => Volatile.Write(ref s_receiveMaximum, value);
    }

    /// <summary>optmem_max: control data of one message stays below it.</summary>
    public static int Control
    {
        get => Volatile.Read(ref s_control);
        set => Volatile.Write(ref s_control, value);
    }

    /// <summary>somaxconn: the largest backlog of listen(2).</summary>
    public static int Backlog
    {
        get => Volatile.Read(ref s_backlog);
        set => Volatile.Write(ref s_backlog, value);
    }

    /// <summary>max_dgram_qlen: messages that a new datagram socket keeps from senders that it does not send to.</summary>
    public static int QueuedMessages
    {
        get => Volatile.Read(ref s_queuedMessages);
        set => Volatile.Write(ref s_queuedMessages, value);
    }
}
