using System;
using System.Threading;
using CosmosKernel.Drivers.Serial;
using CosmosKernel.Files.Terminals;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks.Time;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Drivers.SerialTerminals;

/// <summary>
/// The lock, the interrupts and the waits around a <see cref="UartLine"/>. ISA interrupts are edge-triggered and two ports share one, so an edge may be lost: while the port is open, a timer looks after it, too.
/// </summary>
internal sealed class SerialPort : InterruptHandler
{
    private const int MostCauses = 32;
    private const ulong WatchNanoseconds = 10_000_000;

    private static readonly LockClass s_lockClass = LockClasses.Register("serial_tty.port");

    private readonly Watch _watch;
    private readonly WaitQueue _sent = new("serial output");
    private readonly WaitQueue _modemChanges = new("serial modem lines");
    private readonly WaitQueue _work = new("serial work");

    private IrqSpinLock _lock = new(s_lockClass);

    [GuardedBy(nameof(_lock))]
    private readonly UartLine _line;

    // 1: the terminal's task has something to do. Set before its queue is woken, taken by it after it has prepared to sleep.
    [Atomic]
    private int _hasWork;

    /// <summary>Makes one over a UART that is there.</summary>
    public SerialPort(Uart uart)
    {
        _line = new UartLine(uart);
        _watch = new Watch(this);
    }

    /// <inheritdoc/>
    public override string Name => "serial_tty";

    /// <summary>Bytes for which there is room. Any context but NMI.</summary>
    public int Room
    {
        get
        {
            using (_lock.Enter())
            {
                return _line.Room;
            }
        }
    }

    /// <summary>Bytes that have not left. Any context but NMI.</summary>
    public int Unsent
    {
        get
        {
            using (_lock.Enter())
            {
                return _line.Unsent;
            }
        }
    }

    /// <summary>What has happened. Any context but NMI.</summary>
    public LineCounts Counts
    {
        get
        {
            using (_lock.Enter())
            {
                return _line.Counts;
            }
        }
    }

    /// <summary>The modem lines, those that we drive included.</summary>
    public ModemLines Lines
    {
        get
        {
            using (_lock.Enter())
            {
                _line.ReadModem();
                return _line.Lines;
            }
        }
    }

    /// <summary>Begins to work, see <see cref="UartLine.Open"/>.</summary>
    public void Open(TerminalSettings settings)
    {
        using (_lock.Enter())
        {
            _line.Open(settings);
        }

        _watch.Start(Clock.MonotonicNanoseconds + WatchNanoseconds);
    }

    /// <summary>Rests, see <see cref="UartLine.Close"/>.</summary>
    public void Close(bool hangUp)
    {
        using (_lock.Enter())
        {
            _line.Close(hangUp);
        }

        _watch.CancelAndWait();
        _sent.WakeAll();
        _modemChanges.WakeAll();
    }

    /// <summary>Sets speed, frame and flow control.</summary>
    public void Configure(TerminalSettings settings)
    {
        using (_lock.Enter())
        {
            _line.Configure(settings);
        }
    }

    /// <summary>Begins or ends a break.</summary>
    public void SetBreak(bool on)
    {
        using (_lock.Enter())
        {
            _line.SetBreak(on);
        }
    }

    /// <summary>Raises and drops lines.</summary>
    public void SetLines(ModemLines drop, ModemLines raise)
    {
        using (_lock.Enter())
        {
            _line.SetLines(drop, raise);
        }
    }

    /// <summary>Stops and starts the output, see <see cref="UartLine.SetStopped"/>.</summary>
    public void SetStopped(bool isStopped)
    {
        using (_lock.Enter())
        {
            _line.SetStopped(isStopped);
        }
    }

