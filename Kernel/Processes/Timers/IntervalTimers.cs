using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks.Time;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Processes;

/// <summary>The three interval timers of a process (setitimer(2)): real time, user time, CPU time. An expiry sends a signal to the process, one for all that come before it is taken.</summary>
internal sealed class IntervalTimers
{
    // Periods are no shorter, so that a program cannot keep a CPU busy with interrupts, in nanoseconds.
    private const long ShortestPeriod = 100_000;

    private readonly Mutex _lock = new("interval timers");
    private readonly RealTimer _real;
    private readonly CpuTimer _virtual;
    private readonly CpuTimer _profile;

    public IntervalTimers(Process process)
    {
        _real = new RealTimer(process);
        _virtual = new CpuTimer(process, Signal.SIGVTALRM) { Clock = new CpuClock(process, null, SystemClocks.KindUser) };
        _profile = new CpuTimer(process, Signal.SIGPROF) { Clock = new CpuClock(process, null, SystemClocks.KindAll) };
    }

    /// <summary>What is left of a timer, and its interval, in nanoseconds; 0 for none. Task context.</summary>
    /// <param name="which">ITIMER_*.</param>
    /// <param name="value">What is left.</param>
    /// <param name="interval">The interval.</param>
    [MightSleep]
    public void Get(int which, out long value, out long interval)
    {
        using (_lock.Enter())
        {
            Read(which, out value, out interval);
        }
    }

    /// <summary>Sets a timer; a value of 0 stops it. Task context.</summary>
    [MightSleep]
    public void Set(int which, long value, long interval, out long oldValue, out long oldInterval)
    {
        using (_lock.Enter())
        {
            Read(which, out oldValue, out oldInterval);
            if (which == TimerConstants.IntervalReal)
            {
                _real.CancelAndWait();
                _real.Interval = interval;
                if (value != 0)
                {
                    _real.Start((ulong)WaitClock.After(value));
                }

                return;
            }

            CpuTimer timer = CpuTimerOf(which);
            timer.CancelAndWait();
            timer.Interval = interval;
            if (value != 0)
            {
                timer.Watch(timer.Clock.Read() + (ulong)value);
            }
        }
    }

    /// <summary>The process ends: nothing expires after this. Task context.</summary>
    [MightSleep]
    public void Stop()
    {
        using (_lock.Enter())
        {
            _real.CancelAndWait();
            _virtual.CancelAndWait();
            _profile.CancelAndWait();
        }
    }

    private CpuTimer CpuTimerOf(int which) => which == TimerConstants.IntervalVirtual ? _virtual : _profile;

    private void Read(int which, out long value, out long interval)
    {
        if (which == TimerConstants.IntervalReal)
        {
            interval = _real.Interval;
            value = _real.IsPending ? Left(_real.Deadline, Clock.MonotonicNanoseconds) : 0;
        }
        else
        {
            CpuTimer timer = CpuTimerOf(which);
            interval = timer.Interval;
            value = timer.IsPending ? Left(timer.Target, timer.Clock.Read()) : 0;
        }
    }

    // Running and due this moment: not 0, which says that it does not run. A microsecond is the least that the interface can tell.
    private static long Left(ulong end, ulong now) => end > now + 1000 ? (long)(end - now) : 1000;

    private sealed class RealTimer(Process process) : KernelTimer
    {
        [Atomic]
        private long _interval;

        public long Interval
        {
            get => Volatile.Read(ref _interval);
            set => Volatile.Write(ref _interval, value);
        }

        /// <inheritdoc/>
        [InterruptContext]
        protected override void OnExpired(ulong now)
        {
            _ = Signals.SendAtomic(process, SignalInfo.Kernel(Signal.SIGALRM));
            if (Interval is > 0 and var interval)
            {
                // From the moment when it was due, so that periods do not drift; what was missed altogether is skipped.
                ulong period = (ulong)System.Math.Max(interval, ShortestPeriod);
                ulong next = Deadline + period;
                Start(next > now ? next : now + period);
            }
        }
    }

    private sealed class CpuTimer(Process process, int signal) : CpuTimePoll
    {
        [Atomic]
        private long _interval;

        public long Interval
        {
            get => Volatile.Read(ref _interval);
            set => Volatile.Write(ref _interval, value);
        }

        /// <inheritdoc/>
        [InterruptContext]
        [NoAllocation]
        protected override void OnReached(ulong cpuTime)
        {
            _ = Signals.SendAtomic(process, SignalInfo.Kernel(signal));
            if (Interval is > 0 and var interval)
            {
                Watch(System.Math.Max(Target + (ulong)interval, cpuTime));
            }
        }
    }
}
