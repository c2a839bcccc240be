using System;
using System.Collections.Generic;
using CosmosKernel.Drivers.Virtio;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Devices;
using CosmosKernel.Modules.Notifications;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Drivers.VirtioBalloon;

/// <summary>The virtio memory balloon (Virtual I/O Device 1.2, section 5.5): gives memory to the host when the host asks, takes it back when there is none left, and tells the host how memory stands.</summary>
[Module("virtio_balloon", Description = "virtio memory balloon", License = "MIT", Author = "CosmosKernel", DependsOn = ["virtio"])]
[MatchesPci(VirtioIds.Vendor, 0x1045)]
[MatchesPci(VirtioIds.Vendor, 0x1002)]
public sealed class VirtioBalloonModule : KernelModule
{
    /// <summary>The driver, for tests.</summary>
    [Immutable]
    public BalloonDriver? Driver { get; private set; }

    /// <inheritdoc/>
    [MightSleep]
    [BeforePublication]
    public override void Start(ModuleContext context)
    {
        Driver = new BalloonDriver(context);
        context.AddPciDriver(Driver);
        context.AddNotifier(KernelNotifiers.MemoryShortages, Driver.OnShortage);
    }
}

/// <summary>The driver of all balloons.</summary>
public sealed class BalloonDriver : PciDriver
{
    private readonly ModuleContext _context;
    private readonly Mutex _lock = new("virtio balloons");

    [GuardedBy(nameof(_lock))]
    private readonly List<BalloonDevice> _devices = [];

    internal BalloonDriver(ModuleContext context)
        : base("virtio_balloon", VirtioIds.Match(VirtioType.Balloon))
    {
        _context = context;
    }

    /// <summary>A balloon; null when there is none.</summary>
    public BalloonDevice? First
    {
        [MightSleep]
        get
        {
            using (_lock.Enter())
            {
                return _devices.Count > 0 ? _devices[0] : null;
            }
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override bool Probe(PciDevice device)
    {
        var balloon = new BalloonDevice(device);
        balloon.Start();
        using (_lock.Enter())
        {
            _devices.Add(balloon);
        }

        _context.Log.Info($"{device.Info.Name}: balloon{(balloon.IsLegacy ? ", legacy" : "")}, interrupts by {balloon.InterruptMode}");
        return true;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void Remove(PciDevice device)
    {
        BalloonDevice? balloon;
        using (_lock.Enter())
        {
            balloon = _devices.Find(candidate => candidate.Pci == device);
            _devices.RemoveAll(candidate => candidate.Pci == device);
        }

        balloon?.Stop();
    }

    [MightSleep]
    internal void OnShortage(MemoryShortage shortage)
    {
        BalloonDevice[] devices;
        using (_lock.Enter())
        {
            devices = [.. _devices];
        }

        foreach (BalloonDevice device in devices)
        {
            shortage.AddFreed(device.GiveBackForShortage());
        }
    }
}
