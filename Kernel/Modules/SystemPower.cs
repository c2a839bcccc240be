using System.Diagnostics.CodeAnalysis;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Power;
using CosmosKernel.Modules.Consoles;

namespace CosmosKernel.Modules;

/// <summary>Ends the machine in order: says so in the protocol of docs/testing.md, lets the consoles show everything, and then does it. Task context.</summary>
public static class SystemPower
{
    /// <summary>Switches the machine off.</summary>
    [DoesNotReturn]
    public static void PowerOff()
    {
        Announce("##poweroff");
        MachinePower.PowerOff();
        Panic.Now("The machine did not switch off"u8);
    }

    /// <summary>Resets the machine.</summary>
    [DoesNotReturn]
    public static void Reboot()
    {
        Announce("##reboot");
        MachinePower.Reboot();
        Panic.Now("The machine did not reset"u8);
    }

    private static void Announce(string line)
    {
        KernelConsole.WriteProtocolLine(line);
        KernelConsole.Flush();
    }
}
