using System;
using CosmosKernel.Abi.Sockets;
using CosmosKernel.Files.Naming;

namespace CosmosKernel.Files.Sockets;

/// <summary>What goes with the bytes of a message (sendmsg(2)). The default value is nothing, as for write(2).</summary>
public ref struct OutgoingMessage
{
    /// <summary>Where it goes; empty: to the peer.</summary>
    public ReadOnlySpan<byte> Address { get; init; }

    /// <summary>From where a path in the address is looked up, and by whom. Set when there is an address.</summary>
    public PathWalk Walk { get; init; }

    /// <summary>Descriptors that are passed, or null. Given to the socket: whoever sends gives them up whatever becomes of the message.</summary>
    public PassedFiles? Files { get; set; }

    /// <summary>Who sends says so himself (SCM_CREDENTIALS), and has been checked; null: what is known of the task.</summary>
    public UserIdentity? Identity { get; set; }
}
