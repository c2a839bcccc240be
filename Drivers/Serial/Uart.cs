using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;

namespace CosmosKernel.Drivers.Serial;

/// <summary>
/// The registers of a 16550 and its relatives (National Semiconductor PC16550D data sheet). Reading and writing the data path: any context but NMI, by one CPU at a time;
/// nothing of it allocates or throws.
/// </summary>
/// <param name="registers">Its eight registers.</param>
[Owned]
public sealed class Uart(UartRegisters registers)
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
    private const byte ModemInterrupt = 0x08;
    private const byte BreakControl = 0x40;
    private const byte DataReady = 0x01;
    private const byte Overrun = 0x02;
    private const byte HoldingRegisterEmpty = 0x20;
    private const byte TransmitterEmpty = 0x40;
    private const byte NoInterrupt = 0x01;

    /// <summary>One behind I/O ports.</summary>
    /// <param name="ports">Its eight ports.</param>
    public Uart(PortRange ports)
        : this(new PortRegisters(ports))
    {
    }

    /// <summary>Bytes that the transmitter takes when it says that it is empty: 16 with FIFOs, 1 without.</summary>
    public int FifoDepth { get; private set; } = 1;

    /// <summary>Bytes that were lost because nobody took them in time.</summary>
    public long Overruns { get; private set; }

    /// <summary>A byte can be read.</summary>
    public bool HasData
    {
        get
        {
            byte status = registers.Read(LineStatus);

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
    public bool CanTransmit => (registers.Read(LineStatus) & HoldingRegisterEmpty) != 0;

    /// <summary>The last bit of everything written has left.</summary>
    public bool HasSentAll => (registers.Read(LineStatus) & TransmitterEmpty) != 0;

    /// <summary>The device wants attention. Reading it takes back a pending transmitter interrupt.</summary>
    public bool HasInterrupt => (registers.Read(InterruptIdentification) & NoInterrupt) == 0;

    /// <summary>Whether there is a UART: its scratch register keeps values, and in loopback mode its modem outputs are its modem inputs. Nothing is sent.</summary>
    public bool Detect()
    {
        byte control = registers.Read(ModemControl);
        if (control == 0xFF && registers.Read(LineStatus) == 0xFF)
        {
            return false;
        }

        foreach (byte pattern in (ReadOnlySpan<byte>)[0x5A, 0xA5])
        {
            registers.Write(Scratch, pattern);
            if (registers.Read(Scratch) != pattern)
            {
                return false;
            }
        }

        // OUT2 and RTS come back as DCD and CTS.
        registers.Write(ModemControl, Loopback | 0x0A);
        byte status = registers.Read(ModemStatus);
        registers.Write(ModemControl, (byte)(control & ~Loopback));
        return (status & 0xF0) == 0x90;
    }

    /// <summary>Sets the speed, 8 bits, no parity, one stop bit; FIFOs on if it has them; interrupts off, but let through to the line.</summary>
    /// <param name="baud">300 to <see cref="HighestBaud"/>; the nearest possible speed is used.</param>
    public void Configure(int baud)
    {
        int divisor = Math.Clamp((HighestBaud + (baud / 2)) / baud, 1, ushort.MaxValue);
        registers.Write(InterruptEnable, 0);
        registers.Write(LineControl, DivisorAccess | EightBitsNoParity);
        registers.Write(Data, (byte)divisor);
        registers.Write(InterruptEnable, (byte)(divisor >> 8));
        registers.Write(LineControl, EightBitsNoParity);
        registers.Write(FifoControl, EnableFifos);
        FifoDepth = (registers.Read(InterruptIdentification) & FifosWork) == FifosWork ? 16 : 1;
        registers.Write(ModemControl, ReadyAndInterrupts);
    }

    /// <summary>Sets speed and frame of a line; what is on the way is garbled.</summary>
    /// <param name="baud">2 to <see cref="HighestBaud"/>; the nearest possible speed is used.</param>
    /// <param name="frame">The lower six bits of the line control register: size, stop bits and parity.</param>
    public void SetLine(int baud, byte frame)
    {
        int divisor = Math.Clamp((HighestBaud + (baud / 2)) / baud, 1, ushort.MaxValue);
        registers.Write(LineControl, (byte)(DivisorAccess | frame));
        registers.Write(Data, (byte)divisor);
        registers.Write(InterruptEnable, (byte)(divisor >> 8));
        registers.Write(LineControl, frame);
    }

    /// <summary>Begins or ends a break: the line is kept at 0.</summary>
    public void SetBreak(bool on)
    {
        byte frame = registers.Read(LineControl);
        registers.Write(LineControl, on ? (byte)(frame | BreakControl) : (byte)(frame & ~BreakControl));
    }

    /// <summary>The modem control register: bit 0 DTR, 1 RTS, 2 OUT1, 3 OUT2 (which lets interrupts through), 4 loopback.</summary>
    [NoAllocation]
    public void SetModem(byte lines) => registers.Write(ModemControl, lines);

    /// <summary>The modem status register: bits 4 to 7 CTS, DSR, RI, DCD, and below them whether each has changed since the last read; for RI, whether it has ended.</summary>
    [NoAllocation]
    public byte ReadModem() => registers.Read(ModemStatus);

    /// <summary>The line status register: what went wrong with the byte that comes next; reading forgets that.</summary>
    [NoAllocation]
    public byte ReadLineStatus() => registers.Read(LineStatus);

    /// <summary>Chooses the interrupts: of received data always, of an empty transmitter, and of modem lines as well.</summary>
    [NoAllocation]
    public void EnableAllInterrupts(bool transmit) => registers.Write(InterruptEnable, (byte)(ReceiveInterrupts | ModemInterrupt | (transmit ? TransmitInterrupt : 0)));

    /// <summary>Connects the transmitter to the receiver inside of the device, or ends that.</summary>
    public void SetLoopback(bool on) => registers.Write(ModemControl, on ? (byte)(Loopback | ReadyAndInterrupts) : ReadyAndInterrupts);

    /// <summary>Turns interrupts of received data on, and those of an empty transmitter on or off.</summary>
    [NoAllocation]
    public void EnableInterrupts(bool transmit) => registers.Write(InterruptEnable, transmit ? (byte)(ReceiveInterrupts | TransmitInterrupt) : ReceiveInterrupts);

    /// <summary>Turns all interrupts off.</summary>
    [NoAllocation]
    public void DisableInterrupts() => registers.Write(InterruptEnable, 0);

    /// <summary>Takes a received byte, after <see cref="HasData"/>.</summary>
    [NoAllocation]
    public byte Receive() => registers.Read(Data);

    /// <summary>Gives the transmitter a byte, after <see cref="CanTransmit"/>.</summary>
    [NoAllocation]
    public void Transmit(byte value) => registers.Write(Data, value);
}
