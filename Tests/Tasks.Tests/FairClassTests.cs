using System;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Tests.Simulation;
using Xunit;

namespace CosmosKernel.Tasks.Tests;

/// <summary>What the fair class promises, computed: lags at every switch against the ideal shares, waits against slices.</summary>
public class FairClassTests
{
    private const ulong Millisecond = 1_000_000;
    private const long Slice = (long)FairClass.DefaultSlice;
    private const long Tick = (long)RunQueue.BalanceInterval;

    // What a switch and an interrupt take in the simulation.
    private const long Overhead = 20_000;

    private static FairQueue Queue => (FairQueue)RunQueues.Get(0)!.QueueOf(FairClass.DefaultRank)!;

    [Theory]
    [InlineData(0, 0, 0, 0, 0)]
    [InlineData(-20, -5, 0, 5, 19)]
    [InlineData(0, 1, 2, 3, 4, 5, 6, 7, 8)]
    [InlineData(-10, 10)]
    public void WhoComputesAllTheTimeIsNeverFurtherFromItsShareThanASliceAndATick(params int[] nice) => SimulatedMachine.Run(1, 1, machine =>
    {
        List<TaskStruct> tasks = Hogs(machine, nice, 10_000 * Millisecond);

        // The ideal is computed here from the weights and the time that all had together; the scheduler's own virtual times have no part in it.
        double weights = nice.Sum(n => (double)SchedulingClasses.Default.WeightOf(n));
        ulong[] start = new ulong[nice.Length];
        long worst = 0;
        int switches = 0;
        machine.Switching = () =>
        {
            Assert.True(Queue.IsValid());
            if (Queue.Count != nice.Length || RunQueues.Get(0)!.Count != nice.Length)
            {
                return;
            }

            if (switches++ == 0)
            {
                start = [.. tasks.Select(task => task.CpuTimeNanoseconds)];
            }

            double all = 0;
            for (int i = 0; i < nice.Length; i++)
            {
                all += tasks[i].CpuTimeNanoseconds - start[i];
            }

            for (int i = 0; i < nice.Length; i++)
            {
                double ideal = all * SchedulingClasses.Default.WeightOf(nice[i]) / weights;
                long lag = (long)(ideal - (tasks[i].CpuTimeNanoseconds - start[i]));
                worst = Math.Max(worst, Math.Abs(lag));
                Assert.True(Math.Abs(lag) <= Slice + Tick, $"switch {switches}: nice {nice[i]} is {lag} ns from its share");
            }
        };
        tasks.ForEach(task => task.Join());
        machine.Switching = null;
        Assert.True(switches > 50, $"{switches} switches");
        Assert.True(worst > 0);
    });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void NoLagPassesASliceAndATickAmongSleepersAndForkers(int seed) => SimulatedMachine.Run(1, seed, machine =>
    {
        ulong end = machine.Now + (10_000 * Millisecond);
        Random random = new(seed);
        List<TaskStruct> tasks = [];
        int forked = 0;
        for (int i = 0; i < 3; i++)
        {
            tasks.Add(KernelTask.Start(Fair(0, "hog"), () => ComputeUntil(machine, end)));
            tasks.Add(KernelTask.Start(Fair(random.Next(-10, 11), "mixed"), () => ComputeUntil(machine, end)));
            tasks.Add(KernelTask.Start(Fair(random.Next(-5, 6), "sleeper"), () =>
            {
                while (machine.Now < end)
                {
                    machine.Compute((ulong)random.Next(50_000, 6_000_000));
                    KernelTask.Sleep((ulong)random.Next(50_000, 30_000_000));
                }
            }));
        }

        tasks.Add(KernelTask.Start(Fair(0, "forker"), () =>
        {
            while (machine.Now < end)
            {
                KernelTask.Start(Fair(random.Next(-3, 4), "fork"), () => machine.Compute((ulong)random.Next(10_000, 4_000_000))).Detach();
                forked++;
                KernelTask.Sleep((ulong)random.Next(1_000_000, 20_000_000));
            }
        }));
        int checks = 0;
        machine.Switching = () =>
        {
            FairQueue queue = Queue;
            Assert.True(queue.IsValid());
            queue.ForEach(entity =>
            {
                long lag = queue.LagOf(entity);
                checks++;
                Assert.True(Math.Abs(lag) <= Slice + Tick, $"{entity.Task} of {queue.Count} has a lag of {lag} ns");
            });
        };
        tasks.ForEach(task => task.Join());
        machine.Switching = null;
        Assert.True(checks > 10_000, $"{checks} checks");
        Assert.True(forked > 300);
        Assert.Empty(machine.Faults);
    });

