using System;
using CosmosKernel.Abi.Terminals;
using CosmosKernel.Drivers.Serial;
using CosmosKernel.Files.Terminals;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Drivers.SerialTerminals;

/// <summary>
/// A 16550 with a ring for each direction, its flow control and its modem lines (National Semiconductor PC16550D data sheet), without locks and waits: the port that owns it brings those, and host tests put a
/// simulated device there. Nothing allocates but the constructor.
/// </summary>
[Owned]
internal sealed class UartLine
{
    private const int RingBytes = 4096;
    private const int HighWater = RingBytes * 3 / 4;
    private const int LowWater = RingBytes / 4;
    private const int MostReceived = 64;
    private const int Nothing = -1;

    // Line status.
    private const byte DataReady = 0x01;
    private const byte Overrun = 0x02;
    private const byte ParityError = 0x04;
    private const byte FrameError = 0x08;
    private const byte Break = 0x10;
    private const byte Absent = 0xFF;

    // Modem control and status.
    private const byte Dtr = 0x01;
    private const byte Rts = 0x02;
    private const byte Out1 = 0x04;
    private const byte Out2 = 0x08;
    private const byte Loop = 0x10;
    private const byte CtsChanged = 0x01;
    private const byte DsrChanged = 0x02;
    private const byte RingEnded = 0x04;
    private const byte DcdChanged = 0x08;
    private const byte Cts = 0x10;
    private const byte Dsr = 0x20;
    private const byte Ri = 0x40;
    private const byte Dcd = 0x80;

    private readonly Uart _uart;
    private readonly ByteRing _sending = new(RingBytes);

    // What came, and a mark (InputMark) for each byte of it.
    private readonly ByteRing _received = new(RingBytes);
    private readonly ByteRing _marks = new(RingBytes);

    private bool _receives;
    private bool _hasHardwareFlow;

    // The speed is 0: the line was hung up by that.
    private bool _hasNoSpeed;

    // What programs want; RTS is dropped beside that while there is no room.
    private ModemLines _wanted;
    private bool _isThrottled;
    private bool _isStopped;

    // A byte that goes before the ring, also while that stands still; or Nothing.
    private int _urgent = Nothing;
    private byte _modem;
    private bool _transmitInterrupt;
    private bool _carrierWasLost;
    private LineCounts _counts;

    /// <summary>Makes one over a UART that is there, at rest.</summary>
    public UartLine(Uart uart)
    {
        _uart = uart;
        uart.Configure(Uart.HighestBaud);
        uart.DisableInterrupts();
        uart.SetModem(0);
    }

    /// <summary>It works.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Bytes for which there is room.</summary>
    public int Room => _sending.Free;

    /// <summary>Bytes that have not left.</summary>
    public int Unsent => _sending.Count;

    /// <summary>The last bit of everything has left.</summary>
    public bool HasSentAll => _sending.Count == 0 && _urgent == Nothing && _uart.HasSentAll;

    /// <summary>The device wants attention.</summary>
    public bool HasInterrupt => IsOpen && _uart.HasInterrupt;

    /// <summary>What has happened.</summary>
    public LineCounts Counts => _counts;

    /// <summary>The modem lines, those that we drive included, as they were when they were read last.</summary>
    public ModemLines Lines => _wanted
        | (IsOpen ? ModemLines.Out2 : 0)
        | ((_modem & Cts) != 0 ? ModemLines.ClearToSend : 0)
        | ((_modem & Dsr) != 0 ? ModemLines.DataSetReady : 0)
        | ((_modem & Ri) != 0 ? ModemLines.Ring : 0)
        | ((_modem & Dcd) != 0 ? ModemLines.Carrier : 0);

    /// <summary>Begins to work: DTR and RTS are raised, unless the speed is 0.</summary>
    public void Open(TerminalSettings settings)
    {
        _uart.Configure(Uart.HighestBaud);
        IsOpen = true;
        _carrierWasLost = false;
        _wanted = ModemLines.DataTerminalReady | ModemLines.RequestToSend;
        _hasNoSpeed = false;
        Clear();
        Apply(settings);
        _modem = _uart.ReadModem();
        _transmitInterrupt = false;
        _uart.EnableAllInterrupts(transmit: false);
        Service();
    }

