using System;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Block;

/// <summary>What the driver of a disk does. One object for each disk; <see cref="Disk.Register"/> takes it.</summary>
public abstract class BlockDriver
{
    /// <summary>
    /// Gives a request to the device, or completes it at once. Preemption is off and the hardware queue is locked, so no two calls for one queue run at once: no sleeping, no allocation, no exception.
    /// </summary>
    /// <param name="request">The request; the driver's until it calls <see cref="BlockRequest.Complete"/>.</param>
    /// <returns>
    /// False when the device has no room now: the request stays with the queue, and comes again after the next completion on the queue or <see cref="Disk.Resume"/>. With nothing at the
    /// device false is a mistake, since nothing would ever complete.
    /// </returns>
    [NoAllocation]
    public abstract bool Submit(BlockRequest request);

    /// <summary>No more requests follow for now: the time to notify the device. As <see cref="Submit"/>.</summary>
    /// <param name="queue">The hardware queue.</param>
    [NoAllocation]
    public virtual void Commit(int queue)
    {
    }

    /// <summary>
    /// A request has been at the device for longer than <see cref="DiskOptions.TimeoutNanoseconds"/>. The driver may complete it, with ETIMEDOUT say, if it is sure that the device does not use its memory any
    /// more; else it is asked again after the same time. As <see cref="Submit"/>.
    /// </summary>
    [NoAllocation]
    public virtual void TimedOut(BlockRequest request)
    {
    }

    /// <summary>The disk goes away: no request comes any more. The driver completes all that it has, with ENODEV when the device will not. Task context, may sleep. Called once.</summary>
    [MightSleep]
    public abstract void Stop();

    /// <summary>Nobody has the disk or one of its partitions open or mapped any more, and what was dirty is written. Task context; somebody may open it at the same time.</summary>
    [MightSleep]
    public virtual void Closed()
    {
    }

    /// <summary>Control of the disk by ioctl(2) that the kernel does not know. Default: ENOTTY. Task context.</summary>
    [MightSleep]
    public virtual long Control(uint request, [UserAddress] ulong argument) => -(long)Errno.ENOTTY;
}
