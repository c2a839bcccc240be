using System;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.ReadCopyUpdate;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Modules.Network;

/// <summary>All packet handlers. They are read under RCU and replaced as a whole.</summary>
public static class PacketHandlers
{
    private static readonly Mutex s_lock = new("packet handlers");

    /// <summary>All of them now, taps and others, in the order in which they came. Any context.</summary>
    public static ReadOnlySpan<PacketHandler> All => Volatile.Read(ref Table.All);

    /// <summary>Adds one. Task context.</summary>
    /// <exception cref="InvalidOperationException">It has been added already.</exception>
    [MightSleep]
    internal static void Add(PacketHandler handler)
    {
        using (s_lock.Enter())
        {
            PacketHandler[] before = Table.All ?? [];
            if (Array.IndexOf(before, handler) >= 0)
            {
                throw new InvalidOperationException("The packet handler has been added already.");
            }

            Volatile.Write(ref Table.All, [.. before, handler]);
        }
    }

    /// <summary>Takes one away; when this returns, it runs on no CPU. Task context.</summary>
    [MightSleep]
    internal static void Remove(PacketHandler handler)
    {
        using (s_lock.Enter())
        {
            Volatile.Write(ref Table.All, Array.FindAll(Table.All ?? [], other => !ReferenceEquals(other, handler)));
        }

        Rcu.Synchronize();
    }

    /// <summary>Gives a frame that was received to all that want it.</summary>
    /// <returns>False: it was for nobody; taps do not count.</returns>
    [NoAllocation]
    internal static bool Deliver(PacketBuffer packet, NetworkDevice device)
    {
        bool isWanted = false;
        using (Rcu.Read())
        {
            foreach (PacketHandler handler in new ReadOnlySpan<PacketHandler>(Volatile.Read(ref Table.All)))
            {
                if ((handler.IsTap || handler.Protocol == packet.Protocol) && (handler.Device is null || handler.Device == device))
                {
                    isWanted |= !handler.IsTap;
                    handler.Give(packet);
                }
            }
        }

        return isWanted;
    }

    /// <summary>Shows a frame that is sent to the taps that want to see those.</summary>
    [NoAllocation]
    internal static void ShowOutgoing(PacketBuffer packet, NetworkDevice device)
    {
        using (Rcu.Read())
        {
            foreach (PacketHandler handler in new ReadOnlySpan<PacketHandler>(Volatile.Read(ref Table.All)))
            {
                if (handler.IsTap && (handler.Device is null || handler.Device == device) && handler.SeesOutgoing)
                {
                    handler.Give(packet);
                }
            }
        }
    }

    // Apart from the lock: this type has no class constructor, which deferred calls must not run.
    private static class Table
    {
        [GuardedBy(typeof(PacketHandlers), nameof(s_lock), LockFreeReads = true)]
        internal static PacketHandler[]? All;
    }
}
