using System;
using System.Text;
using CosmosKernel.Drivers.Keyboard;
using CosmosKernel.Drivers.Ps2;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Consoles;
using CosmosKernel.Modules.Input;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Deferred.Work;

namespace CosmosKernel.DriverTests;

/// <summary>The PS/2 controller and the keyboard.</summary>
public static class KeyboardTests
{
    private const int Interrupt = 1;
    private const ulong Second = 1_000_000_000;

    /// <summary>The controller passes its own tests, and the keyboard answers, without any interrupt.</summary>
    [KernelTest("driver.keyboard_controller_passes_its_self_test")]
    public static void ControllerPassesItsSelfTest() => WithController((_, port) =>
    {
        var device = new KeyboardDevice(port);
        Check.Equal(null, device.Start());
        device.Dispose();
    });

    /// <summary>A scan code becomes, by way of the interrupt and the input core, a typed character.</summary>
    [KernelTest("driver.keyboard_interrupt_types_a_character")]
    public static void InterruptTypesACharacter() => WithController((controller, port) =>
    {
        using IDisposable interrupt = DriverTestModule.Context.AddIsaInterrupt(Interrupt, controller.KeyboardInterrupt);
        Check.True(controller.EnableInterrupts(on: true));
        using var device = new KeyboardDevice(port);
        Check.Equal(null, device.Start());
        var input = new ConsoleInput();
        using var console = new ConsoleKeyboard(KeyboardLayout.German, input);
        using IDisposable handler = InputCore.AddHandler(console);
        using IDisposable registration = InputCore.AddDevice(device);

        // The handler sets the lights by a work item, and that has the keyboard send its commands by another. Who waits for their answers takes every byte that is there: also one whose interrupt is still to come.
        WorkQueues.Default.Flush();
        WorkQueues.Default.Flush();
        var typed = new StringBuilder();
        foreach (byte code in (ReadOnlySpan<byte>)[0x1E, 0x9E, 0x2A, 0x15, 0x95, 0xAA, 0x15, 0x95])
        {
            // The controller holds one byte: the next may come when the interrupt has taken this one.
            ulong before = controller.KeyboardInterrupt.Count;
            Check.True(controller.Feign(0, code));
            ulong start = Clock.MonotonicNanoseconds;
            while (controller.KeyboardInterrupt.Count == before)
            {
                Check.True(Clock.MonotonicNanoseconds - start < 60 * Second, "the interrupt comes");
                KernelTask.Sleep(Second / 1000);
            }
        }

        ulong deadline = Clock.MonotonicNanoseconds + (60 * Second);
        for (int i = 0; i < 3 && input.Read(out byte value, deadline); i++)
        {
            typed.Append((char)value);
        }

        controller.EnableInterrupts(on: false);
        Check.Equal("aZz", typed.ToString());
    });

    private static void WithController(Action<Ps2Controller, Ps2Port> test) => DriverTestModule.Without("ps2", () =>
    {
        using PortRange data = DriverTestModule.Context.ClaimPorts(PortRegisters.DataPort, 1);
        using PortRange command = DriverTestModule.Context.ClaimPorts(PortRegisters.CommandPort, 1);
        var controller = new Ps2Controller(new PortRegisters(data, command));
        if (controller.Initialize() is { } problem)
        {
            Check.Skip($"this machine has no keyboard controller: {problem}");
        }

        test(controller, controller.FirstPort ?? throw new TestSkippedException("the keyboard's port does not work"));
    });
}
