using System;
using System.Collections.Generic;
using System.Globalization;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Devices;

namespace CosmosKernel.Processes.SysFs;

/// <summary>
/// The PCI devices in /sys/devices, /sys/bus/pci and /proc/bus/pci, in Linux's formats (Documentation/ABI/testing/sysfs-bus-pci, Documentation/filesystems/sysfs-pci.rst of Linux), as lspci(8) reads them.
/// Nothing there can be written.
/// </summary>
internal static class PciFiles
{
    private const int RegistersOfDevice = 7;
    private const int BridgeWindows = 3;
    private const ulong IsPorts = 0x100;
    private const ulong IsMemory = 0x200;
    private const ulong IsPrefetchable = 0x2000;
    private const ulong IsReadOnly = 0x4000;
    private const ulong IsAligned = 0x4_0000;
    private const ulong Is64Bits = 0x10_0000;
    private const ulong BitPrefetchable = 8;
    private const ulong Bit64 = 4;
    private const ulong BitPorts = 1;

    /// <summary>Adds the files of all devices. Once, at boot.</summary>
    [MightSleep]
    public static void Start()
    {
        foreach (PciDeviceInfo device in PciBus.Devices)
        {
            AddDevice(device);
        }

        SystemTree.Proc.Add("bus/pci/devices", WriteTable);
        PciBus.Watch(new Links());
    }

    private static string FolderOf(PciDeviceInfo device)
    {
        string above = PciBus.ParentOf(device) is { } parent
            ? FolderOf(parent)
            : string.Create(CultureInfo.InvariantCulture, $"devices/pci{device.Address.Segment:x4}:{device.Address.Bus:x2}");
        return $"{above}/{device.Name}";
    }

    [MightSleep]
    private static void AddDevice(PciDeviceInfo device)
    {
        string folder = FolderOf(device);
        SystemTree tree = SystemTree.Sys;
        AddNumber(folder, "vendor", device.Vendor, 4);
        AddNumber(folder, "device", device.DeviceId, 4);
        AddNumber(folder, "subsystem_vendor", device.SubsystemVendor, 4);
        AddNumber(folder, "subsystem_device", device.SubsystemId, 4);
        AddNumber(folder, "class", (ulong)device.Class, 6);
        AddNumber(folder, "revision", device.Revision, 2);
        tree.Add($"{folder}/irq", to => to.Add((long)InterruptOf(device)).Line());
        tree.Add($"{folder}/modalias", to => to.Add(device.ModuleAlias).Line());
        tree.Add($"{folder}/enable", to => to.Add(device.Driver is null ? "0\n"u8 : "1\n"u8));
        tree.Add($"{folder}/numa_node", to => to.Add("-1\n"u8));
        tree.Add($"{folder}/resource", to => WriteResources(to, device));
        tree.Add($"{folder}/config", to => WriteConfig(to, device));
        tree.Add($"{folder}/uevent", to => WriteEvent(to, device));
        tree.AddLink($"{folder}/subsystem", Up(folder) + "bus/pci");
        tree.AddLink($"bus/pci/devices/{device.Name}", "../../../" + folder);
    }

    // From a link in a folder to the top of the tree.
    private static string Up(string folder) => string.Concat(System.Linq.Enumerable.Repeat("../", folder.Split('/').Length));

    [MightSleep]
    private static void AddNumber(string folder, string name, ulong value, int digits) =>
        SystemTree.Sys.Add($"{folder}/{name}", to => to.Add("0x"u8).AddHex(value, digits).Line());

    private static int InterruptOf(PciDeviceInfo device) => device.InterruptPin == 0 || device.InterruptLine == byte.MaxValue ? 0 : device.InterruptLine;

    private static void WriteEvent(TextBuilder to, PciDeviceInfo device)
    {
        if (device.Driver is { } driver)
        {
            to.Add("DRIVER="u8).Add(driver).Line();
        }

        to.Add(string.Create(CultureInfo.InvariantCulture, $"PCI_CLASS={device.Class:X}\nPCI_ID={device.Vendor:X4}:{device.DeviceId:X4}\n"));
        to.Add(string.Create(CultureInfo.InvariantCulture, $"PCI_SUBSYS_ID={device.SubsystemVendor:X4}:{device.SubsystemId:X4}\nPCI_SLOT_NAME={device.Name}\nMODALIAS={device.ModuleAlias}\n"));
    }

