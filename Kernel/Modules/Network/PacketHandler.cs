using System;
using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Network;

/// <summary>
/// Who receives frames in the kernel: those of one EtherType, or all of them (<see cref="ModuleContext.AddPacketHandler"/>). <see cref="Receive"/> is called in deferred calls and, for frames that are sent, wherever
/// they are: preemption is off or may be, so nothing there waits, allocates or throws; plain <see cref="SpinLock"/>s may be taken. What takes longer is handed to a task or a work item.
/// </summary>
public abstract class PacketHandler
{
    [Atomic]
    private long _count;

    /// <summary>Makes one.</summary>
    /// <param name="etherType">The protocol, as in <see cref="EtherType"/>; <see cref="EtherType.All"/> for every frame.</param>
    /// <param name="device">The only device whose frames it wants; null for all.</param>
    protected PacketHandler(ushort etherType, NetworkDevice? device = null)
    {
        Protocol = etherType;
        Device = device;
    }

    /// <summary>The protocol that it wants.</summary>
    public ushort Protocol { get; }

    /// <summary>The only device whose frames it wants; null for all.</summary>
    public NetworkDevice? Device { get; }

    /// <summary>It sees every frame, and does not count as somebody whom a frame was for. Constant.</summary>
    public bool IsTap => Protocol == EtherType.All;

    /// <summary>A tap also sees frames that are sent, as <see cref="PacketKind.Outgoing"/>. Default: no. Constant.</summary>
    public virtual bool SeesOutgoing => false;

    /// <summary>Frames that it was given. Any context.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>Takes a look at a frame, which begins with its header of Ethernet.</summary>
    /// <param name="packet">Borrowed: <see cref="PacketBuffer.Hold"/> keeps it. Others look at it, too, so it is not changed.</param>
    [NoAllocation]
    public abstract void Receive(PacketBuffer packet);

    [NoAllocation]
    internal void Give(PacketBuffer packet)
    {
        Interlocked.Increment(ref _count);
        Receive(packet);
    }
}
