using System;
using System.Diagnostics;
using System.Threading;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tests.Time;

/// <summary>The clocks go forward, at the right rate, from the right time.</summary>
public static class ClockTests
{
    private const ulong Millisecond = 1_000_000;
    private const long Second = 1_000_000_000;

    /// <summary>Readings on all CPUs at once are in one order: whoever reads after a reading was published reads no earlier time.</summary>
    [KernelTest("time.monotonic_time_is_one_order_on_all_cpus")]
    public static void MonotonicTimeIsOneOrder()
    {
        long published = 0;
        long stepsBack = 0;
        ulong end = Clock.MonotonicNanoseconds + (200 * Millisecond);
        TestTasks.OnEveryCpu(_ =>
        {
            while (Clock.MonotonicNanoseconds < end)
            {
                long seen = Volatile.Read(ref published);
                long now = (long)Clock.MonotonicNanoseconds;
                if (now < seen)
                {
                    Interlocked.Increment(ref stepsBack);
                }

                Interlocked.CompareExchange(ref published, now, seen);
            }
        });
        Check.Equal(0L, stepsBack, "readings that were earlier than one before, of another CPU");
    }

    /// <summary>A task that moves from CPU to CPU never sees time go back.</summary>
    [KernelTest("time.monotonic_time_never_goes_back_for_a_task_that_migrates")]
    public static void MonotonicTimeSurvivesMigration()
    {
        TestTasks.Run(1, _ => new TaskOptions { Name = "migrant" }, _ =>
        {
            TaskStruct me = KernelTask.Current;
            ulong last = Clock.MonotonicNanoseconds;
            for (int i = 0; i < 200; i++)
            {
                me.SetAffinity(CpuSet.Of(i % RunQueues.Count));
                KernelTask.Yield();
                ulong now = Clock.MonotonicNanoseconds;
                Check.True(now >= last, $"time went back by {last - now} ns on the way to CPU {i % RunQueues.Count}");
                last = now;
            }
        });
    }

    /// <summary>The clock goes at the rate of the HPET.</summary>
    [KernelTest("time.the_clock_keeps_pace_with_the_hpet")]
    public static void KeepsPaceWithHpet()
    {
        if (!ReferenceCounter.TryGetHpet(out ReferenceCounter hpet))
        {
            Check.Skip("this machine has no HPET, or it is not used");
        }

        CheckPace(hpet);
    }

    /// <summary>The clock goes at the rate of the ACPI timer.</summary>
    [KernelTest("time.the_clock_keeps_pace_with_the_acpi_timer")]
    public static void KeepsPaceWithPmTimer()
    {
        if (!ReferenceCounter.TryGetPmTimer(out ReferenceCounter timer))
        {
            Check.Skip("this machine has no ACPI timer, or it is not used");
        }

        CheckPace(timer);
    }

    /// <summary>Real time is that of the CMOS clock, which has a resolution of a second, and goes on at its rate.</summary>
    [KernelTest("time.real_time_follows_the_cmos_clock")]
    public static void RealTimeFollowsCmosClock()
    {
        // The reading is repeated until the host did not take the CPU away in the middle of it.
        for (int attempt = 0; attempt < 20; attempt++)
        {
            long before = Clock.RealtimeNanoseconds;
            if (!PlatformFacts.TryReadCmosClock(out long seconds))
            {
                Check.Skip("this machine has no CMOS clock");
            }

            long after = Clock.RealtimeNanoseconds;
            if (after - before < Second / 4)
            {
                Check.InRange((seconds - 2) * Second, (seconds + 3) * Second, after);
                return;
            }
        }

        Check.Fail("the CMOS clock could not be read within a quarter of a second");
    }

    /// <summary>.NET's clocks are the kernel's.</summary>
    [KernelTest("time.dotnet_clocks_are_the_kernels")]
    public static void DotNetClocks()
    {
        long before = Clock.RealtimeNanoseconds;
        DateTime now = DateTime.UtcNow;
        long after = Clock.RealtimeNanoseconds;
        long ticks = (now - DateTime.UnixEpoch).Ticks;
        Check.InRange((before / 100) - 1, (after / 100) + 1, ticks);
        Check.True(now.Year >= 2024, $"the year is {now.Year}");
        Check.Equal(DateTimeKind.Utc, now.Kind);

        ulong start = Clock.MonotonicNanoseconds;
        long stopwatch = Stopwatch.GetTimestamp();
        KernelTask.Sleep(20 * Millisecond);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(stopwatch);
        ulong outer = Clock.MonotonicNanoseconds - start;
        Check.InRange(20.0, (outer / 1e6) + 0.001, elapsed.TotalMilliseconds, "milliseconds on the stopwatch");
        Check.True(Stopwatch.IsHighResolution, "the stopwatch is fine");
        Check.InRange(0L, long.MaxValue, Environment.TickCount64);
    }

    /// <summary>Setting real time moves it, and leaves monotonic time alone.</summary>
    [KernelTest("time.setting_real_time_leaves_monotonic_time_alone")]
    public static void SettingRealTime()
    {
        // Far more than a host takes the CPU away for, so that no step of one clock is taken for one of the other.
        const long step = 10_000 * Second;
        const long most = 1000 * Second;
        ulong monotonic;
        long real;
        do
        {
            monotonic = Clock.MonotonicNanoseconds;
            real = Clock.RealtimeNanoseconds;
        }
        while (Clock.MonotonicNanoseconds - monotonic > 100 * Millisecond);

        try
        {
            Clock.SetRealtime(real + step);
            Check.InRange(real + step, real + step + most, Clock.RealtimeNanoseconds);
            Check.InRange(monotonic, monotonic + (ulong)most, Clock.MonotonicNanoseconds);
        }
        finally
        {
            // Repeated until the host did not take the CPU away in the middle of it: other tests compare real time with the CMOS clock.
            ulong now;
            do
            {
                now = Clock.MonotonicNanoseconds;
                Clock.SetRealtime(real + (long)(now - monotonic));
            }
            while (Clock.MonotonicNanoseconds - now > 100 * Millisecond);
        }
    }

    // Both ends of the interval are read close together, with interrupts possible only in between, so that what the host takes is seen and the attempt repeated.
    private static void CheckPace(ReferenceCounter reference)
    {
        const double tolerance = 0.01;
        double worst = 0;
        for (int attempt = 0; attempt < 10; attempt++)
        {
            (ulong clockStart, ulong ticksStart) = ReadBoth(reference);
            KernelTask.Sleep(50 * Millisecond);
            (ulong clockEnd, ulong ticksEnd) = ReadBoth(reference);
            double expected = reference.Nanoseconds(ticksStart, ticksEnd);
            worst = Math.Abs((clockEnd - clockStart - expected) / expected);
            if (worst < tolerance)
            {
                return;
            }
        }

        Check.Fail($"the clock differs from the reference by {worst * 100:0.00} % in each of 10 intervals");
    }

    private static (ulong Clock, ulong Ticks) ReadBoth(ReferenceCounter reference)
    {
        (ulong Clock, ulong Ticks) best = default;
        ulong spread = ulong.MaxValue;
        for (int i = 0; i < 20; i++)
        {
            using (Preemption.Disable())
            {
                ulong before = Clock.MonotonicNanoseconds;
                ulong ticks = reference.Ticks;
                ulong after = Clock.MonotonicNanoseconds;
                if (after - before < spread)
                {
                    spread = after - before;
                    best = (before + (spread / 2), ticks);
                }
            }
        }

        return best;
    }
}
