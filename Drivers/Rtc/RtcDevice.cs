using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Polling;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Deferred.Work;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Drivers.Rtc;

/// <summary>The clock as a device: its time and alarm, and the interrupts that whoever has it open counts.</summary>
internal sealed class RtcDevice
{
    /// <summary>Whoever is not privileged gets periodic interrupts no faster, in hertz (rtc(4)).</summary>
    public const int MostUserHertz = 64;

    private const byte StatusC = 0x0C;
    private const int SecondsPerDay = 86_400;
    private const int MostCauses = 16;

    // IRQF of status C: one of the enabled causes is there.
    private const byte Requested = 0x80;

    private readonly CmosRegisters _registers;
    private readonly Mutex _lock = new("rtc");
    private readonly AlarmWork _alarmWork;

    [GuardedBy(nameof(_lock))]
    private readonly ClockChip _chip;

    [GuardedBy(nameof(_lock))]
    private RtcInterrupts _enabled;

    [GuardedBy(nameof(_lock))]
    private int _hertz = 1024;

    // When the alarm is due, in seconds since 1970; -1 when none was set.
    [GuardedBy(nameof(_lock))]
    private long _alarm = -1;

    private IrqSpinLock _eventLock = new(LockClasses.Register("rtc.events"));

    // Interrupts that were not read: their kinds, and how many.
    [GuardedBy(nameof(_eventLock))]
    private RtcInterrupts _kinds;

    [GuardedBy(nameof(_eventLock))]
    private uint _count;

    [Atomic]
    private int _isOpen;

    /// <summary>Makes the device over its chip, and turns all of the chip's interrupts off. Task context.</summary>
    public RtcDevice(CmosRegisters registers, byte centuryIndex)
    {
        _registers = registers;
        _chip = new ClockChip(registers, centuryIndex);
        _alarmWork = new AlarmWork(this);
        Interrupt = new ChipInterrupt(this);
    }

    /// <summary>Serves ISA interrupt 8.</summary>
    public InterruptHandler Interrupt { get; }

    /// <summary>Turns the interrupts of an alarm off after it has come.</summary>
    public WorkItem EndOfAlarm => _alarmWork;

    /// <summary>Who waits for interrupts.</summary>
    public PollQueue Queue { get; } = new("rtc");

    /// <summary>Whether an interrupt was not read. Any context but NMI.</summary>
    public bool HasEvent
    {
        get
        {
            using (_eventLock.Enter())
            {
                return _count > 0;
            }
        }
    }

    /// <summary>Looks whether there is a clock, and begins with all interrupts off. Task context.</summary>
    [MightSleep]
    public bool Start()
    {
        using (_lock.Enter())
        {
            if (!_chip.Detect())
            {
                return false;
            }

            SetInterrupts(RtcInterrupts.None);
            _chip.SetRate(_hertz);
            _ = _registers.Read(StatusC);
            return true;
        }
    }

    /// <summary>Turns all interrupts off. Task context.</summary>
    [MightSleep]
    public void Stop()
    {
        using (_lock.Enter())
        {
            SetInterrupts(RtcInterrupts.None);
        }

        _alarmWork.CancelAndWait();
        Queue.WakeAll(PollEvents.HangUp);
    }

    /// <summary>Opens it: one at a time.</summary>
    public bool TryOpen() => Interlocked.CompareExchange(ref _isOpen, 1, 0) == 0;

    /// <summary>The opener goes: its periodic and update interrupts end; an alarm stays (rtc(4)). Task context.</summary>
    [MightSleep]
    public void Close()
    {
        using (_lock.Enter())
        {
            SetInterrupts(_enabled & RtcInterrupts.Alarm);
        }

        TakeEvents();
        Volatile.Write(ref _isOpen, 0);
    }

    /// <summary>Takes what interrupted since the last time: kinds in the low byte, and the number above them; 0 for nothing. Any context but NMI.</summary>
    public ulong TakeEvents()
    {
        using (_eventLock.Enter())
        {
            ulong events = _count == 0 ? 0 : ((ulong)_count << 8) | (byte)_kinds;
            _count = 0;
            _kinds = RtcInterrupts.None;
            return events;
        }
    }

    /// <summary>Reads the time. Task context.</summary>
    /// <returns>EINVAL: the chip holds none.</returns>
    [MightSleep]
    public Errno Read(out RtcTime time)
    {
        using (_lock.Enter())
        {
            return _chip.TryRead(out time) ? Errno.Ok : Errno.EINVAL;
        }
    }

