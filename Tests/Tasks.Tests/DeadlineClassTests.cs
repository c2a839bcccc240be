using System;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Tests.Simulation;
using Xunit;

namespace CosmosKernel.Tasks.Tests;

/// <summary>What the deadline class promises: every deadline at 95 %, nothing beyond a budget, no more promised than there is.</summary>
public class DeadlineClassTests
{
    private const ulong Millisecond = 1_000_000;

    // What a job needs less than its budget: switches and interrupts are charged to it.
    private const ulong Margin = 60_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void EveryDeadlineIsMetAtNinetyFivePercent(int seed) => SimulatedMachine.Run(1, seed, machine =>
    {
        // 0.30 + 0.25 + 0.20 + 0.12 + 0.08 = 0.95, beside a fair task and a runaway real-time task that take whatever they get.
        (ulong Runtime, ulong Period)[] load = [(3, 10), (5, 20), (7, 35), (6, 50), (8, 100)];
        ulong end = machine.Now + (10_000 * Millisecond);
        TaskStruct fair = KernelTask.Start("fair", () => ComputeUntil(machine, end));
        int jobs = 0;
        List<string> missed = [];
        List<TaskStruct> tasks = [];
        foreach ((ulong runtime, ulong period) in load)
        {
            tasks.Add(Start(Periodic(runtime * Millisecond, period * Millisecond), $"{runtime}/{period}", () =>
            {
                for (ulong release = machine.Now; release < end; release += period * Millisecond)
                {
                    KernelTask.SleepUntil(release);
                    Work(machine, (runtime * Millisecond) - Margin);
                    jobs++;
                    if (machine.Now > release + (period * Millisecond))
                    {
                        missed.Add($"{runtime}/{period} at {release}: {machine.Now - release}");
                    }
                }
            }));
        }

        Assert.InRange(DeadlineBandwidth.PromisedOf(0), DeadlineBandwidth.Limit - 10, DeadlineBandwidth.Limit);
        TaskStruct runaway = Start(SchedulingParameters.Fifo(99), "runaway", () => ComputeUntil(machine, end));
        tasks.ForEach(task => task.Join());
        Assert.Empty(missed);
        Assert.InRange(jobs, 2085, 2100);
        Assert.All(tasks, task => Assert.Equal(0, task.DeadlineMisses));
        Assert.True(fair.CpuTimeNanoseconds > 0);
        runaway.Join();
        fair.Join();
        Assert.Equal(0, DeadlineBandwidth.PromisedOf(0));
    });

    [Fact]
    public void MoreThanThereIsIsRefusedAndChangesNothing() => SimulatedMachine.Run(2, 1, machine =>
    {
        SchedulingParameters half = Periodic(5 * Millisecond, 10 * Millisecond);
        TaskStruct a = Start(half, "a", () => KernelTask.SleepUntil(Scheduler.Never));
        TaskStruct b = Start(half, "b", () => KernelTask.SleepUntil(Scheduler.Never));
        Assert.NotEqual(a.Affinity, b.Affinity);

        // 45 % is left on each of the two CPUs, and 90 % in all.
        Assert.Throws<SchedulingRefusedException>(() => Start(half, "c", () => { }));
        Assert.Throws<SchedulingRefusedException>(() => KernelTask.Current.SetScheduling(half));
        Assert.Equal(SchedulingPolicy.Normal, KernelTask.Current.GetScheduling().Policy);
        TaskStruct c = Start(Periodic(4 * Millisecond, 10 * Millisecond), "c", () => KernelTask.SleepUntil(Scheduler.Never));

        // A deadline task stays where its runtime was promised, and is free again when it is none any more.
        Assert.Throws<InvalidOperationException>(() => a.SetAffinity(CpuSet.All));
        a.SetScheduling(SchedulingParameters.Default);
        Assert.Equal(CpuSet.All, a.Affinity);
        a.SetScheduling(half);

        // Who ends gives back what it was promised.
        Assert.Throws<SchedulingRefusedException>(() => Start(half, "d", () => { }));
        foreach (TaskStruct task in new[] { a, b, c })
        {
            task.Kill();
            task.Join();
        }

        a.SetScheduling(half);
        Assert.Equal(0, DeadlineBandwidth.PromisedOf(0) + DeadlineBandwidth.PromisedOf(1));
        Start(Periodic(95 * Millisecond, 100 * Millisecond), "whole", () => { }).Join();
    });

    [Theory]
    [InlineData(0, 10, 10)]
    [InlineData(1000, 10, 10)]
    [InlineData(11_000_000, 10_000_000, 10_000_000)]
    [InlineData(5_000_000, 20_000_000, 10_000_000)]
    [InlineData(5_000_000, 6_000_000_000, 6_000_000_000)]
    [InlineData(50_000, 60_000, 60_000)]
    public void ImpossibleTimesAreRefused(ulong runtime, ulong deadline, ulong period) => SimulatedMachine.Run(1, 1, _ =>
        Assert.ThrowsAny<ArgumentException>(() => KernelTask.Current.SetScheduling(SchedulingParameters.EarliestDeadline(runtime, deadline, period))));

