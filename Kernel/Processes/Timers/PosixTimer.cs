using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks.Time;

namespace CosmosKernel.Processes;

/// <summary>
/// A timer of timer_create(2). Its signal is queued once at most; the next period begins when it is taken, and expiries that were due before are its overruns (timer_getoverrun(2)).
/// </summary>
internal sealed class PosixTimer : TimerSignal
{
    private readonly Process _process;
    private readonly UserThread? _thread;
    private readonly Expiry _timer;
    private readonly CpuExpiry? _cpuTimer;
    private readonly ClockWatcher _watcher;
    private readonly bool _isRealtime;
    private readonly ulong _value;

    // Taken after the process's signals.
    private IrqSpinLock _lock = new(LockClass.ProcessTimer);

    // The next expiry on the clock, in nanoseconds; 0: not armed.
    [GuardedBy(nameof(_lock))]
    private long _next;

    [GuardedBy(nameof(_lock))]
    private long _interval;

    [GuardedBy(nameof(_lock))]
    private int _overruns;

    [GuardedBy(nameof(_lock))]
    private bool _deleted;

    /// <summary>Makes one that is not armed.</summary>
    /// <param name="id">Its number in the process.</param>
    /// <param name="clock">The clock's number, which a timer can use.</param>
    /// <param name="cpuClock">The clock, if it is one of CPU time.</param>
    /// <param name="process">Whose it is.</param>
    /// <param name="thread">Who gets the signal; null: the process.</param>
    /// <param name="notice">How an expiry is told.</param>
    public PosixTimer(int id, int clock, CpuClock? cpuClock, Process process, UserThread? thread, in SignalEvent notice)
    {
        Id = id;
        _process = process;
        _thread = thread;
        _isRealtime = SystemClocks.IsRealtime(clock);
        _value = notice.Value;
        IsSilent = notice.Notify == TimerConstants.NotifyNone;
        _timer = new Expiry(this);
        _watcher = new ClockWatcher(this);
        _cpuTimer = cpuClock is { } one ? new CpuExpiry(this) { Clock = one } : null;
        Info = new SignalInfo { Number = notice.Signal, Code = SignalCode.SI_TIMER, Word0 = (uint)id, Word1 = _value };
    }

    /// <summary>Its number.</summary>
    public int Id { get; }

    /// <summary>SIGEV_NONE.</summary>
    public bool IsSilent { get; }

    /// <summary>Overruns of the expiry whose signal was taken last.</summary>
    public int Overruns
    {
        get
        {
            using (_lock.Enter())
            {
                return _overruns;
            }
        }
    }

    /// <summary>Arms it, or disarms it when the value is 0. Task context, one setting at a time.</summary>
    /// <param name="value">Nanoseconds to the first expiry, or its moment on the clock.</param>
    /// <param name="interval">Nanoseconds between expiries; 0: only one.</param>
    /// <param name="isAbsolute">The value is a moment.</param>
    public void Set(long value, long interval, bool isAbsolute)
    {
        Stop();
        long now = Now();
        long next = value == 0 ? 0 : isAbsolute ? value : value > long.MaxValue - now ? long.MaxValue : now + value;
        using (_lock.Enter())
        {
            _interval = interval;
            _next = next;
            _overruns = 0;
        }

        if (next == 0 || IsSilent)
        {
            return;
        }

        if (_isRealtime && isAbsolute)
        {
            RealtimeClock.Watch(_watcher);
        }

        if (_cpuTimer is { } cpuTimer)
        {
            cpuTimer.Watch((ulong)next);
        }
        else
        {
            StartTimer(next);
        }
    }

    /// <summary>What is left to the next expiry, and the interval, in nanoseconds; 0 for none. Task context.</summary>
    public void Get(out long value, out long interval)
    {
        long now = Now();
        using (_lock.Enter())
        {
            interval = _interval;
            long next = _next;
            if (next != 0 && next <= now && interval > 0)
            {
                // Silent, or its signal was not taken yet: the next period is reckoned.
                next += (((now - next) / interval) + 1) * interval;
            }

            value = next == 0 || (next <= now && IsSilent) ? 0 : next > now ? next - now : 1;
        }
    }

