using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks.Time;

namespace CosmosKernel.Tests.Figures;

/// <summary>What timers cost: set and cancelled while nothing else waits, and among a thousand others. As <see cref="FigureTests"/>, under <c>-icount</c> on one CPU.</summary>
public static class TimerFigures
{
    private const int Rounds = 9;
    private const int Count = 2000;
    private const int Others = 1000;
    private const ulong Hour = 3_600_000_000_000;

    /// <summary>A timer set and cancelled, and one that is set again while it is pending.</summary>
    [KernelTest("figure.timer_set_and_cancel")]
    public static void SetAndCancel()
    {
        Measure("");
        var others = new IdleTimer[Others];
        ulong start = Clock.MonotonicNanoseconds + Hour;
        for (int i = 0; i < Others; i++)
        {
            // In no order, and the one that is measured comes at any place among them.
            others[i] = new IdleTimer();
            others[i].Start(start + Scattered(i));
        }

        Measure("_among_1000");
        foreach (IdleTimer other in others)
        {
            Check.True(other.Cancel());
        }
    }

    private static void Measure(string suffix)
    {
        var timer = new IdleTimer();
        ulong later = Clock.MonotonicNanoseconds + Hour;
        int cancelled = 0;
        double set = Median(() =>
        {
            ulong start = Clock.MonotonicNanoseconds;
            for (int i = 0; i < Count; i++)
            {
                timer.Start(later + Scattered(i));
                cancelled += timer.Cancel() ? 1 : 0;
            }

            return (Clock.MonotonicNanoseconds - start) / (double)Count;
        });
        Check.Equal(Rounds * Count, cancelled);
        timer.Start(later);
        double again = Median(() =>
        {
            ulong start = Clock.MonotonicNanoseconds;
            for (int i = 0; i < Count; i++)
            {
                timer.Start(later + Scattered(i));
            }

            return (Clock.MonotonicNanoseconds - start) / (double)Count;
        });
        Check.True(timer.Cancel());
        TestRunner.Figure($"figure.timer_set_and_cancel{suffix}", set, "ns");
        TestRunner.Figure($"figure.timer_set_again{suffix}", again, "ns");
    }

    // Up to about a second, each value as likely as any other (multiplicative hashing, Knuth).
    private static ulong Scattered(int i) => (uint)i * 2_654_435_769u & 0x3FFF_FFFF;

    private static double Median(Func<double> measure)
    {
        double[] values = new double[Rounds];
        for (int i = 0; i < Rounds; i++)
        {
            values[i] = measure();
        }

        Array.Sort(values);
        return values[Rounds / 2];
    }

    private sealed class IdleTimer : KernelTimer
    {
        [InterruptContext]
        protected override void OnExpired(ulong now)
        {
        }
    }
}
