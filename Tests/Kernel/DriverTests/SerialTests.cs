using System;
using CosmosKernel.Drivers.Serial;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Consoles;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.DriverTests;

/// <summary>The first serial port, its transmitter connected to its receiver inside of the device, so that nothing of it is seen outside.</summary>
public static class SerialTests
{
    private const int Interrupt = 4;
    private const ulong Second = 1_000_000_000;

    /// <summary>Every byte value passes through the device.</summary>
    [KernelTest("driver.serial_loopback_returns_every_byte")]
    public static void LoopbackReturnsEveryByte() => InLoopback(uart =>
    {
        for (int value = 0; value < 256; value++)
        {
            WaitFor(() => uart.CanTransmit, "transmitter is ready");
            uart.Transmit((byte)value);
            WaitFor(() => uart.HasData, "byte comes back");
            Check.Equal((byte)value, uart.Receive());
        }
    });

    /// <summary>As many bytes as the FIFO says it takes come back in order.</summary>
    [KernelTest("driver.serial_fifo_keeps_its_order")]
    public static void FifoKeepsItsOrder() => InLoopback(uart =>
    {
        WaitFor(() => uart.CanTransmit, "transmitter is ready");
        for (int i = 0; i < uart.FifoDepth; i++)
        {
            uart.Transmit((byte)('A' + i));
        }

        for (int i = 0; i < uart.FifoDepth; i++)
        {
            WaitFor(() => uart.HasData, "byte comes back");
            Check.Equal((byte)('A' + i), uart.Receive());
        }
    });

    /// <summary>A line that is served by interrupts sends and receives everything, in order.</summary>
    [KernelTest("driver.serial_line_receives_what_it_sends")]
    public static void LineReceivesWhatItSends() => SendThroughLine(rounds: 4, bytes: 1000, withInterrupt: true);

    /// <summary>Without its interrupt, the line's timer still sends everything.</summary>
    [KernelTest("driver.serial_line_survives_lost_interrupts")]
    public static void LineSurvivesLostInterrupts() => SendThroughLine(rounds: 1, bytes: 100, withInterrupt: false);

    private static void SendThroughLine(int rounds, int bytes, bool withInterrupt) => InLoopback(uart =>
    {
        var input = new ConsoleInput();
        var line = new SerialLine(uart, Uart.HighestBaud, input);
        using IDisposable? interrupt = withInterrupt ? DriverTestModule.Context.AddIsaInterrupt(Interrupt, line.Interrupt) : null;
        line.Open();
        try
        {
            byte[] sent = new byte[bytes];
            byte[] received = new byte[bytes];
            for (int round = 0; round < rounds; round++)
            {
                for (int i = 0; i < bytes; i++)
                {
                    sent[i] = (byte)('!' + ((i + round) % 90));
                }

                line.Write(sent);
                ulong deadline = Clock.MonotonicNanoseconds + (60 * Second);
                for (int i = 0; i < bytes; i++)
                {
                    Check.True(input.Read(out received[i], deadline), $"byte {i} of round {round} comes back");
                }

                Check.SequenceEqual<byte>(sent, received);
            }

            line.Flush();
            Check.False(input.HasData);
            Check.Equal(0, line.Dropped);
            Check.True(!withInterrupt || line.Interrupt.Count > 0, "the device interrupts");
        }
        finally
        {
            line.Close();
        }
    });

    private static void InLoopback(Action<Uart> test) => DriverTestModule.Without("serial", () =>
    {
        using PortRange ports = DriverTestModule.Context.ClaimPorts(0x3F8, Uart.PortCount);
        KernelConsole.Flush();
        var uart = new Uart(ports);
        if (!uart.Detect())
        {
            Check.Skip("this machine has no COM1");
        }

        uart.Configure(Uart.HighestBaud);
        uart.SetLoopback(on: true);
        try
        {
            test(uart);
        }
        finally
        {
            uart.SetLoopback(on: false);
        }
    });

    private static void WaitFor(Func<bool> condition, string what)
    {
        ulong start = Clock.MonotonicNanoseconds;
        while (!condition())
        {
            Check.True(Clock.MonotonicNanoseconds - start < 60 * Second, what);
            Clock.Delay(10_000);
        }
    }
}
