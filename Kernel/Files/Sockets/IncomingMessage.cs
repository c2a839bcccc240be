using CosmosKernel.Abi.Sockets;

namespace CosmosKernel.Files.Sockets;

/// <summary>What a receive gives beside bytes (recvmsg(2)).</summary>
public struct IncomingMessage
{
    /// <summary>What is to be told of the message: Truncated, OutOfBand, ...</summary>
    public MessageFlags Flags { get; internal set; }

    /// <summary>The sender's address; null when it has none. Nobody writes to the array.</summary>
    public byte[]? Address { get; internal set; }

    /// <summary>Descriptors that came with it, or null. The receiver installs them or releases them.</summary>
    public PassedFiles? Files { get; set; }

    /// <summary>Who sent it, if the socket wants to know (SO_PASSCRED).</summary>
    public UserIdentity? Identity { get; internal set; }

    /// <summary>When it was sent, in nanoseconds since 1970, if the socket wants to know (SO_TIMESTAMP); else 0.</summary>
    public long Timestamp { get; internal set; }

    /// <summary>The option by which the time is told: its number is the type of the control message; 0: not at all.</summary>
    public int TimestampOption { get; internal set; }
}
