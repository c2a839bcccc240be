using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Abi.Terminals;
using CosmosKernel.Files.Modules;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Terminals;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Drivers.SerialTerminals;

/// <summary>/dev/ttySN: a line discipline in front of a serial port, and a task that hands over what came.</summary>
internal sealed class SerialTerminal(ModuleContext owner, DeviceNumber number, string name, SerialPort port) : ModuleTerminal(owner, number, name, TerminalSettings.Serial), IDisposable
{
    // As Linux: how long the last close waits for what was written.
    private const ulong ClosingWait = 30_000_000_000;

    [Atomic]
    private int _isGone;

    [Protocol("Set by Start, joined by Dispose: the module's start and stop.")]
    private TaskStruct? _task;

    /// <inheritdoc/>
    public override int Room => port.Room;

    /// <inheritdoc/>
    public override int Waiting => port.Unsent;

    /// <inheritdoc/>
    protected override bool CanBreak => true;

    /// <summary>Begins to hand over.</summary>
    [MightSleep]
    public void Start() => _task = KernelTask.Start(Name, Work);

    /// <summary>The module stops; no file is open.</summary>
    [MightSleep]
    public void Dispose()
    {
        Volatile.Write(ref _isGone, 1);
        port.Close(hangUp: true);
        port.WakeWorker();
        _task?.Kill();
        _task?.JoinUninterruptible();
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void Put(ReadOnlySpan<byte> bytes) => port.Send(bytes);

    /// <inheritdoc/>
    [MightSleep]
    public override void Discard() => port.Discard();

    /// <inheritdoc/>
    [MightSleep]
    public override void FlowChanged(bool isStopped) => port.SetStopped(isStopped);

    /// <inheritdoc/>
    [MightSleep]
    public override bool TrySendUrgently(byte value)
    {
        port.SendUrgently(value);
        return true;
    }

    /// <inheritdoc/>
    [RequiresLock(nameof(Lock))]
    protected override int TakeReceived(Span<byte> bytes, Span<InputMark> marks) => port.Take(bytes, marks);

    /// <inheritdoc/>
    [RequiresLock(nameof(Lock))]
    protected override void ReceiveRoomCame() => port.WakeWorker();

    /// <inheritdoc/>
    [MightSleep]
    protected override bool Drain() => port.Drain(Scheduler.Never);

    /// <inheritdoc/>
    [MightSleep]
    protected override void SetBreak(bool on) => port.SetBreak(on);

    /// <inheritdoc/>
    [MightSleep]
    [RequiresLock(nameof(Lock))]
    protected override Errno DeviceOpening(TerminalSettings settings)
    {
        if (Volatile.Read(ref _isGone) != 0)
        {
            // Another one has the device by now.
            return Errno.ENXIO;
        }

        port.Open(settings);
        return Errno.Ok;
    }

    /// <inheritdoc/>
    [MightSleep]
    protected override void LastClosing()
    {
        if (IsStoppedByProgram)
        {
            // Nobody is left who could start it.
            port.Discard();
        }

        port.Drain(Clock.MonotonicNanoseconds + ClosingWait);
    }

    /// <inheritdoc/>
    [MightSleep]
    [RequiresLock(nameof(Lock))]
    protected override void DeviceClosed(TerminalSettings settings)
    {
        port.Close((settings.Control & ControlFlags.HangUpOnClose) != 0);
        DropInput();
    }

    /// <inheritdoc/>
    [RequiresLock(nameof(Lock))]
    protected override void SettingsChanged(TerminalSettings before, TerminalSettings after) => port.Configure(after);

    /// <summary>What is faster than the device is as fast as it can; termios(3) lets a program see what it got.</summary>
    /// <inheritdoc/>
    [RequiresLock(nameof(Lock))]
    protected override TerminalSettings Accept(TerminalSettings wanted) => wanted.OutputSpeed > Serial.Uart.HighestBaud ? wanted.WithSpeed(ControlFlags.Baud115200) : wanted;

    /// <inheritdoc/>
    [MightSleep]
    [SuppressMessage("Locking", "CKL030", Justification = "The argument of TIOCMIWAIT is a number, no address.")]
    protected override long Control(uint request, ControlArgument argument)
    {
        switch ((TerminalRequest)request)
        {
            case TerminalRequest.TIOCMGET:
                return argument.TryWrite((int)port.Lines) ? 0 : -(long)Errno.EFAULT;
            case TerminalRequest.TIOCMSET or TerminalRequest.TIOCMBIS or TerminalRequest.TIOCMBIC:
                if (!argument.TryRead(out int bits))
                {
                    return -(long)Errno.EFAULT;
                }

                var lines = (ModemLines)bits & ModemLines.Outputs;
                port.SetLines(
                    (TerminalRequest)request == TerminalRequest.TIOCMSET ? ModemLines.Outputs : (TerminalRequest)request == TerminalRequest.TIOCMBIC ? lines : 0,
                    (TerminalRequest)request == TerminalRequest.TIOCMBIC ? 0 : lines);
                return 0;
            case TerminalRequest.TIOCMIWAIT:
                return port.WaitForChange((ModemLines)(int)argument.Value) ? 0 : -(long)Errno.ERESTARTSYS;
            case TerminalRequest.TIOCGICOUNT:
                Span<byte> counts = stackalloc byte[LineCounts.Bytes];
                port.Counts.Write(counts);
                return argument.TryWrite(counts) ? 0 : -(long)Errno.EFAULT;
            default:
                return base.Control(request, argument);
        }
    }

    // It never waits for a reader: what does not fit stays in the port's ring, so that RTS is dropped, and is taken after a read has made room (ReceiveRoomCame).
    [MightSleep]
    private void Work()
    {
        while (Volatile.Read(ref _isGone) == 0)
        {
            port.WaitForWork();
            if (ReceiveFromDevice())
            {
                port.WakeWorker();
            }

            if (port.TakeCarrierLoss() && (Settings.Control & ControlFlags.Local) == 0)
            {
                LineLost();
            }

            using (Lock.Enter())
            {
                RoomCame();
            }
        }
    }
}
