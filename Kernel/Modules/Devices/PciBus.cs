using System;
using System.Collections.Generic;
using System.Threading;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Log;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Modules.Devices;

/// <summary>
/// The PCI devices of the machine, and who drives them. Devices are found once, at boot, before any module starts: sizes are found by turning a device off for a moment. Task context.
/// </summary>
public static class PciBus
{
    // One probe or removal at a time. Drivers' Probe and Remove run under it, so they must not add drivers themselves.
    private static readonly Mutex s_binding = new("pci drivers");

    [GuardedBy(nameof(s_binding))]
    private static readonly List<PciDriverBinding> s_bindings = [];

    [Atomic]
    private static PciDeviceInfo[]? s_devices;

    // Orders what the watcher hears. Taken with the lock of the bindings held, or without.
    private static readonly Mutex s_watching = new("pci watcher");

    [GuardedBy(nameof(s_watching))]
    private static PciBindingWatcher? s_watcher;

    /// <summary>All devices, by segment, bus, device and function; none before <see cref="Scan"/>.</summary>
    public static IReadOnlyList<PciDeviceInfo> Devices => Volatile.Read(ref s_devices) ?? [];

    /// <summary>Finds the devices and logs those that cannot be used. Once, at boot.</summary>
    [MightSleep]
    public static void Scan()
    {
        var found = new List<PciDeviceInfo>();
        for (int segment = 0; segment <= ushort.MaxValue; segment++)
        {
            if (PciConfiguration.LastBus((ushort)segment) < 0)
            {
                continue;
            }

            var walk = new PciEnumerator((ushort)segment);
            while (walk.MoveNext())
            {
                var device = new PciDeviceInfo(walk.Current.Address, new HardwareConfiguration(walk.Current.Address));
                found.Add(device);
                if (device.Problem is { } problem)
                {
                    KernelLog.Error($"{device} cannot be used: {problem}");
                }
            }
        }

        Volatile.Write(ref s_devices, [.. found]);
        if (found.Count > 0)
        {
            KernelLog.Info($"pci: {found.Count} devices");
        }
    }

    /// <summary>Lets a watcher hear who claims and leaves devices, and first who has them now. Once, at boot.</summary>
    [MightSleep]
    public static void Watch(PciBindingWatcher watcher)
    {
        ArgumentNullException.ThrowIfNull(watcher);
        using (s_watching.Enter())
        {
            s_watcher = watcher;
            foreach (PciDeviceInfo device in Devices)
            {
                if (device.Driver is { } owner)
                {
                    watcher.Claimed(device, owner);
                }
            }
        }
    }

    /// <summary>Gives a device to a claim, and says so.</summary>
    [MightSleep]
    internal static bool TryTake(PciDeviceInfo device, PciDevice claim)
    {
        using (s_watching.Enter())
        {
            bool isTaken = device.TryTake(claim);
            if (isTaken)
            {
                s_watcher?.Claimed(device, claim.Owner);
            }

            return isTaken;
        }
    }

    /// <summary>Ends a claim, and says so.</summary>
    [MightSleep]
    internal static void Leave(PciDeviceInfo device, PciDevice claim)
    {
        using (s_watching.Enter())
        {
            device.Leave(claim);
            s_watcher?.Released(device, claim.Owner);
        }
    }

    /// <summary>The bridge that a device is behind; null on a root bus.</summary>
    public static PciDeviceInfo? ParentOf(PciDeviceInfo device)
    {
        ArgumentNullException.ThrowIfNull(device);
        PciDeviceInfo? nearest = null;
        foreach (PciDeviceInfo candidate in Devices)
        {
            bool isAbove = candidate.Address.Segment == device.Address.Segment && candidate != device && candidate.Bridge is { } bridge && bridge.Reaches(device.Address.Bus);
            if (isAbove && (nearest is null || candidate.Bridge!.SecondaryBus > nearest.Bridge!.SecondaryBus))
            {
                nearest = candidate;
            }
        }

        return nearest;
    }

    /// <summary>The names of all drivers that are there, in the order in which they came.</summary>
    [MightSleep]
    public static IReadOnlyList<string> DriverNames()
    {
        using (s_binding.Enter())
        {
            string[] names = new string[s_bindings.Count];
            for (int i = 0; i < names.Length; i++)
            {
                names[i] = s_bindings[i].Driver.Name;
            }

            return names;
        }
    }

    /// <summary>Adds a driver and lets it probe what it matches. Disposing the result takes its devices away again.</summary>
    [MightSleep]
    internal static IDisposable AddDriver(PciDriver driver)
    {
        var binding = new PciDriverBinding(driver);
        using (s_binding.Enter())
        {
            foreach (PciDriverBinding other in s_bindings)
            {
                if (other.Driver.Name == driver.Name)
                {
                    throw new InvalidOperationException($"there is a PCI driver '{driver.Name}' already");
                }
            }

            s_bindings.Add(binding);
            binding.ProbeAll(Devices);
        }

        return new Registration(binding);
    }

    [MightSleep]
    private static void RemoveDriver(PciDriverBinding binding)
    {
        using (s_binding.Enter())
        {
            if (!s_bindings.Remove(binding))
            {
                return;
            }

            binding.RemoveAll();

            // What it leaves, another one may have.
            foreach (PciDriverBinding other in s_bindings)
            {
                other.ProbeAll(Devices);
            }
        }
    }

    private sealed class Registration(PciDriverBinding binding) : IDisposable
    {
        /// <inheritdoc/>
        [MightSleep]
        public void Dispose() => RemoveDriver(binding);
    }
}
