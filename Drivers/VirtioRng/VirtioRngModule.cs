using System;
using System.Collections.Generic;
using System.Threading;
using CosmosKernel.Drivers.Virtio;
using CosmosKernel.Files.Modules;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Devices;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Drivers.VirtioRng;

/// <summary>Random numbers from the host (Virtual I/O Device 1.2, section 5.4): they are mixed into the kernel's generator from time to time, and /dev/hwrng gives them as they come.</summary>
[Module("virtio_rng", Description = "virtio entropy source", License = "MIT", Author = "CosmosKernel", DependsOn = ["virtio"])]
[MatchesPci(VirtioIds.Vendor, 0x1044)]
[MatchesPci(VirtioIds.Vendor, 0x1005)]
public sealed class VirtioRngModule : KernelModule
{
    private const uint MiscMajor = 10;
    private const uint Minor = 183;

    /// <summary>Seconds between two feedings of the kernel's generator.</summary>
    [ModuleParameter("seconds between two feedings of the kernel's random number generator", Minimum = 1, Maximum = 86400)]
    [Immutable]
    public int Period { get; set; } = 60;

    /// <summary>The devices, for tests.</summary>
    [Immutable]
    public EntropyDriver? Driver { get; private set; }

    /// <inheritdoc/>
    [MightSleep]
    [BeforePublication]
    public override void Start(ModuleContext context)
    {
        Driver = new EntropyDriver(context, Period);
        context.AddPciDriver(Driver);

        // As Linux: owner only, since it may be slow.
        context.AddCharacterDevice(new DeviceNodeOptions { Name = "hwrng", Mode = 0x180, Major = MiscMajor, FirstMinor = Minor }, new HardwareRandom(Driver));
    }
}

/// <summary>The driver of all entropy devices.</summary>
public sealed class EntropyDriver : PciDriver
{
    private readonly ModuleContext _context;
    private readonly int _period;
    private readonly Mutex _lock = new("entropy devices");

    [GuardedBy(nameof(_lock))]
    private readonly List<EntropyDevice> _devices = [];

    internal EntropyDriver(ModuleContext context, int period)
        : base("virtio_rng", VirtioIds.Match(VirtioType.Entropy))
    {
        _context = context;
        _period = period;
    }

    /// <summary>A device that works; null when there is none.</summary>
    public EntropyDevice? First
    {
        [MightSleep]
        get
        {
            using (_lock.Enter())
            {
                return _devices.Find(static device => device.IsUsable);
            }
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override bool Probe(PciDevice device)
    {
        var entropy = new EntropyDevice(device, _period);
        entropy.Start();
        using (_lock.Enter())
        {
            _devices.Add(entropy);
        }

        _context.Log.Info($"{device.Info.Name}: entropy from the host{(entropy.IsLegacy ? ", legacy" : "")}, interrupts by {entropy.InterruptMode}");
        return true;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void Remove(PciDevice device)
    {
        EntropyDevice? entropy;
        using (_lock.Enter())
        {
            entropy = _devices.Find(candidate => candidate.Pci == device);
            _devices.RemoveAll(candidate => candidate.Pci == device);
        }

        entropy?.Stop();
    }
}
