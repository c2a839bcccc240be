using System;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Consoles;

namespace CosmosKernel.Drivers.Keyboard;

/// <summary>The PS/2 keyboard.</summary>
[Module("keyboard", Description = "PS/2 keyboard", License = "MIT", Author = "CosmosKernel")]
public sealed class KeyboardModule : KernelModule
{
    private const int Interrupt = 1;

    /// <summary>What the keys mean.</summary>
    [ModuleParameter("layout: us, de or fr")]
    public string Layout { get; set; } = "us";

    /// <inheritdoc/>
    public override void Start(ModuleContext context)
    {
        KeyboardLayout? layout = KeyboardLayout.Find(Layout);
        if (layout is null)
        {
            context.Log.Warning($"there is no layout '{Layout}' (us, de, fr); using us");
            layout = KeyboardLayout.UnitedStates;
        }

        var controller = new KeyboardController(context.ClaimPorts(KeyboardController.DataPort, 1), context.ClaimPorts(KeyboardController.CommandPort, 1));
        string? problem = controller.Initialize();
        if (problem is null && !controller.ResetKeyboard())
        {
            problem = "no keyboard";
        }

        if (problem is not null)
        {
            context.Log.Info(problem);
            return;
        }

        var device = new KeyboardDevice(controller, new KeyDecoder(layout), KernelConsole.Input);
        context.AddIsaInterrupt(Interrupt, device);
        context.Own(new Operation(controller, device));
        context.Log.Info($"PS/2, layout {layout.Name}");
    }

    private sealed class Operation : IDisposable
    {
        private readonly KeyboardController _controller;
        private readonly KeyboardDevice _device;

        public Operation(KeyboardController controller, KeyboardDevice device)
        {
            _controller = controller;
            _device = device;
            _controller.EnableInterrupt(on: true);
            _device.Start();
        }

        public void Dispose()
        {
            _device.Settle();
            _controller.EnableInterrupt(on: false);
        }
    }
}