    /// <summary>Puts bytes into the ring, as many as there is room for.</summary>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        using (_lock.Enter())
        {
            _line.Send(bytes);
        }
    }

    /// <summary>Sends a byte before everything else, see <see cref="UartLine.SendUrgently"/>.</summary>
    public void SendUrgently(byte value)
    {
        using (_lock.Enter())
        {
            _line.SendUrgently(value);
        }
    }

    /// <summary>Forgets what was not sent.</summary>
    public void Discard()
    {
        using (_lock.Enter())
        {
            _line.Discard();
        }

        _sent.WakeAll();
    }

    /// <summary>Takes what came, see <see cref="UartLine.Take"/>.</summary>
    public int Take(Span<byte> to, Span<InputMark> marks)
    {
        using (_lock.Enter())
        {
            return _line.Take(to, marks);
        }
    }

    /// <summary>Whether the carrier was lost since the last time.</summary>
    public bool TakeCarrierLoss()
    {
        using (_lock.Enter())
        {
            return _line.TakeCarrierLoss();
        }
    }

    /// <summary>There is something for the terminal's task to do: bytes, room, a change. Any context but NMI.</summary>
    [NoAllocation]
    public void WakeWorker()
    {
        Interlocked.Exchange(ref _hasWork, 1);
        _work.WakeAll();
    }

    /// <summary>Waits for <see cref="WakeWorker"/>; several of them count as one. Task context, by one task.</summary>
    [MightSleep]
    public void WaitForWork()
    {
        using WaitQueue.Wait wait = _work.Begin(mode: WaitMode.Uninterruptible);
        while (true)
        {
            wait.Prepare();
            if (Interlocked.Exchange(ref _hasWork, 0) != 0)
            {
                return;
            }

            wait.Sleep();
        }
    }

    /// <summary>Waits until everything has left the transmitter, or the port was closed. Task context.</summary>
    /// <param name="deadline">Monotonic nanoseconds at which to give up.</param>
    /// <returns>False when the wait was interrupted.</returns>
    [MightSleep]
    public bool Drain(ulong deadline)
    {
        while (true)
        {
            // The last bits leave without an interrupt.
            using WaitQueue.Wait wait = _sent.Begin(Math.Min(Clock.MonotonicNanoseconds + WatchNanoseconds, deadline));
            wait.Prepare();
            using (_lock.Enter())
            {
                if (!_line.IsOpen || _line.HasSentAll)
                {
                    return true;
                }
            }

            if (wait.Sleep() == WaitResult.Interrupted)
            {
                return false;
            }

            if (Clock.MonotonicNanoseconds >= deadline)
            {
                return true;
            }
        }
    }

    /// <summary>Waits until one of some modem lines changes (TIOCMIWAIT). Task context.</summary>
    /// <returns>False when the wait was interrupted or the port was closed.</returns>
    [MightSleep]
    public bool WaitForChange(ModemLines lines)
    {
        LineCounts before = Counts;
        using WaitQueue.Wait wait = _modemChanges.Begin();
        while (true)
        {
            wait.Prepare();
            using (_lock.Enter())
            {
                _line.ReadModem();
                if ((_line.Counts.ChangedSince(in before) & lines) != 0)
                {
                    return true;
                }

                if (!_line.IsOpen)
                {
                    return false;
                }
            }

            if (wait.Sleep() == WaitResult.Interrupted)
            {
                return false;
            }
        }
    }

    /// <inheritdoc/>
    [InterruptContext]
    public override bool Handle()
    {
        bool isMine = false;
        using (_lock.Enter())
        {
            // The line must be low once before this returns, so every cause is served.
            for (int i = 0; i < MostCauses && _line.HasInterrupt; i++)
            {
                isMine = true;
                _line.Service();
            }
        }

        if (isMine)
        {
            WakeAll();
        }

        return isMine;
    }

    [NoAllocation]
    private void WakeAll()
    {
        _sent.WakeAll();
        _modemChanges.WakeAll();
        WakeWorker();
    }

    [InterruptContext]
    private void OnWatch(ulong now)
    {
        bool isOpen;
        using (_lock.Enter())
        {
            isOpen = _line.IsOpen;
            if (isOpen)
            {
                _line.Service();
            }
        }

        if (isOpen)
        {
            WakeAll();
            _watch.Start(now + WatchNanoseconds);
        }
    }

    private sealed class Watch(SerialPort port) : KernelTimer
    {
        protected override void OnExpired(ulong now) => port.OnWatch(now);
    }
}
