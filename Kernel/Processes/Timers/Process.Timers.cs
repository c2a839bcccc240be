using System.Collections.Generic;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Processes;

// The process's timers. Most processes have none: they are made when they are asked for.
public sealed partial class Process
{
    private readonly Mutex _timersLock = new("timers");

    [GuardedBy(nameof(_timersLock))]
    private Dictionary<int, PosixTimer>? _timers;

    [GuardedBy(nameof(_timersLock))]
    private int _nextTimer;

    [Atomic]
    private IntervalTimers? _intervalTimers;

    [Atomic]
    private CpuLimitWatch? _cpuLimit;

    [Atomic]
    private RealTimeLimitWatch? _realTimeLimit;

    /// <summary>What is left of an interval timer, and its interval, in nanoseconds; 0 for none (getitimer(2)). Task context.</summary>
    /// <param name="which">ITIMER_*.</param>
    /// <param name="value">What is left.</param>
    /// <param name="interval">The interval.</param>
    [MightSleep]
    public void GetInterval(int which, out long value, out long interval)
    {
        value = 0;
        interval = 0;
        Volatile.Read(ref _intervalTimers)?.Get(which, out value, out interval);
    }

    /// <summary>Sets an interval timer (setitimer(2)). Task context.</summary>
    [MightSleep]
    public void SetInterval(int which, long value, long interval, out long oldValue, out long oldInterval)
    {
        IntervalTimers timers = Volatile.Read(ref _intervalTimers) ?? MakeIntervalTimers();
        timers.Set(which, value, interval, out oldValue, out oldInterval);
    }

    /// <summary>Makes a timer (timer_create(2)). Task context.</summary>
    /// <param name="clock">The clock's number, which timers can use.</param>
    /// <param name="cpuClock">The clock, if it is one of CPU time.</param>
    /// <param name="thread">Who gets the signal; null: the process.</param>
    /// <param name="notice">How an expiry is told; null: SIGALRM with the timer's number.</param>
    /// <param name="id">Its number.</param>
    /// <returns>Ok; EAGAIN: as many timers as RLIMIT_SIGPENDING allows.</returns>
    [MightSleep]
    public Errno CreateTimer(int clock, CpuClock? cpuClock, UserThread? thread, SignalEvent? notice, out int id)
    {
        using (_timersLock.Enter())
        {
            _timers ??= [];
            id = _nextTimer;
            if ((ulong)_timers.Count >= Limits.Current(ResourceLimit.RLIMIT_SIGPENDING))
            {
                return Errno.EAGAIN;
            }

            while (_timers.ContainsKey(id))
            {
                id = (id + 1) & int.MaxValue;
            }

            _nextTimer = (id + 1) & int.MaxValue;
            SignalEvent told = notice ?? new SignalEvent { Notify = TimerConstants.NotifySignal, Signal = Signal.SIGALRM, Value = (ulong)id };
            _timers.Add(id, new PosixTimer(id, clock, cpuClock, this, thread, told));
            return Errno.Ok;
        }
    }

    /// <summary>Sets a timer (timer_settime(2)). Task context.</summary>
    /// <returns>Ok; EINVAL: there is no such timer.</returns>
    [MightSleep]
    public Errno SetTimer(int id, long value, long interval, bool isAbsolute, out long oldValue, out long oldInterval)
    {
        oldValue = 0;
        oldInterval = 0;
        using (_timersLock.Enter())
        {
            if (_timers is null || !_timers.TryGetValue(id, out PosixTimer? timer))
            {
                return Errno.EINVAL;
            }

            timer.Get(out oldValue, out oldInterval);
            timer.Set(value, interval, isAbsolute);
            return Errno.Ok;
        }
    }

    /// <summary>What a timer has left, and its interval (timer_gettime(2)). Task context.</summary>
    /// <returns>Ok; EINVAL: there is no such timer.</returns>
    [MightSleep]
    public Errno GetTimer(int id, out long value, out long interval)
    {
        value = 0;
        interval = 0;
        using (_timersLock.Enter())
        {
            if (_timers is null || !_timers.TryGetValue(id, out PosixTimer? timer))
            {
                return Errno.EINVAL;
            }

            timer.Get(out value, out interval);
            return Errno.Ok;
        }
    }

    /// <summary>Overruns of a timer's last signal (timer_getoverrun(2)). Task context.</summary>
    /// <returns>The number; -EINVAL: there is no such timer.</returns>
    [MightSleep]
    public long GetTimerOverruns(int id)
    {
        using (_timersLock.Enter())
        {
            return _timers is not null && _timers.TryGetValue(id, out PosixTimer? timer) ? timer.Overruns : -(long)Errno.EINVAL;
        }
    }

    /// <summary>Deletes a timer (timer_delete(2)). Task context.</summary>
    /// <returns>Ok; EINVAL: there is no such timer.</returns>
    [MightSleep]
    public Errno DeleteTimer(int id)
    {
        using (_timersLock.Enter())
        {
            if (_timers is null || !_timers.Remove(id, out PosixTimer? timer))
            {
                return Errno.EINVAL;
            }

            timer.Delete();
            return Errno.Ok;
        }
    }

    /// <summary>The process executes another program: timers of timer_create(2) go, interval timers stay (execve(2)). Task context.</summary>
    [MightSleep]
    public void DeleteTimers()
    {
        using (_timersLock.Enter())
        {
            if (_timers is not { } timers)
            {
                return;
            }

            foreach (PosixTimer timer in timers.Values)
            {
                timer.Delete();
            }

            _timers = null;
        }
    }

    /// <summary>The process ends: no timer of it expires after this. Task context; may be called again.</summary>
    [MightSleep]
    public void ReleaseTimers()
    {
        DeleteTimers();
        Volatile.Read(ref _intervalTimers)?.Stop();
        Volatile.Read(ref _cpuLimit)?.CancelAndWait();
        Volatile.Read(ref _realTimeLimit)?.CancelAndWait();
    }

    /// <summary>RLIMIT_CPU or RLIMIT_RTTIME may have changed, or the process is new: watches them, if there are limits. Task context; allocates when there are.</summary>
    public void WatchTimeLimits()
    {
        if (Limits.Get(ResourceLimit.RLIMIT_RTTIME) is not { Current: ResourceLimit.RLIM_INFINITY, Maximum: ResourceLimit.RLIM_INFINITY })
        {
            RealTimeLimitWatch realTime = Volatile.Read(ref _realTimeLimit) ?? MakeRealTimeLimitWatch();
            realTime.Begin();
        }

        if (Limits.Get(ResourceLimit.RLIMIT_CPU) is { Current: ResourceLimit.RLIM_INFINITY, Maximum: ResourceLimit.RLIM_INFINITY })
        {
            return;
        }

        CpuLimitWatch watch = Volatile.Read(ref _cpuLimit) ?? MakeCpuLimitWatch();
        watch.Begin();
    }

    private RealTimeLimitWatch MakeRealTimeLimitWatch()
    {
        RealTimeLimitWatch made = new(this);
        return Interlocked.CompareExchange(ref _realTimeLimit, made, null) ?? made;
    }

    private IntervalTimers MakeIntervalTimers()
    {
        IntervalTimers made = new(this);
        return Interlocked.CompareExchange(ref _intervalTimers, made, null) ?? made;
    }

    private CpuLimitWatch MakeCpuLimitWatch()
    {
        CpuLimitWatch made = new(this);
        return Interlocked.CompareExchange(ref _cpuLimit, made, null) ?? made;
    }
}
