using System;
using System.Diagnostics.CodeAnalysis;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Consoles;
using CosmosKernel.Tasks.Time;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Drivers.Serial;

/// <summary>
/// One serial line: what is written goes into a ring, and the transmitter's interrupt sends it on; what is received goes to the console's input. Interrupts may get lost
/// (edge-triggered lines, emulators): while the ring holds something, a timer looks after the transmitter too, and whoever waits looks for himself.
/// </summary>
internal sealed class SerialLine
{
    private const int RingBytes = 16384;
    // Limits for devices that never stop asking; the timer and the next interrupt go on from there.
    private const int MostReceived = 64;
    private const int MostCauses = 64;
    private const ulong WatchdogNanoseconds = 20_000_000;
    private const ulong StallNanoseconds = 10_000_000_000;

    [GuardedBy(nameof(_lock))]
    private readonly Uart _uart;
    private readonly ConsoleInput _input;
    private readonly ulong _byteNanoseconds;

    [GuardedBy(nameof(_lock))]
    private readonly TransmitRing _ring = new(RingBytes);
    private readonly WaitQueue _room = new("serial output");
    private readonly Watchdog _watchdog;
    private IrqSpinLock _lock = new(LockClasses.Register("serial.line"));

    [GuardedBy(nameof(_lock))]
    private bool _transmitInterrupt;

    [GuardedBy(nameof(_lock))]
    private bool _closed;

    // When the transmitter last took something or had nothing to do.
    [GuardedBy(nameof(_lock))]
    private ulong _lastProgress;

    /// <summary>Makes a line over a configured UART.</summary>
    /// <param name="uart">The device.</param>
    /// <param name="baud">Its speed.</param>
    /// <param name="input">Where received bytes go.</param>
    public SerialLine(Uart uart, int baud, ConsoleInput input)
    {
        _uart = uart;
        _input = input;
        _byteNanoseconds = 10_000_000_000 / (ulong)baud;
        _watchdog = new Watchdog(this);
        Interrupt = new LineInterrupt(this);
        AtPanic = new LineAtPanic(this);
    }

    /// <summary>Serves the device's interrupt.</summary>
    public InterruptHandler Interrupt { get; }

    /// <summary>Sends what is in the ring when the kernel panics.</summary>
    public PanicOutput AtPanic { get; }

    /// <summary>Bytes that were dropped because the transmitter took none for ten seconds.</summary>
    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    public long Dropped { get; private set; }

    /// <summary>Turns receiving on.</summary>
    public void Open()
    {
        using (_lock.Enter())
        {
            _lastProgress = Clock.MonotonicNanoseconds;
            _uart.EnableInterrupts(transmit: false);
            Service();
        }
    }

    /// <summary>Turns interrupts off and forgets what is not sent. Task context.</summary>
    public void Close()
    {
        using (_lock.Enter())
        {
            _closed = true;
            _uart.DisableInterrupts();
            _ring.Clear();
        }

        _watchdog.CancelAndWait();
        _room.WakeAll();
    }

    /// <summary>Writes text, waiting while the ring is full. Task context.</summary>
    [MightSleep]
    public void Write(ReadOnlySpan<byte> text)
    {
        while (true)
        {
            using (_lock.Enter())
            {
                text = _closed ? default : text[_ring.Put(text)..];
                Service();
                StartTransmitter();
                if (!text.IsEmpty && IsStalled())
                {
                    Dropped += _ring.Clear();
                }
            }

            if (text.IsEmpty)
            {
                return;
            }

            Wait(IsRatherFull, WatchdogNanoseconds);
        }
    }

    /// <summary>Returns when everything written has left the transmitter, or nothing moves. Task context.</summary>
    [MightSleep]
    public void Flush()
    {
        while (true)
        {
            bool isEmpty;
            using (_lock.Enter())
            {
                Service();
                isEmpty = _ring.Count == 0;
                if ((isEmpty && _uart.HasSentAll) || _closed || IsStalled())
                {
                    return;
                }
            }

            if (isEmpty)
            {
                // No interrupt tells when the last bit is out.
                Wait(static _ => true, _byteNanoseconds * 4);
            }
            else
            {
                Wait(HoldsBytes, WatchdogNanoseconds);
            }
        }
    }

