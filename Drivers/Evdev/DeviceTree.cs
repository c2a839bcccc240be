using System;
using System.Collections.Generic;
using System.Globalization;
using CosmosKernel.Files.Modules;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Input;

namespace CosmosKernel.Drivers.Evdev;

/// <summary>An input device in /sys: <c>/sys/class/input/inputN</c> with what it is and can (Linux, Documentation/ABI/testing/sysfs-class-input).</summary>
internal static class DeviceTree
{
    [Immutable]
    private static readonly (string Name, ushort Type)[] s_capabilities =
    [
        ("ev", 0), ("key", InputEventType.Key), ("rel", InputEventType.Relative), ("abs", InputEventType.Absolute), ("msc", InputEventType.Miscellaneous),
        ("led", InputEventType.Light), ("snd", InputEventType.Sound), ("ff", 0x15), ("sw", InputEventType.Switch),
    ];

    /// <summary>Adds a device. Task context.</summary>
    /// <returns>What has to be disposed of when it goes.</returns>
    [MightSleep]
    public static List<IDisposable> Add(ModuleContext context, InputDevice device)
    {
        string top = PathOf(device);
        var entries = new List<IDisposable>();
        void File(string name, TextGenerator generate) => entries.Add(context.AddSysFile($"{top}/{name}", generate));
        File("name", to => to.Add(device.Name).Line());
        File("phys", to => to.Add(device.PhysicalPath).Line());
        File("uniq", to => to.Add(device.UniqueName).Line());
        File("properties", to => to.Add(Hexadecimal(device.Properties)).Line());
        File("uevent", to => WriteEvent(device, to));
        File("id/bustype", to => to.Add(device.Identity.Bus.ToString("x4", CultureInfo.InvariantCulture)).Line());
        File("id/vendor", to => to.Add(device.Identity.Vendor.ToString("x4", CultureInfo.InvariantCulture)).Line());
        File("id/product", to => to.Add(device.Identity.Product.ToString("x4", CultureInfo.InvariantCulture)).Line());
        File("id/version", to => to.Add(device.Identity.Version.ToString("x4", CultureInfo.InvariantCulture)).Line());
        foreach ((string name, ushort type) in s_capabilities)
        {
            File($"capabilities/{name}", to => to.Add(Bits(device.AllowedOf(type))).Line());
        }

        entries.Add(context.AddSysLink($"class/input/{NameOf(device)}", $"../../{top}"));
        return entries;
    }

    /// <summary>Where a device is below /sys.</summary>
    public static string PathOf(InputDevice device) => $"devices/virtual/input/{NameOf(device)}";

    /// <summary>Bits as Linux prints them: words of 64 bits in hexadecimal, the highest first, without leading zero words.</summary>
    public static string Bits(InputBits? bits)
    {
        int index = ((bits?.Count ?? 0) - 1) / 64;
        while (index > 0 && bits!.Word(index) == 0)
        {
            index--;
        }

        var words = new List<string>();
        for (; index >= 0; index--)
        {
            words.Add(Hexadecimal(bits?.Word(index) ?? 0));
        }

        return string.Join(' ', words);
    }

    /// <summary>A number in hexadecimal.</summary>
    public static string Hexadecimal(ulong number) => number.ToString("x", CultureInfo.InvariantCulture);

    private static string NameOf(InputDevice device) => string.Create(CultureInfo.InvariantCulture, $"input{device.Number}");

    private static void WriteEvent(InputDevice device, TextBuilder to)
    {
        InputIdentity identity = device.Identity;
        to.Add(string.Create(CultureInfo.InvariantCulture, $"PRODUCT={identity.Bus:x}/{identity.Vendor:x}/{identity.Product:x}/{identity.Version:x}\n"));
        to.Add($"NAME=\"{device.Name}\"\nPHYS=\"{device.PhysicalPath}\"\nPROP={Hexadecimal(device.Properties)}\n");
        foreach ((string name, ushort type) in s_capabilities)
        {
            if (device.AllowedOf(type) is { IsEmpty: false } bits)
            {
                to.Add($"{name.ToUpperInvariant()}={Bits(bits)}\n");
            }
        }
    }
}