    /// <summary>Sets the time. Task context.</summary>
    /// <returns>EINVAL: there is no such time, or the chip cannot hold it.</returns>
    [MightSleep]
    public Errno Write(RtcTime time)
    {
        using (_lock.Enter())
        {
            return _chip.TryWrite(time) ? Errno.Ok : Errno.EINVAL;
        }
    }

    /// <summary>Turns interrupts on or off. Task context.</summary>
    [MightSleep]
    public void Enable(RtcInterrupts which, bool on)
    {
        using (_lock.Enter())
        {
            SetInterrupts(on ? _enabled | which : _enabled & ~which);
        }
    }

    /// <summary>What is set. Task context.</summary>
    [MightSleep]
    public RtcState GetState()
    {
        using (_lock.Enter())
        {
            return new RtcState(_enabled, _hertz, _alarm, _chip.ReadAlarm(), _chip.IsBinary, _chip.Is24Hour, _chip.BatteryIsGood);
        }
    }

    /// <summary>Sets how often the periodic interrupt comes. Task context.</summary>
    /// <returns>EINVAL: not a power of two from 2 to 8192.</returns>
    [MightSleep]
    public Errno SetRate(ulong hertz)
    {
        if (hertz is < 2 or > 8192 || !System.Numerics.BitOperations.IsPow2(hertz))
        {
            return Errno.EINVAL;
        }

        using (_lock.Enter())
        {
            _hertz = (int)hertz;
            _chip.SetRate(_hertz);
        }

        return Errno.Ok;
    }

    /// <summary>Sets the alarm: the chip compares hours, minutes and seconds, so it can be a day ahead. Task context.</summary>
    /// <param name="time">When.</param>
    /// <param name="on">It interrupts.</param>
    /// <returns>EINVAL: no such time, or (when it interrupts) past, or more than a day ahead.</returns>
    [MightSleep]
    public Errno SetAlarm(RtcTime time, bool on)
    {
        using (_lock.Enter())
        {
            if (!time.IsValid || !_chip.TryRead(out RtcTime now) || (on && (time.Seconds <= now.Seconds || time.Seconds > now.Seconds + SecondsPerDay)))
            {
                return Errno.EINVAL;
            }

            SetInterrupts(_enabled & ~RtcInterrupts.Alarm);
            _alarm = time.Seconds;
            _chip.WriteAlarm(time.Hour, time.Minute, time.Second);
            SetInterrupts(on ? _enabled | RtcInterrupts.Alarm : _enabled);
            return Errno.Ok;
        }
    }

    /// <summary>Sets the alarm to the next time that a clock shows some time of day; it interrupts only once <see cref="Enable"/> says so. Task context.</summary>
    [MightSleep]
    public Errno SetAlarmOfDay(int hour, int minute, int second)
    {
        if (hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 59 || Read(out RtcTime now) != Errno.Ok)
        {
            return Errno.EINVAL;
        }

        RtcTime today = now with { Hour = hour, Minute = minute, Second = second };
        return SetAlarm(today.Seconds > now.Seconds ? today : RtcTime.FromSeconds(today.Seconds + SecondsPerDay), on: false);
    }

    [RequiresLock(nameof(_lock))]
    private void SetInterrupts(RtcInterrupts on)
    {
        _enabled = on;
        _chip.SetInterrupts(on);
    }

    // The interrupt is edge-triggered, and the chip's line stays as long as status C was not read: all causes are taken.
    [InterruptContext]
    private bool Serve()
    {
        RtcInterrupts kinds = RtcInterrupts.None;
        uint count = 0;
        using (_eventLock.Enter())
        {
            for (int i = 0; i < MostCauses; i++)
            {
                RtcInterrupts cause = (RtcInterrupts)_registers.Read(StatusC);
                if (((byte)cause & Requested) == 0)
                {
                    break;
                }

                kinds |= cause & RtcInterrupts.All;
                count++;
            }

            _kinds |= kinds;
            _count += count;
        }

        if (count == 0)
        {
            return false;
        }

        if ((kinds & RtcInterrupts.Alarm) != 0)
        {
            _alarmWork.Queue();
        }

        Queue.Wake(PollEvents.Readable);
        return true;
    }

    // An alarm comes once, not every day.
    private sealed class AlarmWork(RtcDevice device) : WorkItem(WorkQueues.Default)
    {
        protected override void Execute() => device.Enable(RtcInterrupts.Alarm, on: false);
    }

    private sealed class ChipInterrupt(RtcDevice device) : InterruptHandler
    {
        public override string Name => "rtc";

        public override bool Handle() => device.Serve();
    }
}
