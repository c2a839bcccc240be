using System.Diagnostics.CodeAnalysis;
using Cosmos.Core;

namespace Cosmos.HAL;

/// <summary>Ends the machine. Task context.</summary>
public class Power
{
    /// <summary>Resets the machine.</summary>
    [DoesNotReturn]
    public static void CPUReboot() => CPU.Reboot();

    /// <summary>Resets the machine through ACPI.</summary>
    [DoesNotReturn]
    public static void ACPIReboot() => ACPI.Reboot();

    /// <summary>Switches the machine off.</summary>
    [DoesNotReturn]
    public static void ACPIShutdown() => ACPI.Shutdown();
}
