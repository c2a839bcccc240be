using System;
using CosmosKernel.Drivers.Serial;
using CosmosKernel.Files.Modules;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;

namespace CosmosKernel.Drivers.SerialTerminals;

/// <summary>The PC's serial ports that are not the console: /dev/ttyS1 to /dev/ttyS3 are terminals with the speeds, frames and modem lines of a 16550.</summary>
[Module("serial_tty", Description = "terminals on 16550 serial ports", License = "MIT", Author = "CosmosKernel", DependsOn = ["serial"])]
public sealed class SerialTerminalsModule : KernelModule
{
    private const uint Major = 4;
    private const uint FirstMinor = 64;
    private const int FirstPort = 2;
    private const int LastPort = 4;

    /// <inheritdoc/>
    [MightSleep]
    public override void Start(ModuleContext context)
    {
        for (int com = FirstPort; com <= LastPort; com++)
        {
            (ushort first, int interrupt) = SerialModule.ComPort(com);
            PortRange ports;
            try
            {
                ports = context.ClaimPorts(first, Uart.PortCount);
            }
            catch (InvalidOperationException)
            {
                // The console is there.
                continue;
            }

            var uart = new Uart(ports);
            if (!uart.Detect())
            {
                context.Release(ports);
                continue;
            }

            uint minor = (uint)com - 1;
            string name = $"ttyS{minor}";
            var port = new SerialPort(uart);
            var terminal = new SerialTerminal(context, new DeviceNumber(Major, FirstMinor + minor), name, port);

            // Released in reverse order: first the node goes, last the task ends.
            context.Own(terminal);
            context.AddIsaInterrupt(interrupt, port);
            terminal.Start();
            context.AddTerminal(new DeviceNodeOptions { Name = name, Mode = 0x190, Major = Major, FirstMinor = FirstMinor + minor, Class = "tty" }, terminal);
            context.Log.Info($"{name} at 0x{first:x}, interrupt {interrupt}, FIFO of {uart.FifoDepth}");
        }
    }
}
