using System.Diagnostics.CodeAnalysis;
using CosmosKernel.Machine.Locking;

namespace Cosmos.System;

/// <summary>Ends the machine. Task context.</summary>
public static class Power
{
    /// <summary>Resets the machine, after the consoles have shown everything.</summary>
    [DoesNotReturn]
    [MightSleep]
    public static void Reboot() => HAL.Power.CPUReboot();

    /// <summary>Switches the machine off, after the consoles have shown everything.</summary>
    [DoesNotReturn]
    [MightSleep]
    public static void Shutdown() => HAL.Power.ACPIShutdown();

    /// <summary>As <see cref="Shutdown"/>, on every machine.</summary>
    [DoesNotReturn]
    [MightSleep]
    public static void QemuShutdown() => Shutdown();

    /// <summary>As <see cref="Reboot"/>, on every machine.</summary>
    [DoesNotReturn]
    [MightSleep]
    public static void QemuReboot() => Reboot();
}
