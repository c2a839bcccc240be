using System;
using System.Diagnostics.CodeAnalysis;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;

namespace Cosmos.Core;

/// <summary>Power control through the firmware's ACPI tables. Task context.</summary>
public static class ACPI
{
    /// <summary>The kernel has started ACPI before a Cosmos kernel runs, so there is nothing to do.</summary>
    public static void Start(bool initialize = true, bool enable = true)
    {
    }

    /// <summary>ACPI is on; there is nothing to do.</summary>
    public static void Enable()
    {
    }

    /// <summary>Switches ACPI off.</summary>
    /// <exception cref="NotSupportedException">Always: the kernel needs it.</exception>
    public static void Disable() => throw new NotSupportedException("the kernel itself uses ACPI, and does not let go of it");

    /// <summary>Switches the machine off, after the consoles have shown everything.</summary>
    [DoesNotReturn]
    [MightSleep]
    public static void Shutdown() => SystemPower.PowerOff();

    /// <summary>Resets the machine, after the consoles have shown everything.</summary>
    [DoesNotReturn]
    [MightSleep]
    public static void Reboot() => SystemPower.Reboot();
}
