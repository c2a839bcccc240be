using System.Collections.Generic;
using System.Threading;
using CosmosKernel.Drivers.Virtio;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Devices;

namespace CosmosKernel.Drivers.VirtioNet;

/// <summary>Virtio network cards: <c>eth0</c> and up.</summary>
[Module("virtio_net", Description = "virtio network devices", License = "MIT", Author = "CosmosKernel", DependsOn = ["virtio"])]
[MatchesPci(VirtioIds.Vendor, 0x1000)]
[MatchesPci(VirtioIds.Vendor, 0x1041)]
public sealed class VirtioNetModule : KernelModule
{
    /// <summary>Frames of one direction that the device has at once.</summary>
    [ModuleParameter("frames of one direction that a device has at once at most, a power of two", Minimum = 4, Maximum = 1024)]
    [Immutable]
    public int Depth { get; set; } = 256;

    /// <summary>The driver, for tests.</summary>
    [Immutable]
    internal Driver? Cards { get; private set; }

    /// <inheritdoc/>
    [MightSleep]
    [BeforePublication]
    public override void Start(ModuleContext context)
    {
        Cards = new Driver(context, Depth);
        context.AddPciDriver(Cards);
    }

    /// <summary>The driver of all cards.</summary>
    internal sealed class Driver(ModuleContext context, int depth) : PciDriver("virtio_net", VirtioIds.Match(VirtioType.Network))
    {
        [Atomic]
        private VirtioNetDevice? _latest;

        [Protocol("Touched by Probe and Remove only, of which one runs at a time for all drivers.")]
        private readonly Dictionary<PciDevice, VirtioNetDevice> _devices = [];

        /// <summary>The card that was found last, for tests.</summary>
        internal VirtioNetDevice? Latest => Volatile.Read(ref _latest);

        [MightSleep]
        public override bool Probe(PciDevice device)
        {
            var card = new VirtioNetDevice(context, VirtioDevice.Open(device, VirtioType.Network), depth);
            Volatile.Write(ref _latest, card);
            card.Start();
            _devices.Add(device, card);
            return true;
        }

        [MightSleep]
        public override void Remove(PciDevice device)
        {
            if (_devices.Remove(device, out VirtioNetDevice? card))
            {
                Interlocked.CompareExchange(ref _latest, null, card);
                card.Remove();
            }
        }
    }
}
