using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Time;

namespace CosmosKernel.Tasks;

// What time a task used, how late its sleeps may end, and the timers that go with it.
public sealed partial class TaskStruct
{
    /// <summary>The slack of the first task in nanoseconds; all others inherit (prctl(2), PR_SET_TIMERSLACK).</summary>
    public const ulong InitialTimerSlack = 50_000;

    // What it was created with: the slack of its creator at that time.
    private readonly ulong _defaultTimerSlack;

    [Atomic]
    private ulong _timerSlack;

    /// <summary>When it was made, in nanoseconds on the monotonic clock (proc(5), starttime).</summary>
    public ulong StartNanoseconds { get; } = Clock.MonotonicNanoseconds;

    /// <summary>
    /// How late the sleeps and timed waits of the task may end, in nanoseconds, so that several expire at one interrupt of the clock. Setting 0 goes back to what its creator had
    /// (prctl(2), PR_SET_TIMERSLACK). Real-time and deadline tasks have none, whatever is set.
    /// </summary>
    public ulong TimerSlack
    {
        get => Volatile.Read(ref _timerSlack);
        set => Volatile.Write(ref _timerSlack, value == 0 ? _defaultTimerSlack : value);
    }

    /// <summary>The slack that its next timed sleep has.</summary>
    [NoAllocation]
    internal ulong EffectiveTimerSlack => Priority < TaskPriority.FirstNice ? 0 : Volatile.Read(ref _timerSlack);

    /// <summary>Time that interrupts took while it was on a CPU, in nanoseconds, measured from entry to exit; part of <see cref="CpuTimeNanoseconds"/>. 0 once it is released.</summary>
    [MightSleep]
    public ulong InterruptTimeNanoseconds => Clock.TscIntervalToNanoseconds(Thread.InterruptTicks);

    // Since when it waits for a CPU, nanoseconds.
    [GuardedBy(typeof(RunQueue), nameof(RunQueue.Lock))]
    private ulong _waitsSince;

    /// <summary>Time that it was ready to run while another task had the CPU, in nanoseconds, up to when it ran last (proc(5), schedstat). Any context.</summary>
    [GuardedBy(typeof(RunQueue), nameof(RunQueue.Lock), LockFreeReads = true)]
    public ulong WaitNanoseconds { get; private set; }

    /// <summary>It begins to wait for a CPU.</summary>
    [RequiresLock(typeof(RunQueue), nameof(RunQueue.Lock))]
    [NoAllocation]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void BeginWaiting(ulong now) => _waitsSince = now;

    /// <summary>It gets the CPU. Clocks of CPUs may differ a little: what would be negative does not count.</summary>
    [RequiresLock(typeof(RunQueue), nameof(RunQueue.Lock))]
    [NoAllocation]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void EndWaiting(RunQueue queue, ulong now)
    {
        ulong waited = now - _waitsSince;
        if ((long)waited > 0)
        {
            WaitNanoseconds += waited;
            queue.WaitNanoseconds += waited;
        }
    }

    /// <summary>Time on a CPU up to now, in nanoseconds (CLOCK_THREAD_CPUTIME_ID). Any context but NMI.</summary>
    [NoAllocation]
    public ulong ReadCpuTime()
    {
        if (IsOnCpu && RunQueues.Get(Cpu) is { } queue)
        {
            queue.UpdateAccounting();
        }

        return CpuTimeNanoseconds;
    }

    // ---- For the detector of hung tasks only ----

    /// <summary>Its switches when the detector saw them change last.</summary>
    [Protocol("Only the task of the detector of hung tasks reads and writes it.")]
    internal long WatchedSwitches { get; set; }

    /// <summary>When that was, in nanoseconds on the monotonic clock.</summary>
    [Protocol("As WatchedSwitches.")]
    internal ulong WatchedSince { get; set; }

    /// <summary>This sleep was reported.</summary>
    [Protocol("As WatchedSwitches.")]
    internal bool IsReportedHung { get; set; }

    // ---- For the task itself only ----

    /// <summary>The first of the timers that end with the task.</summary>
    [TaskPrivate]
    internal TaskTimer? FirstTimer { get; set; }

    /// <summary>The task ends: none of its timers expires after this. The task itself, in task context.</summary>
    internal void CancelTimers()
    {
        while (FirstTimer is { } timer)
        {
            timer.CancelAndWait();
            FirstTimer = timer.NextOfOwner;
            timer.NextOfOwner = null;
        }
    }
}
