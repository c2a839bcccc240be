using System;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Network;

namespace CosmosKernel.Drivers.Veth;

/// <summary>One end of a pair. There is a carrier at both ends while both are up.</summary>
internal sealed class VethEnd : NetworkDriver
{
    [Protocol("Set before the device can go up.")]
    private VethEnd? _peer;

    [Protocol("Set before the device can go up.")]
    private NetworkDevice? _device;

    private VethEnd()
    {
    }

    /// <summary>Makes two devices and the cable between them.</summary>
    [MightSleep]
    public static void AddPair(ModuleContext context)
    {
        var options = new NetworkDeviceOptions
        {
            Name = "veth%d",
            MaximumMtu = 65_535,
            Features = NetworkFeatures.ReportsCarrier | NetworkFeatures.VerifiesChecksums,
        };
        var first = new VethEnd();
        var second = new VethEnd { _peer = first };
        first._peer = second;
        first._device = context.AddNetworkDevice(options, first);
        second._device = context.AddNetworkDevice(options, second);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Open(NetworkDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (_peer!._device!.IsUp)
        {
            device.SetCarrier(true);
            _peer._device.SetCarrier(true);
        }

        return Errno.Ok;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void Stop(NetworkDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        device.SetCarrier(false);
        _peer!._device!.SetCarrier(false);
    }

    /// <inheritdoc/>
    [NoAllocation]
    public override bool Transmit(PacketBuffer packet, TransmitQueue queue)
    {
        // Handed over as it is: nothing is copied, also where a tap holds it.
        packet.Checksum = PacketChecksum.Verified;
        _peer!._device!.QueueReceived(packet);
        return true;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno ChangeAddress(NetworkDevice device, ReadOnlySpan<byte> address) => Errno.Ok;
}
