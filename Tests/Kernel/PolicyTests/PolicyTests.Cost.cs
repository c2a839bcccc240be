using System;
using System.Threading;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tests.Policies;

// What a yield costs among few and among many. Under instruction counting a nanosecond is an instruction.
public sealed partial class PolicyTests
{
    private const int Few = 10;
    private const int Many = 10_000;
    private const int YieldsMeasured = 30_000;

    /// <summary>A yield among 10,000 runnable fair tasks costs at most 1.8 times one among 10; for the real-time policies it costs the same.</summary>
    [KernelTest("policy.a_yield_among_10000_tasks_costs_little_more")]
    public static void YieldAmongMany()
    {
        NeedOneCpu();
        double fairFew = Measure("fair_10", SchedulingParameters.Fair(), Few);
        double fairMany = Measure("fair_10000", SchedulingParameters.Fair(), Many);
        double fifoFew = Measure("fifo_10", SchedulingParameters.Fifo(20), Few);
        double fifoMany = Measure("fifo_10000", SchedulingParameters.Fifo(20), Many);
        double turnsFew = Measure("rr_10", SchedulingParameters.RoundRobin(20), Few);
        double turnsMany = Measure("rr_10000", SchedulingParameters.RoundRobin(20), Many);
        Check.True(fairMany <= 1.8 * fairFew, $"fair: {fairMany} and {fairFew} instructions");
        Check.True(fifoMany <= 1.05 * fifoFew, $"FIFO: {fifoMany} and {fifoFew} instructions");
        Check.True(turnsMany <= 1.05 * turnsFew, $"round robin: {turnsMany} and {turnsFew} instructions");
    }

    /// <summary>Ticks, wake-ups and switches take nothing from the managed heap, under any policy.</summary>
    [KernelTest("policy.scheduling_allocates_nothing")]
    public static void SchedulingAllocatesNothing()
    {
        NeedOneCpu();
        SchedulingParameters before = KernelTask.Current.GetScheduling();
        foreach (SchedulingParameters parameters in new[]
        {
            SchedulingParameters.Fair(), SchedulingParameters.Fifo(20), SchedulingParameters.RoundRobin(20),
            SchedulingParameters.EarliestDeadline(20 * Millisecond, 100 * Millisecond),
        })
        {
            bool stop = false;
            TaskStruct other = KernelTask.Start(new TaskOptions { Name = "other", Scheduling = parameters }, () =>
            {
                while (!Volatile.Read(ref stop))
                {
                    KernelTask.Sleep(50_000);
                    KernelTask.Yield();
                }
            });
            KernelTask.Current.SetScheduling(parameters);
            RoundOfSwitches();
            long allocated = GC.GetTotalAllocatedBytes(precise: true);
            RoundOfSwitches();
            Check.Equal(allocated, GC.GetTotalAllocatedBytes(precise: true), parameters.Policy.Name());
            KernelTask.Current.SetScheduling(before);
            Volatile.Write(ref stop, true);
            other.Join();
        }
    }

    private static void RoundOfSwitches()
    {
        for (int i = 0; i < 20; i++)
        {
            KernelTask.Yield();
            KernelTask.Sleep(100_000);
            ComputeUntil(Clock.MonotonicNanoseconds + 100_000);
        }
    }

    private static double Measure(string name, SchedulingParameters parameters, int count)
    {
        SchedulingParameters before = KernelTask.Current.GetScheduling();

        // Nobody runs before all are there.
        KernelTask.Current.SetScheduling(SchedulingParameters.Fifo(99));
        int ready = 0;
        long yields = 0;
        bool stop = false;
        TaskStruct[] tasks = new TaskStruct[count];
        for (int i = 0; i < count; i++)
        {
            tasks[i] = KernelTask.Start(new TaskOptions { Name = "yielder", Scheduling = parameters, StackBytes = 16 * 1024 }, () =>
            {
                ready++;
                while (!Volatile.Read(ref stop))
                {
                    yields++;
                    KernelTask.Yield();
                }
            });
        }

        // All have begun, and yield.
        while (Volatile.Read(ref ready) < count || Volatile.Read(ref yields) < 2 * count)
        {
            KernelTask.Sleep(Millisecond);
        }

        long first = Volatile.Read(ref yields);
        ulong start = Clock.MonotonicNanoseconds;
        while (Volatile.Read(ref yields) - first < YieldsMeasured)
        {
            KernelTask.Sleep(2 * Millisecond);
        }

        ulong took = Clock.MonotonicNanoseconds - start;
        double each = (double)took / (Volatile.Read(ref yields) - first);
        Volatile.Write(ref stop, true);
        Array.ForEach(tasks, task => task.Join());
        KernelTask.Current.SetScheduling(before);
        TestRunner.Figure($"policy.yield_{name}", each, "instructions");
        return each;
    }
}
