using System;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Tests.Simulation;
using CosmosKernel.Tasks.Waiting;
using Xunit;

namespace CosmosKernel.Tasks.Tests;

/// <summary>The queue rules of sched(7) for SCHED_FIFO and SCHED_RR, exactly; the limit of real-time tasks; the most urgent tasks of all CPUs run.</summary>
public class RealTimeClassTests
{
    private const ulong Millisecond = 1_000_000;

    [Fact]
    public void FirstInFirstOutRunsToTheEndInTheOrderOfComing() => OnOneCpu(machine =>
    {
        List<string> order = [];
        List<TaskStruct> tasks = [.. Enumerable.Range(0, 4).Select(i => Start(SchedulingParameters.Fifo(10), $"t{i}", () =>
        {
            for (int k = 0; k < 3; k++)
            {
                machine.Compute(150 * Millisecond);
                order.Add($"t{i}");
            }
        }))];
        tasks.ForEach(task => task.Join());
        Assert.Equal(["t0", "t0", "t0", "t1", "t1", "t1", "t2", "t2", "t2", "t3", "t3", "t3"], order);
    });

    [Fact]
    public void APreemptedTaskStaysFirstAWokenOneBecomesLast() => OnOneCpu(machine =>
    {
        List<string> order = [];
        Semaphore gate = new("gate", 0);
        TaskStruct sleeper = Start(SchedulingParameters.Fifo(10), "sleeper", () =>
        {
            gate.Wait();
            order.Add("sleeper");
        });
        TaskStruct first = Start(SchedulingParameters.Fifo(10), "first", () =>
        {
            gate.Release();
            KernelTask.Start(Options(SchedulingParameters.Fifo(20), "urgent"), () => order.Add("urgent")).Detach();
            order.Add("first");
        });
        TaskStruct second = Start(SchedulingParameters.Fifo(10), "second", () => order.Add("second"));
        Join(sleeper, first, second);
        Assert.Equal(["urgent", "first", "second", "sleeper"], order);
    });

    [Fact]
    public void AYieldMakesTheTaskTheLastOfItsPriority() => OnOneCpu(machine =>
    {
        List<int> order = [];
        TaskStruct[] tasks = [.. Enumerable.Range(0, 3).Select(i => Start(SchedulingParameters.Fifo(10), $"t{i}", () =>
        {
            for (int k = 0; k < 3; k++)
            {
                order.Add(i);
                KernelTask.Yield();
            }
        }))];
        TaskStruct lower = Start(SchedulingParameters.Fifo(9), "lower", () => order.Add(9));
        Join([.. tasks, lower]);
        Assert.Equal([0, 1, 2, 0, 1, 2, 0, 1, 2, 9], order);
    });

    [Fact]
    public void RaisedBecomesLastLoweredFirstUnchangedStays() => OnOneCpu(machine =>
    {
        List<string> order = [];
        TaskStruct[] tasks = [.. new (string Name, int Priority)[] { ("a", 10), ("b", 10), ("raised", 5), ("lowered", 15), ("c", 10) }
            .Select(t => Start(SchedulingParameters.Fifo(t.Priority), t.Name, () => order.Add(t.Name)))];

        // This task is more urgent than all: they wait.
        tasks[2].SetScheduling(SchedulingParameters.Fifo(10));
        tasks[3].SetScheduling(SchedulingParameters.Fifo(10));
        tasks[1].SetScheduling(SchedulingParameters.RoundRobin(10));
        Join(tasks);
        Assert.Equal(["lowered", "a", "b", "c", "raised"], order);
    });

    [Fact]
    public void ARunningTaskThatLowersItselfIsTheFirstOfItsNewPriority() => OnOneCpu(machine =>
    {
        List<string> order = [];
        TaskStruct high = Start(SchedulingParameters.Fifo(30), "high", () =>
        {
            KernelTask.Current.SetScheduling(SchedulingParameters.Fifo(10));
            order.Add("high");
        });
        TaskStruct a = Start(SchedulingParameters.Fifo(10), "a", () => order.Add("a"));
        TaskStruct middle = Start(SchedulingParameters.Fifo(20), "middle", () => order.Add("middle"));
        Join(high, a, middle);
        Assert.Equal(["middle", "high", "a"], order);
    });

    [Fact]
    public void RoundRobinTakesExactTurnsAndKeepsTheRestOfAPreemptedSlice() => OnOneCpu(machine =>
    {
        SchedulingLimits.RealTimeRuntime = SchedulingLimits.Unlimited;
        ulong slice = SchedulingLimits.RoundRobinSlice;
        List<(int Task, ulong Time)> turns = [];
        TaskStruct[] tasks = [.. Enumerable.Range(0, 3).Select(i => Start(SchedulingParameters.RoundRobin(10), $"t{i}", () =>
        {
            ulong left = 5 * slice;
            while (left > 0)
            {
                if (turns.Count == 0 || turns[^1].Task != i)
                {
                    turns.Add((i, TaskStruct.Current.CpuTimeNanoseconds));
                }

                machine.Compute(Millisecond);
                left -= Millisecond;
            }
        }))];

        // Interrupts every slice somewhere in the middle, and does not change the turns.
        TaskStruct disturber = Start(SchedulingParameters.Fifo(20), "disturber", () =>
        {
            for (int i = 0; i < 30; i++)
            {
                KernelTask.Sleep(37 * Millisecond);
                machine.Compute(Millisecond);
            }
        });
        Join([.. tasks, disturber]);
        Assert.Equal(Enumerable.Range(0, 15).Select(n => n % 3), turns.Select(turn => turn.Task));
    });