    /// <summary>Rests. What was not sent is forgotten.</summary>
    /// <param name="hangUp">DTR and RTS are dropped.</param>
    public void Close(bool hangUp)
    {
        IsOpen = false;
        _uart.DisableInterrupts();
        _uart.SetBreak(on: false);
        Clear();
        _wanted = hangUp ? 0 : _wanted & (ModemLines.DataTerminalReady | ModemLines.RequestToSend);
        WriteModem();
    }

    /// <summary>Sets speed, frame and flow control. The speed 0 drops DTR and RTS; the next other speed raises them.</summary>
    public void Configure(TerminalSettings settings)
    {
        Apply(settings);
        ServiceIfOpen();
    }

    /// <summary>Begins or ends a break.</summary>
    public void SetBreak(bool on) => _uart.SetBreak(on);

    /// <summary>Raises and drops lines.</summary>
    public void SetLines(ModemLines drop, ModemLines raise)
    {
        _wanted = ((_wanted & ~drop) | raise) & ModemLines.Outputs;
        WriteModem();
        ReadModem();
        ServiceIfOpen();
    }

    /// <summary>The ring stands still, or goes on: what is in the device's FIFO leaves in either case.</summary>
    public void SetStopped(bool isStopped)
    {
        _isStopped = isStopped;
        ServiceIfOpen();
    }

