using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Drivers.Virtio;

/// <summary>The MSI-X vector of one queue, or of all of them.</summary>
/// <param name="device">The device.</param>
/// <param name="name">For reports.</param>
/// <param name="first">First queue.</param>
/// <param name="count">Number of queues.</param>
internal sealed class VirtioQueueInterrupt(VirtioDevice device, string name, int first, int count) : InterruptHandler
{
    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    [InterruptContext]
    public override bool Handle()
    {
        for (int i = first; i < first + count; i++)
        {
            device.OnQueueInterrupt(i);
        }

        return true;
    }
}

/// <summary>The MSI-X vector for changes of the configuration.</summary>
internal sealed class VirtioConfigInterrupt(VirtioDevice device, string name) : InterruptHandler
{
    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    [InterruptContext]
    public override bool Handle()
    {
        device.OnConfigInterrupt();
        return true;
    }
}

/// <summary>The device's line, for everything.</summary>
internal sealed class VirtioLineInterrupt(VirtioDevice device, string name, int queues) : InterruptHandler
{
    private const byte ForQueues = 1;
    private const byte ForConfig = 2;

    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    [InterruptContext]
    public override bool Handle()
    {
        byte status = device.ReadInterruptStatus();
        if ((status & ForConfig) != 0)
        {
            device.OnConfigInterrupt();
        }

        for (int i = 0; (status & ForQueues) != 0 && i < queues; i++)
        {
            device.OnQueueInterrupt(i);
        }

        return (status & (ForQueues | ForConfig)) != 0;
    }
}
