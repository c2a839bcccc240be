using System.Collections.Generic;
using CosmosKernel.Drivers.Virtio;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Devices;

namespace CosmosKernel.Drivers.VirtioBlock;

/// <summary>Virtio block devices: /dev/vda and up.</summary>
[Module("virtio_blk", Description = "virtio block devices", License = "MIT", Author = "CosmosKernel", DependsOn = ["virtio"])]
[MatchesPci(VirtioIds.Vendor, 0x1001)]
[MatchesPci(VirtioIds.Vendor, 0x1042)]
public sealed class VirtioBlockModule : KernelModule
{
    /// <summary>Hardware queues at most.</summary>
    [ModuleParameter("hardware queues of a device at most, 0 for one for each CPU", Minimum = 0, Maximum = 63)]
    [Immutable]
    public int Queues { get; set; }

    /// <summary>Requests of one queue.</summary>
    [ModuleParameter("requests of one queue at once at most", Minimum = 1, Maximum = 256)]
    [Immutable]
    public int Depth { get; set; } = 128;

    /// <inheritdoc/>
    [MightSleep]
    public override void Start(ModuleContext context) => context.AddPciDriver(new Driver(context, Queues, Depth));

    private sealed class Driver(ModuleContext context, int queues, int depth) : PciDriver("virtio_blk", VirtioIds.Match(VirtioType.Block))
    {
        // Probe and Remove come one at a time.
        [Protocol("Touched by Probe and Remove only, of which one runs at a time for all drivers.")]
        private readonly Dictionary<PciDevice, VirtioBlockDevice> _devices = [];

        [MightSleep]
        public override bool Probe(PciDevice device)
        {
            var block = new VirtioBlockDevice(VirtioDevice.Open(device, VirtioType.Block), queues, depth);
            block.Start(context);
            _devices.Add(device, block);
            return true;
        }

        [MightSleep]
        public override void Remove(PciDevice device)
        {
            if (_devices.Remove(device, out VirtioBlockDevice? block))
            {
                block.Remove();
            }
        }
    }
}