    /// <summary>Puts bytes into the ring, as many as there is room for.</summary>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        _sending.Put(bytes);
        ServiceIfOpen();
    }

    /// <summary>Sends a byte before everything in the ring, whatever holds that back. It takes the place of one that has not left.</summary>
    public void SendUrgently(byte value)
    {
        _urgent = value;
        ServiceIfOpen();
    }

    /// <summary>Forgets what was not sent.</summary>
    public void Discard() => _sending.Clear();

    /// <summary>Takes what came.</summary>
    /// <param name="to">The bytes.</param>
    /// <param name="marks">What is to be said of each; as long.</param>
    public int Take(Span<byte> to, Span<InputMark> marks)
    {
        int count = _received.Take(to);
        for (int i = 0; i < count; i++)
        {
            _marks.TryTake(out byte mark);
            marks[i] = (InputMark)mark;
        }

        if (_isThrottled && _received.Count < LowWater)
        {
            _isThrottled = false;
            WriteModem();
        }

        return count;
    }

    /// <summary>Whether the carrier was lost since the last time.</summary>
    public bool TakeCarrierLoss()
    {
        bool wasLost = _carrierWasLost;
        _carrierWasLost = false;
        return wasLost;
    }

    /// <summary>Reads the modem lines, and counts what has changed.</summary>
    [NoAllocation]
    public void ReadModem()
    {
        // The device's own marks tell of changes that are over again; not all emulated devices make them in a loop, so that levels are compared, too.
        byte modem = _uart.ReadModem();
        int changes = modem | ((modem ^ _modem) >> 4);
        bool hasRung = (modem & RingEnded) != 0 || (_modem & ~modem & Ri) != 0;
        _modem = modem;
        _counts.ClearToSend += (changes & CtsChanged) != 0 ? 1 : 0;
        _counts.DataSetReady += (changes & DsrChanged) != 0 ? 1 : 0;
        _counts.Rings += hasRung ? 1 : 0;
        _counts.Carrier += (changes & DcdChanged) != 0 ? 1 : 0;
        _carrierWasLost |= (changes & DcdChanged) != 0 && (modem & Dcd) == 0;
    }

    /// <summary>Moves bytes both ways, as far as the device goes at once.</summary>
    [NoAllocation]
    public void Service()
    {
        for (int i = 0; i < MostReceived; i++)
        {
            byte status = _uart.ReadLineStatus();
            if (status == Absent || (status & DataReady) == 0)
            {
                break;
            }

            Accept(_uart.Receive(), status);
        }

        ReadModem();
        bool maySend = !_isStopped && (!_hasHardwareFlow || (_modem & Cts) != 0);
        if ((_urgent != Nothing || (maySend && _sending.Count > 0)) && _uart.CanTransmit)
        {
            Transmit(maySend);
        }

        // The change of CTS interrupts when it may go on.
        bool wants = _urgent != Nothing || (maySend && _sending.Count > 0);
        if (wants != _transmitInterrupt && IsOpen)
        {
            _transmitInterrupt = wants;
            _uart.EnableAllInterrupts(wants);
        }
    }

    [NoAllocation]
    private void Transmit(bool withRing)
    {
        int room = _uart.FifoDepth;
        if (_urgent != Nothing)
        {
            _uart.Transmit((byte)_urgent);
            _counts.Sent++;
            _urgent = Nothing;
            room--;
        }

        for (int i = 0; i < room && withRing && _sending.TryTake(out byte value); i++)
        {
            _uart.Transmit(value);
            _counts.Sent++;
        }
    }

    private void Clear()
    {
        _isThrottled = false;
        _isStopped = false;
        _urgent = Nothing;
        _sending.Clear();
        _received.Clear();
        _marks.Clear();
    }

    private void Apply(TerminalSettings settings)
    {
        const byte twoStopBits = 0x04;
        const byte parity = 0x08;
        const byte even = 0x10;
        const byte stick = 0x20;
        const ModemLines ready = ModemLines.DataTerminalReady | ModemLines.RequestToSend;
        ControlFlags control = settings.Control;
        int frame = (int)(control & ControlFlags.SizeMask) >> 4;
        frame |= (control & ControlFlags.TwoStopBits) != 0 ? twoStopBits : 0;
        frame |= (control & ControlFlags.Parity) != 0 ? parity : 0;
        frame |= (control & ControlFlags.OddParity) == 0 ? even : 0;
        frame |= (control & ControlFlags.StickParity) != 0 ? stick : 0;
        _receives = (control & ControlFlags.Receive) != 0;
        _hasHardwareFlow = (control & ControlFlags.HardwareFlow) != 0;
        _isThrottled &= _hasHardwareFlow;
        uint speed = settings.OutputSpeed;
        if (speed != 0)
        {
            _uart.SetLine((int)Math.Clamp(speed, 2, Uart.HighestBaud), (byte)frame);
        }

        // Only the change does something: in between programs set the lines as they like.
        if (speed == 0 && !_hasNoSpeed)
        {
            _wanted &= ~ready;
        }
        else if (speed != 0 && _hasNoSpeed && IsOpen)
        {
            _wanted |= ready;
        }

        _hasNoSpeed = speed == 0;
        WriteModem();
        if (IsOpen)
        {
            _uart.EnableAllInterrupts(_transmitInterrupt);
        }
    }

    [NoAllocation]
    private void WriteModem()
    {
        ModemLines lines = _isThrottled ? _wanted & ~ModemLines.RequestToSend : _wanted;
        int bits = (lines & ModemLines.DataTerminalReady) != 0 ? Dtr : 0;
        bits |= (lines & ModemLines.RequestToSend) != 0 ? Rts : 0;
        bits |= (lines & ModemLines.Out1) != 0 ? Out1 : 0;
        bits |= (lines & ModemLines.Loop) != 0 ? Loop : 0;
        bits |= IsOpen ? Out2 : 0;
        _uart.SetModem((byte)bits);
    }

    [NoAllocation]
    private void Accept(byte value, byte status)
    {
        // A break also looks like a byte of a wrong frame, and may look like one of a wrong parity.
        InputMark mark = (status & Break) != 0 ? InputMark.Break
            : (status & ParityError) != 0 ? InputMark.Parity
            : (status & FrameError) != 0 ? InputMark.Frame : InputMark.None;
        _counts.Received++;
        _counts.Overruns += (status & Overrun) != 0 ? 1 : 0;
        _counts.Breaks += mark == InputMark.Break ? 1 : 0;
        _counts.Parity += mark == InputMark.Parity ? 1 : 0;
        _counts.Frames += mark == InputMark.Frame ? 1 : 0;
        if (!_receives)
        {
            return;
        }

        if (_received.TryPut(mark == InputMark.Break ? (byte)0 : value))
        {
            _marks.TryPut((byte)mark);
        }
        else
        {
            _counts.BufferOverruns++;
        }

        if (_hasHardwareFlow && !_isThrottled && _received.Count > HighWater)
        {
            _isThrottled = true;
            WriteModem();
        }
    }

    private void ServiceIfOpen()
    {
        if (IsOpen)
        {
            Service();
        }
    }
}
