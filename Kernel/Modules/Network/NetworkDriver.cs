using System;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Network;

/// <summary>
/// What the driver of a network device does; <see cref="ModuleContext.AddNetworkDevice"/> takes it. Members that may sleep are called in task context, one at a time, under the lock of all network devices.
/// An exception that leaves <see cref="Open"/> or another that may sleep is reported with the module's name, and the caller gets EIO.
/// </summary>
public abstract class NetworkDriver
{
    /// <summary>The device is taken into use (it goes up): prepares it to send and receive. Frames may come before this returns. Default: nothing.</summary>
    /// <returns>Why not; the device stays down then.</returns>
    [MightSleep]
    public virtual Errno Open(NetworkDevice device) => Errno.Ok;

    /// <summary>
    /// The device is taken out of use (it goes down). No frame comes to be sent any more, and none is delivered when this has returned. Frames that the driver was given it releases: here, or, those that the device
    /// does not give up, when it is stopped for good. Default: nothing.
    /// </summary>
    [MightSleep]
    public virtual void Stop(NetworkDevice device)
    {
    }

    /// <summary>
    /// Gives the device a frame, or refuses it. Preemption is off and the queue locked, so no two calls for one queue run at once; in task context or a deferred call. No waiting, no allocation, no exception; the
    /// driver does not call <see cref="NetworkDevice.Transmit"/> or <see cref="NetworkDevice.Deliver"/> in it.
    /// </summary>
    /// <param name="packet">The frame, with its header of Ethernet. With true it is the driver's, which releases it when the device has sent it.</param>
    /// <param name="queue">The queue.</param>
    /// <returns>False when there is no room now: the frame stays with the queue, and comes again after <see cref="TransmitQueue.Wake"/>.</returns>
    [NoAllocation]
    public abstract bool Transmit(PacketBuffer packet, TransmitQueue queue);

    /// <summary>No more frames follow for now: the time to notify the device. As <see cref="Transmit"/>. Default: nothing.</summary>
    [NoAllocation]
    public virtual void Commit(TransmitQueue queue)
    {
    }

    /// <summary>The MTU is about to change, within the limits that the driver gave. Default: Ok.</summary>
    [MightSleep]
    public virtual Errno ChangeMtu(NetworkDevice device, int mtu) => Errno.Ok;

    /// <summary>The hardware address is about to change. Default: EOPNOTSUPP.</summary>
    [MightSleep]
    public virtual Errno ChangeAddress(NetworkDevice device, ReadOnlySpan<byte> address) => Errno.EOPNOTSUPP;

    /// <summary>The device takes all frames from now on, all of groups, or only its own (<see cref="NetworkDevice.IsPromiscuous"/>, <see cref="NetworkDevice.TakesAllGroups"/>). Default: nothing.</summary>
    [MightSleep]
    public virtual void ReceiveModeChanged(NetworkDevice device)
    {
    }
}