    [RequiresLock("line._lock")]
    private static bool IsRatherFull(SerialLine line) => line._ring.Free < RingBytes / 2;

    [RequiresLock("line._lock")]
    private static bool HoldsBytes(SerialLine line) => line._ring.Count > 0;

    // The condition is asked with the lock held.
    private void Wait(Predicate<SerialLine> condition, ulong nanoseconds)
    {
        if (!Preemption.IsPossible)
        {
            Clock.Delay(_byteNanoseconds);
            return;
        }

        using WaitQueue.Wait wait = _room.Begin(Clock.MonotonicNanoseconds + nanoseconds, WaitMode.Uninterruptible);
        wait.Prepare();
        bool holds;
        using (_lock.Enter())
        {
            holds = condition(this);
        }

        if (holds)
        {
            wait.Sleep();
        }
    }

    /// <summary>Moves bytes both ways, as far as the device goes at once.</summary>
    [RequiresLock(nameof(_lock))]
    [NoAllocation]
    private void Service()
    {
        for (int i = 0; i < MostReceived && _uart.HasData; i++)
        {
            _input.Add(_uart.Receive());
        }

        // One FIFO at a time: emulated transmitters are ready again at once, and interrupts are off here.
        if (_ring.Count > 0 && _uart.CanTransmit)
        {
            for (int i = 0; i < _uart.FifoDepth && _ring.TryTake(out byte value); i++)
            {
                _uart.Transmit(value);
            }

            _lastProgress = Clock.MonotonicNanoseconds;
        }

        if (_ring.Count == 0)
        {
            _lastProgress = Clock.MonotonicNanoseconds;
            if (_transmitInterrupt)
            {
                _transmitInterrupt = false;
                _uart.EnableInterrupts(transmit: false);
            }
        }
    }

    [RequiresLock(nameof(_lock))]
    private void StartTransmitter()
    {
        if (_ring.Count > 0 && !_transmitInterrupt && !_closed)
        {
            _transmitInterrupt = true;
            _uart.EnableInterrupts(transmit: true);
            _watchdog.Start(Clock.MonotonicNanoseconds + WatchdogNanoseconds);
        }
    }

    [RequiresLock(nameof(_lock))]
    private bool IsStalled() => _ring.Count > 0 && Clock.MonotonicNanoseconds - _lastProgress > StallNanoseconds;

    [InterruptContext]
    private bool ServeInterrupt()
    {
        bool mine = false;
        bool hasRoom;
        using (_lock.Enter())
        {
            // The line is edge-triggered: it must be low once before this returns, so every cause is served.
            for (int i = 0; i < MostCauses && !_closed && _uart.HasInterrupt; i++)
            {
                mine = true;
                Service();
            }

            hasRoom = _ring.Count < RingBytes / 2;
        }

        if (mine && hasRoom)
        {
            _room.WakeAll();
        }

        return mine;
    }

    [InterruptContext]
    private void ServeTimer(ulong now)
    {
        bool again;
        using (_lock.Enter())
        {
            // Once more after the last byte: what comes back for it may come without an interrupt, too.
            again = _ring.Count > 0 && !_closed;
            Service();
        }

        _room.WakeAll();
        if (again)
        {
            _watchdog.Start(now + WatchdogNanoseconds);
        }
    }

    [SuppressMessage("Locking", "CKL003", Justification = "In a panic: the other CPUs are stopped, perhaps inside of the lock, so it cannot be taken, and nobody else runs.")]
    private void SendWithoutLock()
    {
        _uart.DisableInterrupts();
        while (_ring.TryTake(out byte value))
        {
            for (int i = 0; i < 1_000_000 && !_uart.CanTransmit; i++)
            {
            }

            _uart.Transmit(value);
        }
    }

    private sealed class LineInterrupt(SerialLine line) : InterruptHandler
    {
        public override string Name => "serial";

        public override bool Handle() => line.ServeInterrupt();
    }

    private sealed class Watchdog(SerialLine line) : KernelTimer
    {
        protected override void OnExpired(ulong now) => line.ServeTimer(now);
    }

    private sealed class LineAtPanic(SerialLine line) : PanicOutput
    {
        protected override void OnPanic() => line.SendWithoutLock();
    }
}
