using System.Diagnostics.CodeAnalysis;

namespace Cosmos.System;

/// <summary>Ends the machine. Task context.</summary>
public static class Power
{
    /// <summary>Resets the machine, after the consoles have shown everything.</summary>
    [DoesNotReturn]
    public static void Reboot() => HAL.Power.CPUReboot();

    /// <summary>Switches the machine off, after the consoles have shown everything.</summary>
    [DoesNotReturn]
    public static void Shutdown() => HAL.Power.ACPIShutdown();
}
