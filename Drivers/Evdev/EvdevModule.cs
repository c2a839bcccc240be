using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Input;

namespace CosmosKernel.Drivers.Evdev;

/// <summary>Input devices for programs: /dev/input/eventN, /proc/bus/input and /sys/class/input.</summary>
[Module("evdev", Description = "input devices as /dev/input/eventN", License = "MIT", Author = "CosmosKernel")]
public sealed class EvdevModule : KernelModule
{
    /// <inheritdoc/>
    [MightSleep]
    public override void Start(ModuleContext context)
    {
        InputReport.Add(context);
        context.AddInputHandler(new EventHandler(context));
    }
}
