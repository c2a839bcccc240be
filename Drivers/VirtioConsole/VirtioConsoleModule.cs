using System;
using System.Collections.Generic;
using CosmosKernel.Drivers.Virtio;
using CosmosKernel.Files.Modules;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Devices;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Drivers.VirtioConsole;

/// <summary>
/// The virtio console (Virtual I/O Device 1.2, section 5.3): /dev/hvc0, /dev/hvc1, ... are terminals; with <c>console=hvc0</c> the first one is a console of the kernel too, and /dev/hvc0 is /dev/console.
/// </summary>
[Module("virtio_console", Description = "virtio console", License = "MIT", Author = "CosmosKernel", DependsOn = ["virtio"])]
[MatchesPci(VirtioIds.Vendor, 0x1043)]
[MatchesPci(VirtioIds.Vendor, 0x1003)]
public sealed class VirtioConsoleModule : KernelModule
{
    /// <summary>The devices, for tests.</summary>
    [Immutable]
    internal ConsoleDriver? Driver { get; private set; }

    /// <inheritdoc/>
    [MightSleep]
    [BeforePublication]
    public override void Start(ModuleContext context)
    {
        Driver = new ConsoleDriver(context);
        context.AddPciDriver(Driver);
    }
}

/// <summary>The driver of all virtio consoles.</summary>
internal sealed class ConsoleDriver : PciDriver
{
    // As Linux numbers them.
    private const uint Major = 229;
    private const int MostConsoles = 16;

    private readonly ModuleContext _context;
    private readonly Mutex _lock = new("virtio consoles");

    [GuardedBy(nameof(_lock))]
    private readonly Dictionary<PciDevice, ConsoleDevice> _devices = [];

    internal ConsoleDriver(ModuleContext context)
        : base("virtio_console", VirtioIds.Match(VirtioType.Console))
    {
        _context = context;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override bool Probe(PciDevice device)
    {
        int number = FreeNumber();
        string name = $"hvc{number}";
        var console = new ConsoleDevice(device, name, number);
        console.Start();
        try
        {
            bool isKernels = IsKernelConsole(name);
            HvcTerminal? terminal = isKernels ? null : new HvcTerminal(_context, new DeviceNumber(Major, (uint)number), name, console);
            if (isKernels)
            {
                console.Attach(new KernelConsoleReceiver(console));
                device.Own(Modules.Consoles.KernelConsole.AddOutput(new HvcOutput(name, console)));
            }
            else
            {
                console.Attach(terminal!);
            }

            device.Own(_context.AddTerminal(new DeviceNodeOptions { Name = name, Mode = 0x190, Major = Major, FirstMinor = (uint)number, Class = "tty" }, terminal));
        }
        catch
        {
            console.Stop();
            throw;
        }

        using (_lock.Enter())
        {
            _devices.Add(device, console);
        }

        _context.Log.Info($"{device.Info.Name}: {name}{(console.IsLegacy ? ", legacy" : "")}, interrupts by {console.InterruptMode}");
        return true;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void Remove(PciDevice device)
    {
        ConsoleDevice? console;
        using (_lock.Enter())
        {
            _devices.Remove(device, out console);
        }

        console?.Stop();
    }

    /// <summary>The console of a number; null when there is none.</summary>
    [MightSleep]
    internal ConsoleDevice? Find(int number)
    {
        using (_lock.Enter())
        {
            foreach (ConsoleDevice console in _devices.Values)
            {
                if (console.Number == number)
                {
                    return console;
                }
            }
        }

        return null;
    }

    private static bool IsKernelConsole(string name)
    {
        foreach (KeyValuePair<string, string> option in KernelOptions.All)
        {
            if (option.Key == "console" && (option.Value == name || option.Value.StartsWith(name + ",", StringComparison.Ordinal)))
            {
                return true;
            }
        }

        return false;
    }

    [MightSleep]
    private int FreeNumber()
    {
        using (_lock.Enter())
        {
            for (int number = 0; number < MostConsoles; number++)
            {
                bool isTaken = false;
                foreach (ConsoleDevice console in _devices.Values)
                {
                    isTaken |= console.Number == number;
                }

                if (!isTaken)
                {
                    return number;
                }
            }
        }

        throw new NotSupportedException($"there are {MostConsoles} consoles already");
    }
}
