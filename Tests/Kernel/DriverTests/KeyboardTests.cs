using System;
using System.Text;
using CosmosKernel.Drivers.Keyboard;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Consoles;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;

namespace CosmosKernel.DriverTests;

/// <summary>The keyboard controller.</summary>
public static class KeyboardTests
{
    private const int Interrupt = 1;
    private const ulong Second = 1_000_000_000;

    /// <summary>The controller passes its own tests, and the keyboard answers.</summary>
    [KernelTest("driver.keyboard_controller_passes_its_self_test")]
    public static void ControllerPassesItsSelfTest() => WithController(controller =>
    {
        Check.Equal(null, controller.Initialize());
        Check.True(controller.ResetKeyboard(), "the keyboard answers");
    });

    /// <summary>A scan code becomes, by way of the interrupt, a typed character.</summary>
    [KernelTest("driver.keyboard_interrupt_types_a_character")]
    public static void InterruptTypesACharacter() => WithController(controller =>
    {
        Check.Equal(null, controller.Initialize());
        Check.True(controller.ResetKeyboard(), "the keyboard answers");
        var input = new ConsoleInput();
        var device = new KeyboardDevice(controller, new KeyDecoder(KeyboardLayout.German), input);
        using IDisposable interrupt = DriverTestModule.Context.AddIsaInterrupt(Interrupt, device);
        Check.True(controller.EnableInterrupt(on: true));
        var typed = new StringBuilder();
        foreach (byte code in (ReadOnlySpan<byte>)[0x1E, 0x9E, 0x2A, 0x15, 0x95, 0xAA, 0x15])
        {
            // The controller holds one byte: the next may come when the interrupt has taken this one.
            ulong before = device.Count;
            Check.True(controller.Feign(code));
            ulong start = Clock.MonotonicNanoseconds;
            while (device.Count == before)
            {
                Check.True(Clock.MonotonicNanoseconds - start < Second, "the interrupt comes");
                KernelTask.Sleep(Second / 1000);
            }
        }

        ulong deadline = Clock.MonotonicNanoseconds + (2 * Second);
        for (int i = 0; i < 3 && input.Read(out byte value, deadline); i++)
        {
            typed.Append((char)value);
        }

        controller.EnableInterrupt(on: false);
        Check.Equal("aZz", typed.ToString());
    });

    private static void WithController(Action<KeyboardController> test) => DriverTestModule.Without("keyboard", () =>
    {
        using PortRange data = DriverTestModule.Context.ClaimPorts(KeyboardController.DataPort, 1);
        using PortRange command = DriverTestModule.Context.ClaimPorts(KeyboardController.CommandPort, 1);
        var controller = new KeyboardController(data, command);
        if (!controller.IsPresent)
        {
            Check.Skip("this machine has no keyboard controller");
        }

        test(controller);
    });
}
