using System.Collections.Generic;
using System.Globalization;
using CosmosKernel.Files.Modules;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Input;

namespace CosmosKernel.Drivers.Evdev;

/// <summary>/proc/bus/input/devices and /proc/bus/input/handlers, in Linux's form.</summary>
internal static class InputReport
{
    [Immutable]
    private static readonly (string Name, ushort Type)[] s_types =
        [("EV", 0), ("KEY", InputEventType.Key), ("REL", InputEventType.Relative), ("ABS", InputEventType.Absolute), ("MSC", InputEventType.Miscellaneous), ("LED", InputEventType.Light), ("SND", InputEventType.Sound), ("SW", InputEventType.Switch)];

    /// <summary>Adds both. Task context.</summary>
    [MightSleep]
    public static void Add(ModuleContext context)
    {
        context.AddProcFile("bus/input/devices", WriteDevices);
        context.AddProcFile("bus/input/handlers", WriteHandlers);
    }

    private static void WriteDevices(TextBuilder to)
    {
        foreach (InputDevice device in InputCore.Devices)
        {
            InputIdentity identity = device.Identity;
            to.Add(string.Create(CultureInfo.InvariantCulture, $"I: Bus={identity.Bus:x4} Vendor={identity.Vendor:x4} Product={identity.Product:x4} Version={identity.Version:x4}\n"));
            to.Add($"N: Name=\"{device.Name}\"\nP: Phys={device.PhysicalPath}\nS: Sysfs=/{DeviceTree.PathOf(device)}\nU: Uniq={device.UniqueName}\n");
            to.Add($"H: Handlers={HandlersOf(device)} \nB: PROP={DeviceTree.Hexadecimal(device.Properties)}\n");
            foreach ((string name, ushort type) in s_types)
            {
                if (device.AllowedOf(type) is { IsEmpty: false } bits)
                {
                    to.Add($"B: {name}={DeviceTree.Bits(bits)}\n");
                }
            }

            to.Add("\n");
        }
    }

    private static string HandlersOf(InputDevice device)
    {
        var names = new List<string>();
        foreach (InputHandle handle in device.Handles)
        {
            names.Add(handle.Handler?.NameOf(handle) ?? "");
        }

        return string.Join(' ', names);
    }

    private static void WriteHandlers(TextBuilder to)
    {
        int number = 0;
        foreach (InputHandler handler in InputCore.Handlers)
        {
            to.Add(string.Create(CultureInfo.InvariantCulture, $"N: Number={number++} Name={handler.Name}\n"));
        }
    }
}
