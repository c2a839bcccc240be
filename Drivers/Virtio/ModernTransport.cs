using System;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Devices;

namespace CosmosKernel.Drivers.Virtio;

/// <summary>The registers of a device from version 1.0 on, which its PCI capabilities lead to (Virtual I/O Device 1.2, sections 4.1.4.3 to 4.1.4.6).</summary>
internal sealed class ModernTransport : VirtioTransport
{
    private const int DeviceFeatureSelect = 0x00;
    private const int DeviceFeature = 0x04;
    private const int DriverFeatureSelect = 0x08;
    private const int DriverFeature = 0x0C;
    private const int ConfigVector = 0x10;
    private const int QueueCount = 0x12;
    private const int DeviceStatus = 0x14;
    private const int Generation = 0x15;
    private const int QueueSelect = 0x16;
    private const int QueueSize = 0x18;
    private const int QueueVector = 0x1A;
    private const int QueueEnable = 0x1C;
    private const int QueueNotifyOffset = 0x1E;
    private const int QueueDescriptors = 0x20;
    private const int QueueAvailable = 0x28;
    private const int QueueUsed = 0x30;
    private const int MostQueues = 64;

    private readonly PciDevice _device;
    private readonly MmioRegion _common;
    private readonly MmioRegion _notify;
    private readonly MmioRegion _interrupt;
    private readonly MmioRegion? _config;
    private readonly uint _notifyMultiplier;

    // By queue, where it is notified; set when the queue is enabled, before anybody notifies.
    [Protocol("Set when a queue is enabled, before its driver uses it.")]
    private readonly uint[] _notifyOffsets = new uint[MostQueues];

    private ModernTransport(PciDevice device, in VirtioCapabilities found)
    {
        _device = device;
        _common = Map(device, found.Common);
        _notify = Map(device, found.Notify);
        _interrupt = Map(device, found.InterruptStatus);
        _config = found.Config.Length > 0 ? Map(device, found.Config) : null;
        _notifyMultiplier = found.NotifyMultiplier;
    }

    /// <inheritdoc/>
    public override bool IsLegacy => false;

    /// <inheritdoc/>
    public override VirtioStatus Status
    {
        get => (VirtioStatus)_common.Read8(DeviceStatus);
        set => _common.Write8(DeviceStatus, (byte)value);
    }

    /// <inheritdoc/>
    public override ulong DeviceFeatures
    {
        get
        {
            _common.Write32(DeviceFeatureSelect, 0);
            ulong low = _common.Read32(DeviceFeature);
            _common.Write32(DeviceFeatureSelect, 1);
            return low | ((ulong)_common.Read32(DeviceFeature) << 32);
        }
    }

    /// <inheritdoc/>
    public override int ConfigLength => (int)Math.Min(_config?.Length ?? 0, int.MaxValue);

    /// <inheritdoc/>
    public override byte ConfigGeneration => _common.Read8(Generation);

    /// <inheritdoc/>
    public override bool CanShrinkQueues => true;

    /// <summary>Maps the registers of a device.</summary>
    /// <returns>Null when it has none that can be used; <paramref name="problem"/> says why.</returns>
    [MightSleep]
    public static ModernTransport? TryOpen(PciDevice device, out string problem)
    {
        problem = VirtioCapabilities.Read(device.Info, device.Config, out VirtioCapabilities found) ?? "";
        return problem.Length == 0 ? new ModernTransport(device, found) : null;
    }

    /// <inheritdoc/>
    public override void AcceptFeatures(ulong features)
    {
        _common.Write32(DriverFeatureSelect, 0);
        _common.Write32(DriverFeature, (uint)features);
        _common.Write32(DriverFeatureSelect, 1);
        _common.Write32(DriverFeature, (uint)(features >> 32));
    }

    /// <inheritdoc/>
    public override int LargestQueue(int index)
    {
        if (index >= _common.Read16(QueueCount) || index >= MostQueues)
        {
            return 0;
        }

        _common.Write16(QueueSelect, (ushort)index);
        return _common.Read16(QueueSize);
    }

    /// <inheritdoc/>
    public override void EnableQueue(VirtQueue queue, int vector)
    {
        _common.Write16(QueueSelect, (ushort)queue.Index);
        uint offset = _common.Read16(QueueNotifyOffset) * _notifyMultiplier;
        Require(offset <= _notify.Length - sizeof(ushort), $"queue {queue.Index} is notified at 0x{offset:x}, outside of 0x{_notify.Length:x} bytes");
        _notifyOffsets[queue.Index] = offset;

        _common.Write16(QueueVector, vector >= 0 ? (ushort)vector : NoVector);
        Require(vector < 0 || _common.Read16(QueueVector) == vector, $"it does not take vector {vector} for queue {queue.Index}");
        _common.Write16(QueueSize, (ushort)queue.Size);
        WriteAddress(QueueDescriptors, queue.PhysicalAddress);
        WriteAddress(QueueAvailable, queue.PhysicalAddress + (ulong)queue.Layout.Available);
        WriteAddress(QueueUsed, queue.PhysicalAddress + (ulong)queue.Layout.Used);
        _common.Write16(QueueEnable, 1);
    }

    /// <inheritdoc/>
    public override void DisableQueues()
    {
        // A reset does.
    }

    /// <inheritdoc/>
    public override void SetConfigVector(int vector)
    {
        _common.Write16(ConfigVector, vector >= 0 ? (ushort)vector : NoVector);
        Require(vector < 0 || _common.Read16(ConfigVector) == vector, $"it does not take vector {vector} for its configuration");
    }

    /// <inheritdoc/>
    [NoAllocation]
    public override void Notify(int queue) => _notify.Write16(_notifyOffsets[queue], (ushort)queue);

    /// <inheritdoc/>
    [NoAllocation]
    public override byte ReadInterruptStatus() => _interrupt.Read8(0);

    /// <inheritdoc/>
    public override byte ReadConfig8(int offset) => Config().Read8(offset);

    /// <inheritdoc/>
    public override ushort ReadConfig16(int offset) => Config().Read16(offset);

    /// <inheritdoc/>
    public override uint ReadConfig32(int offset) => Config().Read32(offset);

    /// <inheritdoc/>
    public override void WriteConfig8(int offset, byte value) => Config().Write8(offset, value);

    /// <inheritdoc/>
    public override void WriteConfig16(int offset, ushort value) => Config().Write16(offset, value);

    /// <inheritdoc/>
    public override void WriteConfig32(int offset, uint value) => Config().Write32(offset, value);

    private static MmioRegion Map(PciDevice device, VirtioPlace place) => device.MapBar(place.Bar, place.Offset, place.Length);

    // 64 bits are written as two halves (Virtual I/O Device 1.2, section 4.1.3.1).
    private void WriteAddress(int offset, ulong address)
    {
        _common.Write32(offset, (uint)address);
        _common.Write32(offset + 4, (uint)(address >> 32));
    }

    private MmioRegion Config() => _config ?? throw new InvalidOperationException($"{_device.Info}: it has no configuration of its own");

    private void Require(bool holds, string problem)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"{_device.Info}: {problem}");
        }
    }
}
