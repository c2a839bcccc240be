using System;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Input;

/// <summary>Input devices and handlers that a module owns.</summary>
public static class InputContext
{
    /// <summary>Adds an input device that goes with the module. Task context.</summary>
    /// <param name="context">The module's.</param>
    /// <param name="device">The device; its capabilities are set.</param>
    [MightSleep]
    public static IDisposable AddInputDevice(this ModuleContext context, InputDevice device)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Own(InputCore.AddDevice(device));
    }

    /// <summary>Adds a handler of input devices that goes with the module. Task context.</summary>
    /// <param name="context">The module's.</param>
    /// <param name="handler">The handler.</param>
    [MightSleep]
    public static IDisposable AddInputHandler(this ModuleContext context, InputHandler handler)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Own(InputCore.AddHandler(handler));
    }
}
