using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Sockets;

// Its places in the lists of those who were polled for room.
internal sealed partial class UnixDatagram
{
    /// <summary>The first that waits for this one to have room.</summary>
    [GuardedBy(typeof(PolledSenders), "s_lock", LockFreeReads = true)]
    public UnixDatagram? FirstPolled { get; set; }

    /// <summary>The next that waits for the same one.</summary>
    [GuardedBy(typeof(PolledSenders), "s_lock")]
    public UnixDatagram? NextPolled { get; set; }

    /// <summary>For whom it waits.</summary>
    [GuardedBy(typeof(PolledSenders), "s_lock")]
    public UnixDatagram? PolledPartner { get; set; }

    /// <inheritdoc/>
    private protected override void TellSendersThatPoll()
    {
        // A fence is between the change of the queue and this look: the release of its lock.
        if (FirstPolled is not null)
        {
            PolledSenders.Tell(this);
        }
    }
}
