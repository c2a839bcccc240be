using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tests.Validation;

/// <summary>The numbers of a scenario whose numbers are known.</summary>
public static class StatisticsTests
{
    private const ulong Millisecond = 1_000_000;

    /// <summary>Acquisitions are counted one by one; the longest hold is at least the one that was made long, and the sum at least the longest.</summary>
    [KernelTest("lock.statistics_count_acquisitions_and_holds")]
    public static void Holds()
    {
        Lab.NeedValidator();
        LockClass kind = LockClasses.Register("statistics.holds");
        var spin = new Spin(kind);
        LockClassStatistics before = LockStatistics.Of(kind);
        for (int i = 0; i < 100; i++)
        {
            using (spin.Lock.Enter())
            {
                if (i == 50)
                {
                    Clock.Delay(2 * Millisecond);
                }
            }
        }

        LockClassStatistics after = LockStatistics.Of(kind);
        Check.Equal(100L, after.Acquisitions - before.Acquisitions);
        Check.Equal(0L, after.Contentions - before.Contentions);
        Check.Equal(0ul, after.WaitTotal);
        Check.True(after.HoldLongest >= 2 * Millisecond);
        Check.True(after.HoldTotal >= after.HoldLongest);
    }

    /// <summary>A second CPU waits for a lock whose holder knows from the statistics that it does, and holds it on for a known time.</summary>
    [KernelTest("lock.statistics_count_contention_and_waits")]
    public static void Waits()
    {
        if (RunQueues.Online.Count < 2)
        {
            Check.Skip("needs two CPUs");
        }

        LockClass kind = LockClasses.Register("statistics.waits");
        var spin = new Spin(kind);
        TestTasks.Run(2, i => new TaskOptions { Name = $"contender-{i}", Affinity = CpuSet.Of(i) }, i =>
        {
            if (i == 0)
            {
                using (spin.Lock.Enter())
                {
                    while (LockStatistics.Of(kind).Contentions == 0)
                    {
                        Thread.SpinWait(10);
                    }

                    Clock.Delay(2 * Millisecond);
                }

                return;
            }

            while (!spin.Lock.IsHeld)
            {
                Thread.SpinWait(10);
            }

            using (spin.Lock.Enter())
            {
            }
        });
        LockClassStatistics found = LockStatistics.Of(kind);
        Check.Equal(1L, found.Contentions);
        if (LockStatistics.IsComplete)
        {
            Check.Equal(2L, found.Acquisitions);
            Check.True(found.WaitLongest >= 2 * Millisecond);
            Check.Equal(found.WaitLongest, found.WaitTotal);
            Check.True(found.HoldLongest >= 2 * Millisecond);
        }
    }
}
