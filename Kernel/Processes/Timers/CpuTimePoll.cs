using System;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks.Time;

namespace CosmosKernel.Processes;

/// <summary>
/// Watches CPU time (ITIMER_VIRTUAL and ITIMER_PROF, timers on CPU-time clocks, RLIMIT_CPU). There is no tick to look at it: the moment comes at the earliest when all threads of the
/// process have run since, each on a CPU of its own; then it is looked at again, and so on, with ever shorter steps.
/// </summary>
internal abstract class CpuTimePoll : KernelTimer
{
    // The shortest step, in nanoseconds: how late the moment may be seen.
    private const ulong ShortestStep = 1_000_000;

    [Atomic]
    private ulong _target;

    /// <summary>Whose time.</summary>
    [Protocol("Set while the timer is not pending.")]
    public CpuClock Clock { get; set; }

    /// <summary>The CPU time that is waited for, in nanoseconds.</summary>
    public ulong Target => Volatile.Read(ref _target);

    /// <summary>Begins to watch. Any context but NMI, without the lock of the process's signals.</summary>
    /// <param name="target">CPU time in nanoseconds.</param>
    [NoAllocation]
    public void Watch(ulong target)
    {
        Volatile.Write(ref _target, target);
        StartStep(Clock.Read());
    }

    /// <summary>As <see cref="Watch"/>, where the process's signals are locked: the time is read later.</summary>
    [NoAllocation]
    public void WatchSoon(ulong target)
    {
        Volatile.Write(ref _target, target);
        Start(Machine.Time.Clock.MonotonicNanoseconds + ShortestStep);
    }

    /// <summary>The clock has reached the target. Interrupt context, no lock held.</summary>
    [InterruptContext]
    [NoAllocation]
    protected abstract void OnReached(ulong cpuTime);

    /// <inheritdoc/>
    [InterruptContext]
    protected sealed override void OnExpired(ulong now)
    {
        ulong time = Clock.Read();
        if (time >= Target)
        {
            OnReached(time);
        }
        else
        {
            StartStep(time);
        }
    }

    [NoAllocation]
    private void StartStep(ulong time)
    {
        ulong target = Target;
        ulong left = target > time ? target - time : 0;
        int runners = Clock.Thread is null ? Math.Max(1, Math.Min(Clock.Process.ThreadCount, Cpu.Count)) : 1;
        ulong step = Math.Max(left / (ulong)runners, ShortestStep);
        ulong now = Machine.Time.Clock.MonotonicNanoseconds;
        Start(step < long.MaxValue - now ? now + step : long.MaxValue);
    }
}
