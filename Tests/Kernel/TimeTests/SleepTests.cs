using System;
using System.Threading;
using System.Threading.Tasks;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tests.Time;

/// <summary>Nothing that waits for a time ends before it, on any CPU. How late it may end depends on the host, so only hours are too late.</summary>
public static class SleepTests
{
    private const ulong Microsecond = 1_000;
    private const ulong Millisecond = 1_000_000;

    /// <summary>Sleeping takes at least as long as was asked, on each CPU, for short and long times.</summary>
    [KernelTest("time.sleep_is_never_too_short_on_any_cpu")]
    public static void SleepIsNeverTooShort() => TestTasks.OnEveryCpu(cpu =>
    {
        ulong[] times = [1, 50 * Microsecond, Millisecond, 3 * Millisecond, 20 * Millisecond];
        foreach (ulong time in times)
        {
            ulong start = Clock.MonotonicNanoseconds;
            KernelTask.Sleep(time);
            ulong slept = Clock.MonotonicNanoseconds - start;
            Check.True(slept >= time, $"CPU {cpu} slept {slept} ns of {time}");
        }
    });

    /// <summary>Many sleepers on one CPU, whose deadlines are not in the order in which they went to sleep: all wake, none before its own.</summary>
    [KernelTest("time.no_sleeper_wakes_at_the_deadline_of_another")]
    public static void NoSleeperWakesForAnother()
    {
        const int count = 8;
        ulong[] woke = new ulong[count];
        ulong start = Clock.MonotonicNanoseconds + (30 * Millisecond);
        TestTasks.Run(count, _ => new TaskOptions { Name = "sleeper", Affinity = CpuSet.Of(0), Scheduling = SchedulingParameters.Fifo(30) }, i =>
        {
            KernelTask.SleepUntil(Deadline(start, i));
            woke[i] = Clock.MonotonicNanoseconds;
        });
        for (int i = 0; i < count; i++)
        {
            Check.True(woke[i] >= Deadline(start, i), $"sleeper {i} woke before its deadline");
        }
    }

    /// <summary>A deadline in the past does not wait.</summary>
    [KernelTest("time.a_deadline_in_the_past_does_not_wait")]
    public static void PastDeadline()
    {
        ulong start = Clock.MonotonicNanoseconds;
        KernelTask.SleepUntil(start - 1);
        KernelTask.SleepUntil(0);
        KernelTask.Sleep(0);
        Check.True(Clock.MonotonicNanoseconds - start < 1_000_000 * Millisecond, "it waited");
    }

    /// <summary><c>Task.Delay</c> and <c>Thread.Sleep</c> are not too short either.</summary>
    [KernelTest("time.dotnet_delays_are_never_too_short")]
    public static void DotNetDelays()
    {
        foreach (int milliseconds in (int[])[1, 5, 25])
        {
            ulong start = Clock.MonotonicNanoseconds;
            Thread.Sleep(milliseconds);
            Check.True(Clock.MonotonicNanoseconds - start >= (ulong)milliseconds * Millisecond, $"Thread.Sleep({milliseconds})");

            // .NET's timers count the milliseconds of Environment.TickCount64, whose current one has already begun.
            start = Clock.MonotonicNanoseconds;
            Check.True(Task.Delay(milliseconds).Wait(60_000), $"Task.Delay({milliseconds}) ended");
            Check.True(Clock.MonotonicNanoseconds - start >= ((ulong)milliseconds - 1) * Millisecond, $"Task.Delay({milliseconds})");
        }
    }

    /// <summary>A .NET timer ticks as often as its period says, not more often, until it is disposed of; then no more.</summary>
    [KernelTest("time.dotnet_timers_tick_at_their_period_and_stop")]
    public static void DotNetTimers()
    {
        int ticks = 0;
        ulong start = Clock.MonotonicNanoseconds;
        using ManualResetEvent five = new(false);
        Timer timer = new(_ =>
        {
            if (Interlocked.Increment(ref ticks) == 5)
            {
                five.Set();
            }
        }, null, 10, 10);
        Check.True(five.WaitOne(60_000), "five ticks came");
        ulong elapsed = Clock.MonotonicNanoseconds - start;
        Check.True(elapsed >= 45 * Millisecond, $"five ticks of 10 ms in {elapsed / Microsecond} us");
        using ManualResetEvent stopped = new(false);
        Check.True(timer.Dispose(stopped), "the timer was not disposed of before");
        Check.True(stopped.WaitOne(60_000), "the last tick ended");
        int last = Volatile.Read(ref ticks);
        KernelTask.Sleep(40 * Millisecond);
        Check.Equal(last, Volatile.Read(ref ticks));
    }

    private static ulong Deadline(ulong start, int i) => start + ((ulong)(i * 5 % 8) * 2 * Millisecond);
}
