using CosmosKernel.Abi.Sockets;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Sockets;

/// <summary>Who stood at an end of a connection when it was made: SO_PEERCRED, SO_PEERGROUPS (unix(7)).</summary>
/// <param name="process">The process.</param>
/// <param name="credentials">Its rights then.</param>
[Immutable]
internal sealed class PeerIdentity(int process, Credentials credentials)
{
    /// <summary>The running task. Task context.</summary>
    public static PeerIdentity Current => new(FileServices.Instance?.CurrentProcess ?? 0, Credentials.Current);

    /// <summary>Its rights then.</summary>
    public Credentials Credentials { get; } = credentials;

    /// <summary>Process and effective ids.</summary>
    public UserIdentity Identity => new(process, Credentials.EffectiveUserId, Credentials.EffectiveGroupId);
}
