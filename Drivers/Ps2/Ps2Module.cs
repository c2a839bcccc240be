using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;

namespace CosmosKernel.Drivers.Ps2;

/// <summary>The PS/2 controller. Keyboard and mouse are modules of their own, which depend on it.</summary>
[Module("ps2", Description = "PS/2 controller (8042)", License = "MIT", Author = "CosmosKernel")]
public sealed class Ps2Module : KernelModule
{
    private const int FirstInterrupt = 1;
    private const int SecondInterrupt = 12;

    /// <inheritdoc/>
    [MightSleep]
    public override void Start(ModuleContext context)
    {
        var registers = new PortRegisters(context.ClaimPorts(PortRegisters.DataPort, 1), context.ClaimPorts(PortRegisters.CommandPort, 1));
        var controller = new Ps2Controller(registers);
        if (controller.Initialize() is { } problem)
        {
            context.Log.Info(problem);
            return;
        }

        context.AddIsaInterrupt(FirstInterrupt, controller.KeyboardInterrupt);
        if (controller.SecondPort is not null)
        {
            context.AddIsaInterrupt(SecondInterrupt, controller.MouseInterrupt);
        }

        context.Own(new Operation(controller));
        string ports = controller.FirstPort is null ? "only the mouse's port works" : controller.SecondPort is null ? "one port" : "two ports";
        context.Log.Info($"8042 controller, {ports}");
    }

    // Gone before the interrupts are: those that still come find the ports without drivers.
    private sealed class Operation : IDisposable
    {
        private readonly Ps2Controller _controller;

        public Operation(Ps2Controller controller)
        {
            _controller = controller;
            if (!controller.EnableInterrupts(on: true))
            {
                throw new InvalidOperationException("the PS/2 controller does not keep its configuration");
            }

            controller.Publish();
        }

        public void Dispose()
        {
            Ps2Controller.Withdraw();
            _controller.EnableInterrupts(on: false);
        }
    }
}
