using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Devices;

namespace CosmosKernel.Drivers.Virtio;

/// <summary>
/// How a virtio device is reached: its status, features, queues and configuration. One task at a time, except where a member says otherwise.
/// </summary>
internal abstract class VirtioTransport
{
    /// <summary>In place of a vector: no interrupt.</summary>
    protected const ushort NoVector = 0xFFFF;

    /// <summary>Whether it is a device from before version 1.0 of the specification, or is used as one.</summary>
    public abstract bool IsLegacy { get; }

    /// <summary>The device's status.</summary>
    public abstract VirtioStatus Status { get; set; }

    /// <summary>What the device offers.</summary>
    public abstract ulong DeviceFeatures { get; }

    /// <summary>Bytes of the device's configuration.</summary>
    public abstract int ConfigLength { get; }

    /// <summary>Changes whenever the device changes its configuration; always 0 where it cannot tell. Any context but NMI.</summary>
    public abstract byte ConfigGeneration { get; }

    /// <summary>Takes what the driver uses of the features.</summary>
    public abstract void AcceptFeatures(ulong features);

    /// <summary>The most descriptors of a queue; 0 when there is no such queue.</summary>
    public abstract int LargestQueue(int index);

    /// <summary>Whether the size of a queue may be smaller than the largest.</summary>
    public abstract bool CanShrinkQueues { get; }

    /// <summary>Puts a queue into operation.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="vector">The MSI-X vector of the queue; negative for none.</param>
    /// <exception cref="InvalidOperationException">The device does not take it.</exception>
    public abstract void EnableQueue(VirtQueue queue, int vector);

    /// <summary>Takes all queues out of operation that legacy devices keep over a reset.</summary>
    public abstract void DisableQueues();

    /// <summary>Chooses the MSI-X vector for changes of the configuration; negative for none.</summary>
    /// <exception cref="InvalidOperationException">The device does not take it.</exception>
    public abstract void SetConfigVector(int vector);

    /// <summary>Tells the device that there are buffers in a queue. Any context but NMI.</summary>
    [NoAllocation]
    public abstract void Notify(int queue);

    /// <summary>Reads and clears why the device interrupts: bit 0 for queues, bit 1 for a change of the configuration. Any context but NMI.</summary>
    [NoAllocation]
    public abstract byte ReadInterruptStatus();

    /// <summary>Reads a byte of the device's configuration. Any context but NMI.</summary>
    public abstract byte ReadConfig8(int offset);

    /// <summary>Reads 16 bits.</summary>
    public abstract ushort ReadConfig16(int offset);

    /// <summary>Reads 32 bits.</summary>
    public abstract uint ReadConfig32(int offset);

    /// <summary>Writes a byte of the device's configuration. Any context but NMI.</summary>
    public abstract void WriteConfig8(int offset, byte value);

    /// <summary>Writes 16 bits.</summary>
    public abstract void WriteConfig16(int offset, ushort value);

    /// <summary>Writes 32 bits.</summary>
    public abstract void WriteConfig32(int offset, uint value);

    /// <summary>Chooses the transport of a device: the modern one if it has it and nothing speaks against it.</summary>
    /// <param name="device">The claimed device.</param>
    /// <param name="preferLegacy">Takes the legacy one of a device that has both.</param>
    /// <exception cref="InvalidOperationException">It has neither, or its capabilities make no sense.</exception>
    [MightSleep]
    public static VirtioTransport Open(PciDevice device, bool preferLegacy)
    {
        bool mayBeLegacy = VirtioIds.IsTransitional(device.Info) && device.Info.Bar(0).Kind == PciBarKind.Ports;
        if (preferLegacy && mayBeLegacy)
        {
            return new LegacyTransport(device);
        }

        if (ModernTransport.TryOpen(device, out string problem) is { } modern)
        {
            return modern;
        }

        return mayBeLegacy ? new LegacyTransport(device) : throw new InvalidOperationException(problem);
    }
}
