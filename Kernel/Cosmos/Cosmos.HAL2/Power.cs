using System.Diagnostics.CodeAnalysis;
using Cosmos.Core;
using CosmosKernel.Machine.Locking;

namespace Cosmos.HAL;

/// <summary>Ends the machine. Task context.</summary>
public class Power
{
    /// <summary>Resets the machine.</summary>
    [DoesNotReturn]
    [MightSleep]
    public static void CPUReboot() => CPU.Reboot();

    /// <summary>Resets the machine through ACPI.</summary>
    [DoesNotReturn]
    [MightSleep]
    public static void ACPIReboot() => ACPI.Reboot();

    /// <summary>Switches the machine off.</summary>
    [DoesNotReturn]
    [MightSleep]
    public static void ACPIShutdown() => ACPI.Shutdown();
}