    private static void WriteConfig(TextBuilder to, PciDeviceInfo device)
    {
        for (int i = 0; i < device.ConfigLength; i++)
        {
            to.Add(device.ReadConfig(i));
        }
    }

    private static void WriteResources(TextBuilder to, PciDeviceInfo device)
    {
        for (int i = 0; i < RegistersOfDevice; i++)
        {
            PciBar bar = device.Bar(i);
            WriteResource(to, bar.Exists && bar.Address != 0 ? new PciWindow(bar.Address, bar.Address + bar.Length - 1) : new PciWindow(1, 0), FlagsOf(bar));
        }

        if (device.Bridge is { } bridge)
        {
            WriteResource(to, bridge.Ports, IsPorts | BitPorts);
            WriteResource(to, bridge.Memory, IsMemory);
            WriteResource(to, bridge.Prefetchable, IsMemory | IsPrefetchable | BitPrefetchable | (bridge.IsPrefetchableWide ? Is64Bits | Bit64 : 0));
        }

        for (int i = device.Bridge is null ? BridgeWindows : 0; i < BridgeWindows; i++)
        {
            WriteResource(to, new PciWindow(1, 0), 0);
        }
    }

    private static void WriteResource(TextBuilder to, PciWindow range, ulong flags)
    {
        bool isEmpty = range.IsEmpty;
        to.Add("0x"u8).AddHex(isEmpty ? 0 : range.Start, 16).Add(" 0x"u8).AddHex(isEmpty ? 0 : range.Last, 16).Add(" 0x"u8).AddHex(isEmpty ? 0 : flags, 16).Line();
    }

    // The kinds of Linux's resources, and below them the register's own low bits.
    private static ulong FlagsOf(PciBar bar) => bar.Kind switch
    {
        PciBarKind.None => 0,
        PciBarKind.Ports => IsPorts | IsAligned | BitPorts,
        PciBarKind.Rom => IsMemory | IsPrefetchable | IsReadOnly | IsAligned,
        _ => IsMemory | IsAligned | (bar.IsPrefetchable ? IsPrefetchable | BitPrefetchable : 0) | (bar.Kind == PciBarKind.Memory64 ? Is64Bits | Bit64 : 0),
    };

    private static void WriteTable(TextBuilder to)
    {
        foreach (PciDeviceInfo device in PciBus.Devices)
        {
            to.AddHex(device.Address.Bus, 2).AddHex((ulong)((device.Address.Device << 3) | device.Address.Function), 2).Add('\t');
            to.AddHex(device.Vendor, 4).AddHex(device.DeviceId, 4).Add('\t').AddHex((ulong)InterruptOf(device));
            for (int i = 0; i < RegistersOfDevice; i++)
            {
                PciBar bar = device.Bar(i);
                string text = (bar.Address | (FlagsOf(bar) & 0xF)).ToString("x", CultureInfo.InvariantCulture);
                to.Add('\t').Fill(16 - text.Length, ' ').Add(text);
            }

            for (int i = 0; i < RegistersOfDevice; i++)
            {
                string text = device.Bar(i).Length.ToString("x", CultureInfo.InvariantCulture);
                to.Add('\t').Fill(16 - text.Length, ' ').Add(text);
            }

            to.Add('\t').Add(device.Driver ?? "").Line();
        }
    }

    // Called by the PCI bus under its own lock.
    private sealed class Links : PciBindingWatcher
    {
        [Protocol("Used by the PCI bus, one call after the other.")]
        private readonly Dictionary<string, IDisposable[]> _links = [];

        /// <inheritdoc/>
        [MightSleep]
        public override void Claimed(PciDeviceInfo device, string owner)
        {
            string folder = FolderOf(device);
            _links[device.Name] =
            [
                SystemTree.Sys.AddLink($"{folder}/driver", $"{Up(folder)}bus/pci/drivers/{owner}"),
                SystemTree.Sys.AddLink($"bus/pci/drivers/{owner}/{device.Name}", "../../../../" + folder),
            ];
        }

        /// <inheritdoc/>
        [MightSleep]
        public override void Released(PciDeviceInfo device, string owner)
        {
            if (_links.Remove(device.Name, out IDisposable[]? links))
            {
                foreach (IDisposable link in links)
                {
                    link.Dispose();
                }
            }
        }
    }
}
