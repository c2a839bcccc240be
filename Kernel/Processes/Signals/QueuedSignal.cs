using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

/// <summary>
/// A signal that waits in a queue. Each process keeps a few, so that sending allocates nothing as a rule; a timer has its own, which is in a queue once at most.
/// </summary>
[Owned]
public class QueuedSignal
{
    /// <summary>What is known of the signal.</summary>
    public SignalInfo Info;

    internal QueuedSignal? Next;

    /// <summary>Whose limit of queued signals it counts for; null for none.</summary>
    internal UserAccount? Account;

    /// <summary>It belongs to a timer, and goes back to it instead of into the process's stock.</summary>
    internal virtual bool IsTimer => false;
}
