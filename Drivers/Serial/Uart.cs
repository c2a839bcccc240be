using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;

namespace CosmosKernel.Drivers.Serial;

/// <summary>
/// The registers of a 16550 and its relatives (National Semiconductor PC16550D data sheet). Reading and writing the data path: any context but NMI, by one CPU at a time;
/// nothing of it allocates or throws.
/// </summary>
/// <param name="ports">Its eight ports.</param>
public sealed class Uart(PortRange ports)
{
    /// <summary>Number of ports.</summary>
    public const int PortCount = 8;

    /// <summary>Highest speed in baud; others are this divided by a whole number up to 65,535.</summary>
    public const int HighestBaud = 115200;

    private const int Data = 0;
    private const int InterruptEnable = 1;
    private const int FifoControl = 2;
    private const int InterruptIdentification = 2;
    private const int LineControl = 3;
    private const int ModemControl = 4;
    private const int LineStatus = 5;
    private const int ModemStatus = 6;
    private const int Scratch = 7;

    private const byte EightBitsNoParity = 3;
    private const byte DivisorAccess = 0x80;
    private const byte EnableFifos = 0xC7;
    private const byte FifosWork = 0xC0;
    private const byte Loopback = 0x10;
    private const byte ReadyAndInterrupts = 0x0B;
    private const byte ReceiveInterrupts = 0x05;
    private const byte TransmitInterrupt = 0x02;
    private const byte DataReady = 0x01;
    private const byte Overrun = 0x02;
    private const byte HoldingRegisterEmpty = 0x20;
    private const byte TransmitterEmpty = 0x40;
    private const byte NoInterrupt = 0x01;

    /// <summary>Bytes that the transmitter takes when it says that it is empty: 16 with FIFOs, 1 without.</summary>
    public int FifoDepth { get; private set; } = 1;

    /// <summary>Bytes that were lost because nobody took them in time.</summary>
    public long Overruns { get; private set; }

    /// <summary>A byte can be read.</summary>
    public bool HasData
    {
        get
        {
            byte status = ports.Read8(LineStatus);

            // An absent device reads as all ones.
            if (status == 0xFF)
            {
                return false;
            }

            if ((status & Overrun) != 0)
            {
                Overruns++;
            }

            return (status & DataReady) != 0;
        }
    }

    /// <summary>The transmitter takes <see cref="FifoDepth"/> bytes.</summary>
    public bool CanTransmit => (ports.Read8(LineStatus) & HoldingRegisterEmpty) != 0;

    /// <summary>The last bit of everything written has left.</summary>
    public bool HasSentAll => (ports.Read8(LineStatus) & TransmitterEmpty) != 0;

    /// <summary>The device wants attention. Reading it takes back a pending transmitter interrupt.</summary>
    public bool HasInterrupt => (ports.Read8(InterruptIdentification) & NoInterrupt) == 0;

    /// <summary>Whether there is a UART: its scratch register keeps values, and in loopback mode its modem outputs are its modem inputs. Nothing is sent.</summary>
    public bool Detect()
    {
        byte control = ports.Read8(ModemControl);
        if (control == 0xFF && ports.Read8(LineStatus) == 0xFF)
        {
            return false;
        }

        foreach (byte pattern in (ReadOnlySpan<byte>)[0x5A, 0xA5])
        {
            ports.Write8(Scratch, pattern);
            if (ports.Read8(Scratch) != pattern)
            {
                return false;
            }
        }

        // OUT2 and RTS come back as DCD and CTS.
        ports.Write8(ModemControl, Loopback | 0x0A);
        byte status = ports.Read8(ModemStatus);
        ports.Write8(ModemControl, (byte)(control & ~Loopback));
        return (status & 0xF0) == 0x90;
    }

    /// <summary>Sets the speed, 8 bits, no parity, one stop bit; FIFOs on if it has them; interrupts off, but let through to the line.</summary>
    /// <param name="baud">300 to <see cref="HighestBaud"/>; the nearest possible speed is used.</param>
    public void Configure(int baud)
    {
        int divisor = Math.Clamp((HighestBaud + (baud / 2)) / baud, 1, ushort.MaxValue);
        ports.Write8(InterruptEnable, 0);
        ports.Write8(LineControl, DivisorAccess | EightBitsNoParity);
        ports.Write8(Data, (byte)divisor);
        ports.Write8(InterruptEnable, (byte)(divisor >> 8));
        ports.Write8(LineControl, EightBitsNoParity);
        ports.Write8(FifoControl, EnableFifos);
        FifoDepth = (ports.Read8(InterruptIdentification) & FifosWork) == FifosWork ? 16 : 1;
        ports.Write8(ModemControl, ReadyAndInterrupts);
    }

    /// <summary>Connects the transmitter to the receiver inside of the device, or ends that.</summary>
    public void SetLoopback(bool on) => ports.Write8(ModemControl, on ? (byte)(Loopback | ReadyAndInterrupts) : ReadyAndInterrupts);

    /// <summary>Turns interrupts of received data on, and those of an empty transmitter on or off.</summary>
    [NoAllocation]
    public void EnableInterrupts(bool transmit) => ports.Write8(InterruptEnable, transmit ? (byte)(ReceiveInterrupts | TransmitInterrupt) : ReceiveInterrupts);

    /// <summary>Turns all interrupts off.</summary>
    [NoAllocation]
    public void DisableInterrupts() => ports.Write8(InterruptEnable, 0);

    /// <summary>Takes a received byte, after <see cref="HasData"/>.</summary>
    [NoAllocation]
    public byte Receive() => ports.Read8(Data);

    /// <summary>Gives the transmitter a byte, after <see cref="CanTransmit"/>.</summary>
    [NoAllocation]
    public void Transmit(byte value) => ports.Write8(Data, value);
}
