using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Consoles;

namespace CosmosKernel.Drivers.Serial;

/// <summary>The serial console: COM1, or another port that its parameters name. On COM1 it takes the place of the polled output that the kernel boots with.</summary>
[Module("serial", Description = "16550 serial console", License = "MIT", Author = "CosmosKernel")]
public sealed class SerialModule : KernelModule
{
    private const ushort EarlyPort = 0x3F8;

    /// <summary>Which of a PC's four serial ports.</summary>
    [ModuleParameter("which of COM1 to COM4", Minimum = 1, Maximum = 4)]
    [Immutable]
    public int Com { get; set; } = 1;

    /// <summary>First port of the device, instead of the COM port's; 0 leaves it.</summary>
    [ModuleParameter("first I/O port, 0 for the COM port's own", Minimum = 0, Maximum = 0xFFF8)]
    [Immutable]
    public int Port { get; set; }

    /// <summary>ISA interrupt, instead of the COM port's; 0 leaves it.</summary>
    [ModuleParameter("ISA interrupt, 0 for the COM port's own", Minimum = 0, Maximum = 15)]
    [Immutable]
    public int Irq { get; set; }

    /// <summary>Speed in baud.</summary>
    [ModuleParameter("speed in baud", Minimum = 300, Maximum = Uart.HighestBaud)]
    [Immutable]
    public int Baud { get; set; } = Uart.HighestBaud;

    /// <inheritdoc/>
    [MightSleep]
    public override void Start(ModuleContext context)
    {
        (ushort comPort, int comIrq) = ComPort(Com);
        ushort port = Port == 0 ? comPort : (ushort)Port;
        int irq = Irq == 0 ? comIrq : Irq;
        PortRange ports = context.ClaimPorts(port, Uart.PortCount);

        // What the polled output wrote must be out before the FIFO is reset.
        KernelConsole.Flush();
        var uart = new Uart(ports);
        if (!uart.Detect())
        {
            context.Log.Info($"no serial port at 0x{port:x}");
            return;
        }

        uart.Configure(Baud);
        var line = new SerialLine(uart, Baud, KernelConsole.Input);

        // Released in reverse order: first the console goes to the end of what it has to send, last the line closes.
        context.Own(new Closing(line));
        context.AddIsaInterrupt(irq, line.Interrupt);
        context.AddPanicOutput(line.AtPanic);
        line.Open();
        var output = new SerialOutput(Port == 0 ? $"ttyS{Com - 1}" : $"serial-{port:x}", line);
        if (port == EarlyPort)
        {
            context.ReplaceConsoleOutput(output, "early");
        }
        else
        {
            context.AddConsoleOutput(output);
        }

        context.Log.Info($"{output.Name} at 0x{port:x}, interrupt {irq}, {Baud} baud, FIFO of {uart.FifoDepth}");
    }

    /// <summary>Port and interrupt of a PC's serial ports.</summary>
    /// <param name="number">1 to 4.</param>
    public static (ushort Port, int Irq) ComPort(int number) => number switch
    {
        1 => (0x3F8, 4),
        2 => (0x2F8, 3),
        3 => (0x3E8, 4),
        4 => (0x2E8, 3),
        _ => throw new ArgumentOutOfRangeException(nameof(number)),
    };

    private sealed class Closing(SerialLine line) : IDisposable
    {
        public void Dispose() => line.Close();
    }
}
