using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using SpinLock = CosmosKernel.Machine.Locking.SpinLock;

namespace CosmosKernel.Files.Sockets;

/// <summary>
/// Datagram sockets that were polled for room to send while their partner had too many messages, and are to be told when it has fewer. Each is in the list of one partner at most. One lock for all: the lists are used
/// only when a queue was full.
/// </summary>
internal static class PolledSenders
{
    private static SpinLock s_lock = new(LockClass.SocketPeers);

    /// <summary>Puts a sender into the list of its partner. Any context but interrupts.</summary>
    /// <returns>False: the partner has room by now.</returns>
    [NoAllocation]
    public static bool Join(UnixDatagram sender, UnixDatagram partner)
    {
        using (s_lock.Enter())
        {
            LeaveLocked(sender);
            sender.PolledPartner = partner;
            sender.NextPolled = partner.FirstPolled;
            partner.FirstPolled = sender;

            // Looked at after it is in the list; who makes room looks the other way round.
            Interlocked.MemoryBarrier();
            if (partner.IsFull)
            {
                return true;
            }

            LeaveLocked(sender);
            return false;
        }
    }

    /// <summary>A sender has another partner, or none. Task context.</summary>
    [NoAllocation]
    public static void Leave(UnixDatagram sender)
    {
        using (s_lock.Enter())
        {
            LeaveLocked(sender);
        }
    }

    /// <summary>A socket has room, or is closed: tells all who wait for that. Task context, without spin locks: who is told may get a signal.</summary>
    [NoAllocation]
    public static void Tell(UnixDatagram partner)
    {
        while (TakeFirst(partner) is { } sender)
        {
            sender.Writers.Wake(PollEvents.Writable);
        }
    }

    [NoAllocation]
    private static UnixDatagram? TakeFirst(UnixDatagram partner)
    {
        using (s_lock.Enter())
        {
            UnixDatagram? sender = partner.FirstPolled;
            if (sender is not null)
            {
                LeaveLocked(sender);
            }

            return sender;
        }
    }

    [RequiresLock(nameof(s_lock))]
    [NoAllocation]
    private static void LeaveLocked(UnixDatagram sender)
    {
        if (sender.PolledPartner is not { } partner)
        {
            return;
        }

        UnixDatagram? previous = null;
        UnixDatagram? place = partner.FirstPolled;
        while (!ReferenceEquals(place, sender))
        {
            previous = place;
            place = place!.NextPolled;
        }

        if (previous is null)
        {
            partner.FirstPolled = sender.NextPolled;
        }
        else
        {
            previous.NextPolled = sender.NextPolled;
        }

        sender.NextPolled = null;
        sender.PolledPartner = null;
    }
}
