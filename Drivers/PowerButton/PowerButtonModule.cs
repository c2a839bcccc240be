using System;
using System.Collections.Generic;
using CosmosKernel.Machine.Acpi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Input;
using CosmosKernel.Modules.Log;

namespace CosmosKernel.Drivers.PowerButton;

/// <summary>The power button of ACPI's fixed hardware.</summary>
[Module("button", Description = "ACPI power button", License = "MIT", Author = "CosmosKernel")]
public sealed class PowerButtonModule : KernelModule
{
    /// <summary>What a press does that no program listens to.</summary>
    [ModuleParameter("what a press does that no program hears: off or nothing")]
    [Immutable]
    public string Action { get; set; } = "off";

    /// <inheritdoc/>
    [MightSleep]
    public override void Start(ModuleContext context)
    {
        if (Action is not ("off" or "nothing"))
        {
            context.Log.Warning($"there is no action '{Action}' (off, nothing); using off");
        }

        if (!FixedHardware.HasPowerButton || FixedHardware.Pm1aEventPort == 0 || FixedHardware.Pm1EventLength < 4)
        {
            context.Log.Info("no fixed power button");
            return;
        }

        if (!FixedHardware.TryEnableEvents())
        {
            context.Log.Warning("the firmware keeps the power button to itself");
            return;
        }

        var ports = new List<ushort> { FixedHardware.Pm1aEventPort };
        if (FixedHardware.Pm1bEventPort != 0)
        {
            ports.Add(FixedHardware.Pm1bEventPort);
        }

        // With two blocks, the firmware says that the button is in the first one's registers or in the second's; both are asked.
        foreach (ushort port in ports)
        {
            var registers = new PortButtonRegisters(context.ClaimPorts(port, FixedHardware.Pm1EventLength));
            var device = new ButtonDevice(registers, Pressed);
            context.Own(new Operation(device));
            context.AddInputDevice(device);
            context.AddInterrupt(FixedHardware.SystemControlInterrupt, device.Interrupt);
            device.Enable();
        }
    }

    [MightSleep]
    private void Pressed(bool isHeard)
    {
        if (isHeard || Action == "nothing")
        {
            return;
        }

        KernelLog.Info("power button: no program listens; switching off");
        SystemPower.PowerOff();
    }

    private sealed class Operation(ButtonDevice device) : IDisposable
    {
        public void Dispose() => device.Disable();
    }
}
