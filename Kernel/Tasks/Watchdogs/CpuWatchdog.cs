using System;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tasks.Watchdogs;

/// <summary>
/// Watches one CPU from its own clock's interrupt, five times in two thresholds. At each it asks the CPU to run its scheduler: a CPU that has not done so for two thresholds runs with preemption
/// off (a soft lockup). And it looks whether the next CPU's timer still comes: a CPU whose timer does not has its interrupts off (a hard lockup), and writes its stack by NMI.
/// Nothing is counted on paths that are used otherwise.
/// </summary>
internal sealed class CpuWatchdog : CpuWatch
{
    // Periods in the two thresholds of a soft lockup, and as many of the next CPU's as must have been missed for a hard one.
    private const int SoftLooks = 5;
    private const int HardLooks = 3;

    private readonly RunQueue _queue;
    private readonly ulong _threshold;
    private readonly ulong _period;

    [Atomic]
    private ulong _lastBeat;

    // Whether the scheduler has run though it was asked to; whether the next CPU's timer comes. Of this CPU's interrupt.
    [PerCpu]
    private StuckCounter _scheduler;

    [PerCpu]
    private StuckCounter _nextTimer;

    [PerCpu]
    private long _switches;

    [PerCpu]
    private ulong _nextBeat;

    /// <summary>Makes one for a CPU; <see cref="Begin"/> starts it there.</summary>
    public CpuWatchdog(RunQueue queue, ulong threshold)
    {
        _queue = queue;
        _threshold = threshold;
        _period = threshold * 2 / 5;
        _lastBeat = Clock.MonotonicNanoseconds;
        _scheduler = new StuckCounter(_lastBeat);
        _nextTimer = new StuckCounter(_lastBeat);
    }

    /// <summary>The next CPU's watchdog; null when there is one CPU. Set once, before any of them starts.</summary>
    [Immutable]
    public CpuWatchdog? Next { get; [BeforePublication] set; }

    /// <summary>Starts it. A task that is bound to its CPU.</summary>
    public void Begin()
    {
        ulong flags = InterruptFlag.Disable();
        _queue.StartWatch(this, Clock.MonotonicNanoseconds + _period);
        InterruptFlag.Restore(flags);
    }

    /// <inheritdoc/>
    [InterruptContext]
    internal override ulong OnDue(ulong now)
    {
        Volatile.Write(ref _lastBeat, now);
        CheckThisCpu(now);
        if (Next is { } next)
        {
            CheckNextCpu(next, now);
        }

        LocalCpu.NeedResched = true;
        return now + _period;
    }

    [InterruptContext]
    private void CheckThisCpu(ulong now)
    {
        // Stuck: the request of the last time is still there, and no switch was made.
        bool hasRun = !LocalCpu.NeedResched || _switches != _queue.Switches;
        _switches = _queue.Switches;
        if (!_scheduler.Look(hasRun, now, SoftLooks, 2 * _threshold, out ulong stuck))
        {
            return;
        }

        LockupReport.Begin("watchdog: BUG: soft lockup - CPU#"u8, _queue.Index, stuck);
        StackRequest.WriteHere();
        if (LockupReport.SoftIsPanic)
        {
            Panic.Now("A CPU does not run its scheduler: soft lockup"u8);
        }
    }

    [InterruptContext]
    private void CheckNextCpu(CpuWatchdog next, ulong now)
    {
        ulong beat = Volatile.Read(ref next._lastBeat);
        bool hasCome = beat != _nextBeat;
        _nextBeat = beat;
        if (!_nextTimer.Look(hasCome, now, HardLooks, _threshold, out ulong stuck))
        {
            return;
        }

        LockupReport.Begin("watchdog: BUG: hard lockup - CPU#"u8, next._queue.Index, stuck);
        if (!StackRequest.Ask(next._queue.Index))
        {
            EarlyConsole.WriteLine("  it does not answer an NMI either"u8);
        }

        if (LockupReport.HardIsPanic)
        {
            Panic.Now("A CPU takes no interrupts: hard lockup"u8);
        }
    }
}
