using CosmosKernel.Abi.Sockets;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Sockets;

/// <summary>What goes with a message beside its bytes, where there is anything.</summary>
internal sealed class MessageExtra
{
    /// <summary>Who sent it; null when nobody wanted to know.</summary>
    [Immutable]
    public UserIdentity? Identity { get; init; }

    /// <summary>When it was sent, in nanoseconds since 1970; 0 when nobody wanted to know.</summary>
    [Immutable]
    public long Timestamp { get; init; }

    /// <summary>Descriptors that it passes and nobody has received; null for none.</summary>
    [GuardedBy(typeof(UnixSocket), "_queueLock")]
    public PassedFiles? Files { get; set; }
}
