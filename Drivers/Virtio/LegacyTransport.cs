using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Devices;

namespace CosmosKernel.Drivers.Virtio;

/// <summary>The ports of a legacy or transitional device (Virtual I/O Device 1.2, section 4.1.4.10).</summary>
internal sealed class LegacyTransport : VirtioTransport
{
    private const int DeviceFeatureBits = 0;
    private const int DriverFeatureBits = 4;
    private const int QueuePage = 8;
    private const int QueueSize = 12;
    private const int QueueSelect = 14;
    private const int QueueNotify = 16;
    private const int DeviceStatus = 18;
    private const int InterruptStatus = 19;
    private const int ConfigVector = 20;
    private const int QueueVector = 22;
    private const int PlainConfig = 20;
    private const int ConfigWithVectors = 24;
    private const int PageShift = 12;

    private readonly PciDevice _device;
    private readonly PortRange _ports;

    [Protocol("Set once, before the driver starts, and constant while the device interrupts.")]
    private int _config = PlainConfig;

    public LegacyTransport(PciDevice device)
    {
        _device = device;
        _ports = device.ClaimBarPorts(0);
        if (_ports.Count < ConfigWithVectors)
        {
            throw new InvalidOperationException($"its {_ports.Count} ports are too few for a virtio device");
        }
    }

    /// <inheritdoc/>
    public override bool IsLegacy => true;

    /// <inheritdoc/>
    public override VirtioStatus Status
    {
        get => (VirtioStatus)_ports.Read8(DeviceStatus);
        set => _ports.Write8(DeviceStatus, (byte)value);
    }

    /// <inheritdoc/>
    public override ulong DeviceFeatures => _ports.Read32(DeviceFeatureBits);

    /// <inheritdoc/>
    public override int ConfigLength => _ports.Count - _config;

    /// <inheritdoc/>
    public override byte ConfigGeneration => 0;

    /// <inheritdoc/>
    public override bool CanShrinkQueues => false;

    /// <inheritdoc/>
    public override void AcceptFeatures(ulong features) => _ports.Write32(DriverFeatureBits, (uint)features);

    /// <inheritdoc/>
    public override int LargestQueue(int index)
    {
        _ports.Write16(QueueSelect, (ushort)index);
        return _ports.Read16(QueueSize);
    }

    /// <inheritdoc/>
    public override void EnableQueue(VirtQueue queue, int vector)
    {
        _ports.Write16(QueueSelect, (ushort)queue.Index);
        if (vector >= 0)
        {
            _ports.Write16(QueueVector, (ushort)vector);
            Require(_ports.Read16(QueueVector) == vector, $"it does not take vector {vector} for queue {queue.Index}");
        }

        _ports.Write32(QueuePage, (uint)(queue.PhysicalAddress >> PageShift));
        Require(_ports.Read32(QueuePage) == queue.PhysicalAddress >> PageShift, $"it does not take the memory of queue {queue.Index}");
    }

    /// <inheritdoc/>
    public override void DisableQueues()
    {
        for (int i = 0; i <= ushort.MaxValue && LargestQueue(i) != 0; i++)
        {
            _ports.Write32(QueuePage, 0);
        }
    }

    /// <inheritdoc/>
    public override void SetConfigVector(int vector)
    {
        // With MSI-X on, two more registers lie before the device's configuration.
        _config = vector >= 0 ? ConfigWithVectors : PlainConfig;
        if (vector >= 0)
        {
            _ports.Write16(ConfigVector, (ushort)vector);
            Require(_ports.Read16(ConfigVector) == vector, $"it does not take vector {vector} for its configuration");
        }
    }

    /// <inheritdoc/>
    [NoAllocation]
    public override void Notify(int queue) => _ports.Write16(QueueNotify, (ushort)queue);

    /// <inheritdoc/>
    [NoAllocation]
    public override byte ReadInterruptStatus() => _ports.Read8(InterruptStatus);

    /// <inheritdoc/>
    public override byte ReadConfig8(int offset) => _ports.Read8(_config + offset);

    /// <inheritdoc/>
    public override ushort ReadConfig16(int offset) => _ports.Read16(_config + offset);

    /// <inheritdoc/>
    public override uint ReadConfig32(int offset) => _ports.Read32(_config + offset);

    /// <inheritdoc/>
    public override void WriteConfig8(int offset, byte value) => _ports.Write8(_config + offset, value);

    /// <inheritdoc/>
    public override void WriteConfig16(int offset, ushort value) => _ports.Write16(_config + offset, value);

    /// <inheritdoc/>
    public override void WriteConfig32(int offset, uint value) => _ports.Write32(_config + offset, value);

    private void Require(bool holds, string problem)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"{_device.Info}: {problem}");
        }
    }
}