    [Fact]
    public void AnOverrunnerGetsItsBudgetAndNoMoreAndOthersMeetTheirDeadlines() => SimulatedMachine.Run(1, 1, machine =>
    {
        ulong start = machine.Now;
        ulong end = start + (3_000 * Millisecond);
        TaskStruct overrunner = Start(Periodic(3 * Millisecond, 10 * Millisecond), "overrunner", () => ComputeUntil(machine, end));
        int missed = 0;
        TaskStruct good = Start(Periodic(6 * Millisecond, 20 * Millisecond), "good", () =>
        {
            for (ulong release = machine.Now; release < end; release += 20 * Millisecond)
            {
                KernelTask.SleepUntil(release);
                Work(machine, (6 * Millisecond) - Margin);
                missed += machine.Now > release + (20 * Millisecond) ? 1 : 0;
            }
        });
        TaskStruct fair = KernelTask.Start("fair", () => ComputeUntil(machine, end));
        good.Join();
        fair.Join();
        overrunner.Join();
        Assert.Equal(0, missed);
        Assert.Equal(0, good.DeadlineOverruns);

        // 30 % of 3 s, and at most one budget more at the end; 40 % for the fair task.
        Assert.InRange(overrunner.CpuTimeNanoseconds, 880 * Millisecond, 910 * Millisecond);
        Assert.InRange(overrunner.DeadlineOverruns, 290, 301);
        Assert.InRange(fair.CpuTimeNanoseconds, 1_150 * Millisecond, 1_300 * Millisecond);
    });

    [Fact]
    public void AYieldEndsTheWorkOfAPeriod() => SimulatedMachine.Run(1, 1, machine =>
    {
        List<ulong> begins = [];
        ulong start = machine.Now;
        TaskStruct task = Start(Periodic(2 * Millisecond, 10 * Millisecond), "periodic", () =>
        {
            for (int i = 0; i < 20; i++)
            {
                begins.Add(machine.Now);
                machine.Compute(Millisecond);
                KernelTask.Yield();
            }
        });
        task.Join();
        for (int i = 1; i < begins.Count; i++)
        {
            Assert.InRange(begins[i] - begins[i - 1], (10 * Millisecond) - Margin, (10 * Millisecond) + Margin);
        }
    });

    [Fact]
    public void SleepingDoesNotSaveUpBudget() => SimulatedMachine.Run(1, 1, machine =>
    {
        // Wakes just before its deadline with its whole budget: it begins a new period, and disturbs the other no more than it may.
        ulong end = machine.Now + (2_000 * Millisecond);
        int missed = 0;
        TaskStruct tricky = Start(Periodic(4 * Millisecond, 10 * Millisecond), "tricky", () =>
        {
            while (machine.Now < end)
            {
                machine.Compute(100_000);
                KernelTask.Sleep((9 * Millisecond) + (Millisecond / 2));
                Work(machine, 4 * Millisecond);
            }
        });
        TaskStruct good = Start(Periodic(5 * Millisecond, 10 * Millisecond), "good", () =>
        {
            for (ulong release = machine.Now; release < end; release += 10 * Millisecond)
            {
                KernelTask.SleepUntil(release);
                Work(machine, (5 * Millisecond) - Margin);
                missed += machine.Now > release + (10 * Millisecond) ? 1 : 0;
            }
        });
        good.Join();
        tricky.Join();
        Assert.Equal(0, missed);
    });

    [Fact]
    public void ALentDeadlineIsRunByAndGivenBack() => SimulatedMachine.Run(1, 1, machine =>
    {
        KernelTask.Current.SetScheduling(SchedulingParameters.Fifo(99));
        List<string> order = [];
        TaskStruct holder = KernelTask.Start("holder", () =>
        {
            order.Add("holder");
            machine.Compute(2 * Millisecond);
            order.Add("holder ends");
        });
        TaskStruct urgent = Start(SchedulingParameters.Fifo(98), "urgent", () => order.Add("urgent"));
        Assert.True(holder.Lend(SchedulingUrgency.Deadline(machine.Now + Millisecond)));
        Assert.False(holder.Lend(SchedulingUrgency.Deadline(machine.Now + Millisecond)) && holder.Class != SchedulingClasses.Deadline);

        // It preempted this task at once, and ran to its end.
        holder.Join();
        urgent.Join();
        Assert.Equal(["holder", "holder ends", "urgent"], order);
    });

    private static SchedulingParameters Periodic(ulong runtime, ulong period) => SchedulingParameters.EarliestDeadline(runtime, period);

    private static TaskStruct Start(SchedulingParameters scheduling, string name, Action body) =>
        KernelTask.Start(new TaskOptions { Name = name, Scheduling = scheduling }, body);

    // So much CPU time of the task's own.
    private static void Work(SimulatedMachine machine, ulong time)
    {
        TaskStruct me = TaskStruct.Current;
        RunQueues.Get(me.Cpu)!.UpdateAccounting();
        ulong end = me.CpuTimeNanoseconds + time;
        while (me.CpuTimeNanoseconds < end)
        {
            machine.Compute(Math.Min(end - me.CpuTimeNanoseconds, 20_000));
            RunQueues.Get(me.Cpu)!.UpdateAccounting();
        }
    }

    private static void ComputeUntil(SimulatedMachine machine, ulong end)
    {
        while (machine.Now < end)
        {
            machine.Compute(Millisecond / 2);
        }
    }
}
