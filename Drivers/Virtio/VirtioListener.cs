using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Drivers.Virtio;

/// <summary>Hears what a virtio device says; a driver derives from it. A class and not an interface: calls in interrupt context need no dispatch cache.</summary>
public abstract class VirtioListener
{
    /// <summary>
    /// The device may have used buffers of a queue. Hard-interrupt context; it may be called without a reason, and for different queues on several CPUs at once.
    /// </summary>
    /// <param name="queue">Number of the queue.</param>
    [InterruptContext]
    public abstract void OnQueue(int queue);

    /// <summary>The device has changed its configuration. Hard-interrupt context.</summary>
    [InterruptContext]
    public virtual void OnConfigurationChange()
    {
    }

    /// <summary>
    /// The device was stopped for what it did wrong, or because it asked for a reset: it has been reset and takes part in nothing any more. The driver ends what waits for it; <see cref="VirtQueue.TryDetach"/>
    /// gives the buffers back. Task context, once.
    /// </summary>
    /// <param name="reason">What it did.</param>
    [MightSleep]
    public abstract void OnBroken(string reason);
}