    [Fact]
    public void ARunawayTaskLeavesFivePercent() => SimulatedMachine.Run(1, 1, machine =>
    {
        ulong end = machine.Now + (5_000 * Millisecond);
        TaskStruct other = Start(SchedulingParameters.Fair(), "other", () => ComputeUntil(machine, end));
        TaskStruct runaway = Start(SchedulingParameters.Fifo(99), "runaway", () => ComputeUntil(machine, end));
        runaway.Join();
        ulong got = other.CpuTimeNanoseconds;

        // 50 ms of each second; the first and the last second are not whole.
        Assert.InRange(got, 195 * Millisecond, 305 * Millisecond);
        Assert.InRange(runaway.CpuTimeNanoseconds, 4_650 * Millisecond, 4_805 * Millisecond);
        other.Join();
    });

    [Fact]
    public void NothingIsHeldBackWhileNobodyElseWaits() => SimulatedMachine.Run(1, 1, machine =>
    {
        ulong start = machine.Now;
        TaskStruct runaway = Start(SchedulingParameters.Fifo(99), "runaway", () => ComputeUntil(machine, start + (3_000 * Millisecond)));
        runaway.Join();
        Assert.InRange(runaway.CpuTimeNanoseconds, 2_990 * Millisecond, 3_001 * Millisecond);

        // Who comes while a task runs that would be held back has the CPU at once.
        ulong late = 0;
        ulong end = machine.Now + (1_500 * Millisecond);
        runaway = Start(SchedulingParameters.Fifo(99), "runaway", () => ComputeUntil(machine, end));
        TaskStruct sleeper = Start(SchedulingParameters.Fair(), "sleeper", () =>
        {
            // The last 50 ms of a period are not the runaway's.
            ulong deadline = ((machine.Now / (1_000 * Millisecond)) * 1_000 * Millisecond) + (980 * Millisecond);
            KernelTask.SleepUntil(deadline);
            late = machine.Now - deadline;
        });
        Join(runaway, sleeper);
        Assert.InRange(late, 0ul, Millisecond);
    });

    [Fact]
    public void TheLimitCanBeTurnedOff() => SimulatedMachine.Run(1, 1, machine =>
    {
        SchedulingLimits.RealTimeRuntime = SchedulingLimits.Unlimited;
        ulong end = machine.Now + (2_500 * Millisecond);
        TaskStruct other = Start(SchedulingParameters.Fair(), "other", () => ComputeUntil(machine, end));
        ulong before = other.CpuTimeNanoseconds;
        TaskStruct runaway = Start(SchedulingParameters.Fifo(1), "runaway", () => ComputeUntil(machine, end));
        runaway.Join();
        Assert.InRange(other.CpuTimeNanoseconds - before, 0ul, 4 * Millisecond);
        other.Join();
    });

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void TheMostUrgentTasksOfAllCpusRun(int seed) => SimulatedMachine.Run(4, seed, machine =>
    {
        SchedulingLimits.RealTimeRuntime = SchedulingLimits.Unlimited;
        KernelTask.Current.SetScheduling(SchedulingParameters.Fifo(99));
        bool stop = false;
        List<TaskStruct> tasks = [];
        List<Semaphore> gates = [];
        bool[] working = new bool[9];
        for (int i = 0; i < working.Length; i++)
        {
            int me = i;
            Semaphore gate = new("gate", 0);
            gates.Add(gate);
            tasks.Add(Start(SchedulingParameters.Fifo(10 + i), $"t{i}", () =>
            {
                while (!stop)
                {
                    gate.Wait();
                    while (working[me] && !stop)
                    {
                        machine.Compute(20_000);
                    }
                }
            }));
        }

        for (int round = 0; round < 60; round++)
        {
            // Some begin or end to compute; then this task sleeps, and four CPUs are there for the four highest.
            for (int i = 0; i < working.Length; i++)
            {
                if (machine.Random.Next(3) == 0)
                {
                    working[i] = !working[i];
                    if (working[i])
                    {
                        gates[i].Release();
                    }
                }
            }

            KernelTask.Sleep(Millisecond);
            HashSet<TaskStruct> should = [.. Enumerable.Range(0, working.Length).Where(i => working[i]).OrderByDescending(i => i).Take(3).Select(i => tasks[i])];

            // This task has one of the CPUs again, the one that ran the lowest; the other three run the three highest, and go on with it.
            Check();
            machine.Compute(100_000);
            Check();

            void Check()
            {
                HashSet<TaskStruct> runs = [.. Enumerable.Range(0, 4).Select(cpu => RunQueues.Get(cpu)!.Running).Where(tasks.Contains)];
                Assert.True(should.IsSubsetOf(runs), $"round {round}: should run {string.Join(' ', should)}, run {string.Join(' ', runs)}");
            }
        }

        stop = true;
        gates.ForEach(gate => gate.Release());
        KernelTask.Current.SetScheduling(SchedulingParameters.Default);
        tasks.ForEach(task => task.Join());
    });

    private static void OnOneCpu(Action<SimulatedMachine> test) => SimulatedMachine.Run(1, 1, machine =>
    {
        // More urgent than what it starts: that begins when this task sleeps.
        KernelTask.Current.SetScheduling(SchedulingParameters.Fifo(99));
        test(machine);
    });

    private static void Join(params TaskStruct[] tasks) => Array.ForEach(tasks, task => task.Join());

    private static void ComputeUntil(SimulatedMachine machine, ulong end)
    {
        while (machine.Now < end)
        {
            machine.Compute(Millisecond / 2);
        }
    }

    private static TaskStruct Start(SchedulingParameters scheduling, string name, Action body) => KernelTask.Start(Options(scheduling, name), body);

    private static TaskOptions Options(SchedulingParameters scheduling, string name) => new() { Name = name, Scheduling = scheduling };
}
