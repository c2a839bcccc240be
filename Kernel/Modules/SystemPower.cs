using System.Diagnostics.CodeAnalysis;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Power;
using CosmosKernel.Modules.Consoles;
using CosmosKernel.Modules.Notifications;

namespace CosmosKernel.Modules;

/// <summary>Ends the machine in order: says so in the protocol of docs/testing.md, lets the consoles show everything, and then does it. Task context.</summary>
public static class SystemPower
{
    /// <summary>Switches the machine off.</summary>
    [DoesNotReturn]
    [MightSleep]
    public static void PowerOff()
    {
        KernelNotifiers.SystemEnds.Call(SystemEnd.PowerOff);
        Announce("##poweroff");
        MachinePower.PowerOff();
        Panic.Now("The machine did not switch off"u8);
    }

    /// <summary>Resets the machine.</summary>
    [DoesNotReturn]
    [MightSleep]
    public static void Reboot()
    {
        KernelNotifiers.SystemEnds.Call(SystemEnd.Restart);
        Announce("##reboot");
        MachinePower.Reboot();
        Panic.Now("The machine did not reset"u8);
    }

    /// <summary>Stops all CPUs for good. The machine stays on.</summary>
    [DoesNotReturn]
    [MightSleep]
    public static void Halt()
    {
        KernelNotifiers.SystemEnds.Call(SystemEnd.Halt);
        KernelConsole.WriteLine("System halted");
        KernelConsole.Flush();
        MachinePower.Halt();
        Panic.Now("The machine did not halt"u8);
    }

    private static void Announce(string line)
    {
        KernelConsole.WriteProtocolLine(line);
        KernelConsole.Flush();
    }
}