    [Fact]
    public void OneAmongEqualsWaitsAtMostForASliceOfEachOther() => SimulatedMachine.Run(1, 1, machine =>
    {
        const int Count = 10;
        List<TaskStruct> tasks = Hogs(machine, new int[Count], 3_000 * Millisecond);
        ulong[] left = new ulong[Count];
        ulong longest = 0;
        TaskStruct? before = null;
        machine.Switching = () =>
        {
            TaskStruct next = RunQueues.Get(0)!.Running;
            int from = tasks.IndexOf(before!);
            int to = tasks.IndexOf(next);
            before = next;
            if (from >= 0)
            {
                left[from] = machine.Now;
            }

            if (to >= 0 && left[to] != 0 && tasks.All(task => task.State == TaskState.Runnable))
            {
                longest = Math.Max(longest, machine.Now - left[to]);
            }
        };
        tasks.ForEach(task => task.Join());
        machine.Switching = null;
        Assert.InRange(longest, (Count - 2) * FairClass.DefaultSlice, (Count * FairClass.DefaultSlice) + (ulong)(Count * Overhead));
    });

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(40)]
    public void ASleeperThatWakesRunsWithinASlice(int hogs) => SimulatedMachine.Run(1, hogs, machine =>
    {
        List<TaskStruct> tasks = Hogs(machine, new int[hogs], 4_000 * Millisecond);
        Random random = new(hogs);
        ulong longest = 0;
        TaskStruct sleeper = KernelTask.Start(Fair(0, "sleeper"), () =>
        {
            for (int i = 0; i < 100; i++)
            {
                ulong deadline = machine.Now + (ulong)random.Next(10_000_000, 40_000_000);
                KernelTask.SleepUntil(deadline);
                longest = Math.Max(longest, machine.Now - deadline);
                machine.Compute(30_000);
            }
        });
        sleeper.Join();
        tasks.ForEach(task => task.Kill());
        tasks.ForEach(task => task.Join());
        Assert.InRange(longest, 0ul, FairClass.DefaultSlice + Overhead);
    });

    [Fact]
    public void LatencyNiceIsServedSoonerAndNotMore() => SimulatedMachine.Run(1, 1, machine =>
    {
        ulong end = machine.Now + (3_000 * Millisecond);
        int[] latency = [-10, 0, 0, 10];
        List<TaskStruct> tasks = [.. latency.Select((nice, i) => KernelTask.Start(
            new TaskOptions { Name = $"l{i}", Scheduling = SchedulingParameters.Fair() with { LatencyNice = nice } }, () => ComputeUntil(machine, end)))];
        Assert.InRange(SchedulingClasses.Default.SliceOf(tasks[0].GetScheduling()), SchedulingParameters.ShortestSlice, FairClass.DefaultSlice / 8);
        long[] switches = new long[latency.Length];
        ulong[] times = new ulong[latency.Length];
        machine.Switching = () =>
        {
            if (Queue.Count == latency.Length)
            {
                switches = [.. tasks.Select(task => task.InvoluntarySwitches)];
                times = [.. tasks.Select(task => task.CpuTimeNanoseconds)];
            }
        };
        tasks.ForEach(task => task.Join());
        machine.Switching = null;
        Assert.True(switches[0] > 2 * switches[1], $"{string.Join(' ', switches)} switches");

        // The greatest slice is what they can differ by.
        ulong most = SchedulingClasses.Default.SliceOf(tasks[3].GetScheduling());
        Assert.InRange(times.Max() - times.Min(), 0ul, 2 * most);
    });

    [Fact]
    public void ABatchTaskDoesNotPreemptWhenItWakes() => SimulatedMachine.Run(1, 1, machine =>
    {
        List<string> order = [];
        TaskStruct hog = KernelTask.Start(Fair(0, "hog"), () =>
        {
            // A slice begins.
            KernelTask.Sleep(Millisecond);
            order.Add("hog");
            machine.Compute(Millisecond);
            order.Add("hog again");
        });
        TaskStruct batch = KernelTask.Start(new TaskOptions { Name = "batch", Scheduling = SchedulingParameters.Fair(-10) with { Policy = SchedulingPolicy.Batch } }, () =>
        {
            KernelTask.Sleep(Millisecond + (Millisecond / 2));
            order.Add("batch");
        });
        hog.Join();
        batch.Join();
        Assert.Equal(["hog", "hog again", "batch"], order);
    });

    [Fact]
    public void TheIdlePolicyGetsNextToNothing() => SimulatedMachine.Run(1, 1, machine =>
    {
        ulong end = machine.Now + (2_000 * Millisecond);
        TaskStruct hog = KernelTask.Start(Fair(0, "hog"), () => ComputeUntil(machine, end));
        TaskStruct idle = KernelTask.Start(
            new TaskOptions { Name = "idle", Scheduling = new SchedulingParameters { Policy = SchedulingPolicy.Idle } }, () => ComputeUntil(machine, end));
        hog.Join();

        // 3 of 1027 parts, and the slice that it may be ahead.
        Assert.InRange(idle.CpuTimeNanoseconds, 1ul, (2_000 * Millisecond * 3 / 1027) + FairClass.DefaultSlice + Tick);
        idle.Join();
    });

    [Fact]
    public void WhatATaskIsOwedIsKeptOverSleepAndMigration() => SimulatedMachine.Run(2, 1, machine =>
    {
        // All on CPU 0, the measuring task on CPU 1.
        KernelTask.Current.SetAffinity(CpuSet.Of(1));
        ulong end = machine.Now + (200 * Millisecond);
        List<TaskStruct> tasks = [.. Enumerable.Range(0, 3).Select(i => KernelTask.Start(
            new TaskOptions { Name = $"t{i}", Affinity = CpuSet.Of(0) }, () => ComputeUntil(machine, end)))];
        machine.Compute(20 * Millisecond);
        TaskStruct moved = tasks.First(task => !ReferenceEquals(RunQueues.Get(0)!.Running, task));
        moved.SetAffinity(CpuSet.Of(1));
        long carried = moved.KernelEntity.Lag;
        Assert.NotEqual(0, carried);

        // This task was alone there. The newcomer has the lag that it came with, less what the other ran since it is accounted.
        FairQueue there = (FairQueue)RunQueues.Get(1)!.QueueOf(FairClass.DefaultRank)!;
        Assert.InRange(there.LagOf(moved.KernelEntity) - carried, -(long)Millisecond, (long)Millisecond);
        tasks.ForEach(task => task.Join());
    });

    [Fact]
    public void AThousandYieldsAmongManyReachEverybody() => SimulatedMachine.Run(1, 1, machine =>
    {
        int[] turns = new int[50];
        List<TaskStruct> tasks = [.. Enumerable.Range(0, turns.Length).Select(i => KernelTask.Start(Fair(0, $"y{i}"), () =>
        {
            while (turns.Sum() < 1000)
            {
                turns[i]++;
                KernelTask.Yield();
            }
        }))];
        tasks.ForEach(task => task.Join());
        Assert.InRange(turns.Min(), 15, 20);
        Assert.InRange(turns.Max(), 20, 25);
    });

    private static List<TaskStruct> Hogs(SimulatedMachine machine, int[] nice, ulong time)
    {
        ulong end = machine.Now + time;
        return [.. nice.Select((n, i) => KernelTask.Start(Fair(n, $"hog{i}"), () => ComputeUntil(machine, end)))];
    }

    private static void ComputeUntil(SimulatedMachine machine, ulong end)
    {
        while (machine.Now < end && !TaskStruct.Current.IsKilled)
        {
            machine.Compute(Millisecond / 2);
        }
    }

    private static TaskOptions Fair(int nice, string name) => new() { Name = name, Scheduling = SchedulingParameters.Fair(nice) };
}
