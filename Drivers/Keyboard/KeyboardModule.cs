using CosmosKernel.Drivers.Ps2;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Consoles;
using CosmosKernel.Modules.Input;

namespace CosmosKernel.Drivers.Keyboard;

/// <summary>The PS/2 keyboard as an input device, and the console's keyboard: what any keyboard types goes to the console.</summary>
[Module("keyboard", Description = "PS/2 keyboard, and the console's layout", License = "MIT", Author = "CosmosKernel", DependsOn = ["ps2"])]
public sealed class KeyboardModule : KernelModule
{
    /// <summary>What the keys mean.</summary>
    [ModuleParameter("layout: us, de or fr")]
    [Immutable]
    public string Layout { get; set; } = "us";

    /// <inheritdoc/>
    [MightSleep]
    public override void Start(ModuleContext context)
    {
        KeyboardLayout? layout = KeyboardLayout.Find(Layout);
        if (layout is null)
        {
            context.Log.Warning($"there is no layout '{Layout}' (us, de, fr); using us");
            layout = KeyboardLayout.UnitedStates;
        }

        var console = new ConsoleKeyboard(layout, KernelConsole.Input);
        context.Own(console);
        context.AddInputHandler(console);
        if (Ps2Controller.Instance?.FirstPort is not { } port)
        {
            context.Log.Info("no keyboard port");
            return;
        }

        var device = new KeyboardDevice(port);
        if (device.Start() is { } problem)
        {
            context.Log.Info(problem);
            return;
        }

        context.Own(device);
        context.AddInputDevice(device);
        context.Log.Info($"PS/2, layout {layout.Name}");
    }
}
