using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Network;

namespace CosmosKernel.Drivers.Loopback;

/// <summary>The device <c>lo</c>: what is sent through it is received by it.</summary>
[Module("loopback", Description = "network device lo", License = "MIT", Author = "CosmosKernel")]
public sealed class LoopbackModule : KernelModule
{
    /// <inheritdoc/>
    [MightSleep]
    public override void Start(ModuleContext context) => context.AddNetworkDevice(
        new NetworkDeviceOptions
        {
            Name = "lo",
            Type = HardwareType.Loopback,
            Address = new byte[EtherType.AddressBytes],
            Mtu = 65_536,
            MinimumMtu = 0,
            MaximumMtu = 65_536,
            Features = NetworkFeatures.VerifiesChecksums,
        },
        new LoopbackDriver());

    private sealed class LoopbackDriver : NetworkDriver
    {
        [Protocol("Set by Open, before the first frame; the device stays the same.")]
        private NetworkDevice? _device;

        [MightSleep]
        public override Abi.Errno Open(NetworkDevice device)
        {
            _device = device;
            return Abi.Errno.Ok;
        }

        // Not delivered here: who receives it may send an answer, and the queue is locked.
        [NoAllocation]
        public override bool Transmit(PacketBuffer packet, TransmitQueue queue)
        {
            packet.Checksum = PacketChecksum.Verified;
            _device!.QueueReceived(packet);
            return true;
        }
    }
}