    /// <summary>It is deleted: nothing of it expires or waits after this. Task context.</summary>
    public void Delete()
    {
        using (_lock.Enter())
        {
            _deleted = true;
            _next = 0;
        }

        Stop();
        Signals.Withdraw(_process, this);
    }

    /// <inheritdoc/>
    [NoAllocation]
    protected internal override bool OnTaken()
    {
        using (_lock.Enter())
        {
            if (_deleted)
            {
                return false;
            }

            int overruns = 0;
            if (_next != 0 && _interval > 0)
            {
                // CPU time cannot be asked for here: what it missed is found when the timer looks again.
                long missed = _cpuTimer is null && WallTime() is var now && now >= _next ? (now - _next) / _interval : 0;
                overruns = missed > TimerConstants.MostOverruns ? TimerConstants.MostOverruns : (int)missed;
                _next = missed + 1 > (long.MaxValue - _next) / _interval ? long.MaxValue : _next + ((missed + 1) * _interval);
                if (_cpuTimer is { } cpuTimer)
                {
                    cpuTimer.WatchSoon((ulong)_next);
                }
                else
                {
                    StartTimer(_next);
                }
            }
            else
            {
                _next = 0;
            }

            _overruns = overruns;
            Info.Word0 = (uint)Id | ((ulong)(uint)overruns << 32);
            return true;
        }
    }

    private void Stop()
    {
        RealtimeClock.Unwatch(_watcher);
        _timer.CancelAndWait();
        _cpuTimer?.CancelAndWait();
    }

    [NoAllocation]
    private long Now() => _cpuTimer is { } timer ? (long)timer.Clock.Read() : WallTime();

    [NoAllocation]
    private long WallTime() => _isRealtime ? Clock.RealtimeNanoseconds : (long)Clock.MonotonicNanoseconds;

    [NoAllocation]
    private void StartTimer(long next) => _timer.Start(_isRealtime ? RealtimeClock.ToMonotonic(next) : (ulong)next);

    [InterruptContext]
    [NoAllocation]
    private void OnExpired()
    {
        bool isDue;
        bool isEarly;
        long next;
        using (_lock.Enter())
        {
            next = _next;
            isDue = next != 0 && !_deleted;
            isEarly = isDue && _cpuTimer is null && WallTime() < next;
        }

        if (isEarly)
        {
            // Real time was set back.
            StartTimer(next);
            return;
        }

        if (!isDue)
        {
            return;
        }

        bool sent = _thread is { } thread ? Signals.SendTimer(thread, this) : Signals.SendTimer(_process, this);
        if (!sent)
        {
            SkipPeriod();
        }
    }

    // Ignored, or still queued from before the last setting: nobody takes the signal of this expiry, so the next period begins at once.
    [InterruptContext]
    [NoAllocation]
    private void SkipPeriod()
    {
        long next;
        using (_lock.Enter())
        {
            next = _next;
            if (_deleted || next == 0 || _interval == 0)
            {
                return;
            }

            next += _interval;
            _next = next;
        }

        if (_cpuTimer is { } cpuTimer)
        {
            cpuTimer.Watch((ulong)next);
        }
        else
        {
            StartTimer(next);
        }
    }

    [InterruptContext]
    [NoAllocation]
    private void OnClockSet()
    {
        using (_lock.Enter())
        {
            if (_next != 0 && !IsQueued)
            {
                StartTimer(_next);
            }
        }
    }

    private sealed class Expiry(PosixTimer timer) : KernelTimer
    {
        /// <inheritdoc/>
        [InterruptContext]
        protected override void OnExpired(ulong now) => timer.OnExpired();
    }

    private sealed class CpuExpiry(PosixTimer timer) : CpuTimePoll
    {
        /// <inheritdoc/>
        [InterruptContext]
        [NoAllocation]
        protected override void OnReached(ulong cpuTime) => timer.OnExpired();
    }

    private sealed class ClockWatcher(PosixTimer timer) : RealtimeWatcher
    {
        /// <inheritdoc/>
        [InterruptContext]
        protected override void OnClockSet() => timer.OnClockSet();
    }
}
