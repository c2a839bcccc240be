using System.Collections.Generic;
using System.Threading;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Machine.Locking;

namespace Cosmos.HAL;

/// <summary>The PCI bus as it was found when somebody first looked, or called <see cref="Setup"/>. Task context.</summary>
public class PCI
{
    [Atomic]
    private static List<PCIDevice>? s_devices;

    /// <summary>All functions, by bus, device and function.</summary>
    public static List<PCIDevice> Devices
    {
        get => Volatile.Read(ref s_devices) ?? Find();
        set => Volatile.Write(ref s_devices, value);
    }

    /// <summary>Number of functions.</summary>
    public static uint Count => (uint)Devices.Count;

    /// <summary>Looks again.</summary>
    public static void Setup() => Find();

    /// <summary>Whether there is one of a vendor and device.</summary>
    public static bool Exists(PCIDevice pciDevice) => pciDevice is not null && Exists((VendorID)pciDevice.VendorID, (DeviceID)pciDevice.DeviceID);

    /// <summary>Whether there is one of a vendor and device.</summary>
    public static bool Exists(VendorID aVendorID, DeviceID aDeviceID) => GetDevice(aVendorID, aDeviceID) is not null;

    /// <summary>The first of a vendor and device; null when there is none.</summary>
    public static PCIDevice? GetDevice(VendorID aVendorID, DeviceID aDeviceID) =>
        Devices.Find(device => device.VendorID == (ushort)aVendorID && device.DeviceID == (ushort)aDeviceID);

    /// <summary>The one at a place; null when there is none.</summary>
    public static PCIDevice? GetDevice(uint bus, uint slot, uint function) => Devices.Find(device => device.bus == bus && device.slot == slot && device.function == function);

    /// <summary>The first of a class and subclass; null when there is none.</summary>
    public static PCIDevice? GetDeviceClass(ClassID Class, SubclassID SubClass) => Devices.Find(device => device.ClassCode == (byte)Class && device.Subclass == (byte)SubClass);

    /// <summary>The first of a class, subclass and programming interface; null when there is none.</summary>
    public static PCIDevice? GetDeviceClass(ClassID aClass, SubclassID aSubClass, ProgramIF aProgIF) =>
        Devices.Find(device => device.ClassCode == (byte)aClass && device.Subclass == (byte)aSubClass && device.ProgIF == (byte)aProgIF);

    private static List<PCIDevice> Find()
    {
        var devices = new List<PCIDevice>();
        var walk = new PciEnumerator(0);
        while (walk.MoveNext())
        {
            PciAddress address = walk.Current.Address;
            devices.Add(new PCIDevice(address.Bus, address.Device, address.Function));
        }

        Volatile.Write(ref s_devices, devices);
        return devices;
    }
}
