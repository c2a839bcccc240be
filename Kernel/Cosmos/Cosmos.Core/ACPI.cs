using System.Diagnostics.CodeAnalysis;
using CosmosKernel.Modules;

namespace Cosmos.Core;

/// <summary>Power control through the firmware's ACPI tables. Task context.</summary>
public static class ACPI
{
    /// <summary>Switches the machine off, after the consoles have shown everything.</summary>
    [DoesNotReturn]
    public static void Shutdown() => SystemPower.PowerOff();

    /// <summary>Resets the machine, after the consoles have shown everything.</summary>
    [DoesNotReturn]
    public static void Reboot() => SystemPower.Reboot();
}
