namespace CosmosKernel.Abi.Sockets;

/// <summary>Types of sockets, and the flags that are passed with them (socket(2)).</summary>
public static class SocketType
{
    /// <summary>SOCK_STREAM: bytes, connected.</summary>
    public const int Stream = 1;

    /// <summary>SOCK_DGRAM: messages.</summary>
    public const int Datagram = 2;

    /// <summary>SOCK_RAW: of AF_UNIX the same as datagrams.</summary>
    public const int Raw = 3;

    /// <summary>SOCK_SEQPACKET: messages, connected.</summary>
    public const int SequencedPacket = 5;

    /// <summary>Types end here; higher numbers are EINVAL.</summary>
    public const int Count = 11;

    /// <summary>The bits of the type; the others are flags.</summary>
    public const int Mask = 0xF;

    /// <summary>SOCK_NONBLOCK.</summary>
    public const int NonBlocking = 0x800;

    /// <summary>SOCK_CLOEXEC.</summary>
    public const int CloseOnExec = 0x80000;
}
