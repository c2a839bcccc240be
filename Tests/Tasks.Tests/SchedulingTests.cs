using System;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Tests.Simulation;
using CosmosKernel.Tasks.Waiting;
using Xunit;

namespace CosmosKernel.Tasks.Tests;

public class SchedulingTests
{
    private const ulong Millisecond = 1_000_000;

    [Fact]
    public void AMoreUrgentTaskRunsAtOnceAndToItsEnd() => SimulatedMachine.Run(1, 1, machine =>
    {
        List<string> order = [];
        TaskStruct low = KernelTask.Start(At(130, "low"), () =>
        {
            order.Add("low begins");
            TaskStruct high = KernelTask.Start(At(110, "high"), () =>
            {
                order.Add("high begins");
                machine.Compute(20 * Millisecond);
                order.Add("high ends");
            });
            order.Add("low goes on");
            machine.Compute(5 * Millisecond);
            high.Join();
        });
        low.Join();
        Assert.Equal(["low begins", "high begins", "high ends", "low goes on"], order);
    });

    [Fact]
    public void ALessUrgentTaskDoesNotRunWhileAMoreUrgentOneCan() => SimulatedMachine.Run(1, 2, machine =>
    {
        bool lowRan = false;
        KernelTask.Current.SetScheduling(Urgent(100));
        TaskStruct low = KernelTask.Start(At(139, "low"), () => { lowRan = true; });
        for (int i = 0; i < 50; i++)
        {
            machine.Compute(Millisecond);
            KernelTask.Yield();
            Assert.False(lowRan);
        }

        low.Join();
        Assert.True(lowRan);
    });

    [Fact]
    public void EqualsTakeTurnsInExactOrderWithExactSlices() => SimulatedMachine.Run(1, 3, machine =>
    {
        List<(int Task, ulong Time)> turns = [];
        List<TaskStruct> tasks = [];
        KernelTask.Current.SetScheduling(Urgent(50));
        for (int i = 0; i < 3; i++)
        {
            int me = i;
            tasks.Add(KernelTask.Start(At(120, $"t{i}"), () =>
            {
                ulong end = machine.Now + (1300 * Millisecond);
                while (machine.Now < end)
                {
                    if (turns.Count == 0 || turns[^1].Task != me)
                    {
                        turns.Add((me, machine.Now));
                    }

                    machine.Compute(Millisecond / 20);
                }
            }));
        }

        foreach (TaskStruct task in tasks)
        {
            task.Join();
        }

        // Each turn but the last ones, when some have ended, goes to the next in order and lasts one slice.
        Assert.True(turns.Count > 12);
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(i % 3, turns[i].Task);
            ulong lasted = turns[i + 1].Time - turns[i].Time;
            Assert.InRange(lasted, SchedulingLimits.RoundRobinSlice, SchedulingLimits.RoundRobinSlice + (Millisecond / 5));
        }
    });

    [Fact]
    public void APreemptedTaskKeepsItsPlaceAndTheRestOfItsSlice() => SimulatedMachine.Run(1, 4, machine =>
    {
        List<string> order = [];
        KernelTask.Current.SetScheduling(Urgent(50));
        TaskStruct a = KernelTask.Start(At(120, "a"), () =>
        {
            KernelTask.Start(At(100, "urgent"), () => order.Add("urgent")).Detach();
            order.Add("a");
            machine.Compute(2 * Millisecond);
            order.Add("a still");
        });
        TaskStruct b = KernelTask.Start(At(120, "b"), () => order.Add("b"));
        a.Join();
        b.Join();
        Assert.Equal(["urgent", "a", "a still", "b"], order);
    });

    [Fact]
    public void YieldPassesTheCpuToTheNextEqual() => SimulatedMachine.Run(1, 5, _ =>
    {
        List<int> order = [];
        KernelTask.Current.SetScheduling(Urgent(50));
        TaskStruct[] tasks = [.. Enumerable.Range(0, 3).Select(i => KernelTask.Start(At(120, $"t{i}"), () =>
        {
            for (int round = 0; round < 4; round++)
            {
                order.Add(i);
                KernelTask.Yield();
            }
        }))];
        foreach (TaskStruct task in tasks)
        {
            task.Join();
        }

        Assert.Equal(Enumerable.Range(0, 12).Select(n => n % 3), order);
    });

    [Fact]
    public void ChangingThePriorityActsOnRunningQueuedAndSleepingTasks() => SimulatedMachine.Run(1, 6, machine =>
    {
        List<string> order = [];
        KernelTask.Current.SetScheduling(Urgent(50));
        Semaphore gate = new("gate", 0);
        TaskStruct sleeper = KernelTask.Start(At(120, "sleeper"), () =>
        {
            gate.Wait();
            order.Add("sleeper");
        });
        TaskStruct queued = KernelTask.Start(At(120, "queued"), () => order.Add("queued"));
        TaskStruct other = KernelTask.Start(At(119, "other"), () =>
        {
            order.Add("other");
            queued.SetScheduling(Urgent(118));
            order.Add("other after queued");
            sleeper.SetScheduling(Urgent(117));
            gate.Release();
            order.Add("other after sleeper");
            TaskStruct.Current.SetScheduling(Urgent(121));
            order.Add("other at the end");
        });
        TaskStruct last = KernelTask.Start(At(120, "last"), () => order.Add("last"));

        // The sleeper reaches its gate first.
        KernelTask.Sleep(Millisecond);
        sleeper.Join();
        queued.Join();
        other.Join();
        last.Join();
        Assert.Equal(["other", "queued", "other after queued", "sleeper", "other after sleeper", "last", "other at the end"], order);
        Assert.Empty(machine.Faults);
    });

    [Fact]
    public void ALoneTaskIsNotInterruptedByTheClock() => SimulatedMachine.Run(1, 7, machine =>
    {
        KernelTask.Sleep(Millisecond);
        int before = machine.Cpus[0].ClockInterrupts;
        machine.Compute(500 * Millisecond);
        Assert.Equal(before, machine.Cpus[0].ClockInterrupts);
    });

    [Fact]
    public void AnIdleCpuHasNoTick() => SimulatedMachine.Run(1, 8, machine =>
    {
        KernelTask.Sleep(Millisecond);
        int before = machine.Cpus[0].ClockInterrupts;
        ulong start = machine.Now;
        KernelTask.Sleep(5000 * Millisecond);
        Assert.InRange(machine.Now - start, 5000 * Millisecond, 5001 * Millisecond);
        Assert.InRange(machine.Cpus[0].ClockInterrupts - before, 1, 2);
    });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void TasksSpreadOverIdleCpus(int seed) => SimulatedMachine.Run(4, seed, machine =>
    {
        List<TaskStruct> tasks = [];
        HashSet<int> used = [];
        for (int i = 0; i < 3; i++)
        {
            tasks.Add(KernelTask.Start("worker", () =>
            {
                for (int k = 0; k < 40; k++)
                {
                    machine.Compute(Millisecond / 4);
                }

                used.Add(TaskStruct.Current.Cpu);
            }));
        }

        machine.Compute(Millisecond);
        Assert.All(RunQueuesNow(), queue => Assert.InRange(queue.Count, 1, 1));
        tasks.ForEach(task => task.Join());
        Assert.Equal(3, used.Count);
    });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void ACpuThatFallsIdleTakesWaitingTasks(int seed) => SimulatedMachine.Run(4, seed, machine =>
    {
        List<TaskStruct> tasks = [];
        for (int i = 0; i < 8; i++)
        {
            // All begin on CPU 1 and may leave it afterwards.
            tasks.Add(KernelTask.Start(new TaskOptions { Name = "worker", Affinity = CpuSet.Of(1) }, () => machine.Compute(20 * Millisecond)));
        }

        tasks.ForEach(task => task.SetAffinity(CpuSet.All));
        machine.Compute(6 * Millisecond);
        Assert.All(RunQueuesNow(), queue => Assert.InRange(queue.Count, 1, 4));
        tasks.ForEach(task => task.Join());
    });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void AffinityIsObeyedWhereverATaskIsWhenItChanges(int seed) => SimulatedMachine.Run(4, seed, machine =>
    {
        bool done = false;
        int wrong = 0;
        List<TaskStruct> tasks = [];
        for (int i = 0; i < 6; i++)
        {
            tasks.Add(KernelTask.Start("roamer", () =>
            {
                TaskStruct me = TaskStruct.Current;
                while (!done)
                {
                    // Where it runs right after a switch is allowed, unless it was changed since.
                    CpuSet before = me.Affinity;
                    KernelTask.Yield();
                    int here = machine.Active.Index;
                    if (before == me.Affinity && !before.Contains(here) && !me.MustMigrate)
                    {
                        wrong++;
                    }

                    if (machine.Random.Next(4) == 0)
                    {
                        KernelTask.Sleep(10_000);
                    }
                }
            }));
        }

        for (int round = 0; round < 200; round++)
        {
            TaskStruct task = tasks[machine.Random.Next(tasks.Count)];
            CpuSet set = CpuSet.Of(machine.Random.Next(4)) | CpuSet.Of(machine.Random.Next(4));
            task.SetAffinity(set);
            KernelTask.Sleep(20_000);
        }

        done = true;
        tasks.ForEach(task => task.Join());
        Assert.Equal(0, wrong);
    });

    [Fact]
    public void AffinityWithNoCpuThatExistsIsRefused() => SimulatedMachine.Run(2, 1, _ =>
    {
        Assert.Throws<ArgumentException>(() => KernelTask.Current.SetAffinity(CpuSet.Of(7)));
        Assert.Throws<ArgumentException>(() => KernelTask.Start(new TaskOptions { Affinity = CpuSet.Empty }, () => { }));
    });

    [Fact]
    public void AClassOfAModuleSchedulesItsTasksBeforeOthers() => SimulatedMachine.Run(2, 1, machine =>
    {
        LastInFirstOutClass policy = new();
        SchedulingClasses.Register(policy);
        Assert.Throws<ArgumentException>(() => SchedulingClasses.Register(new LastInFirstOutClass()));
        List<int> order = [];
        Semaphore gate = new("gate", 0);
        List<TaskStruct> tasks = [];
        KernelTask.Current.SetScheduling(SchedulingParameters.Of(policy));
        KernelTask.Current.SetAffinity(CpuSet.Of(1));
        for (int i = 0; i < 3; i++)
        {
            tasks.Add(KernelTask.Start(new TaskOptions { Name = "lifo", Scheduling = SchedulingParameters.Of(policy), Affinity = CpuSet.Of(0) }, () =>
            {
                int me = order.Count;
                machine.Compute(Millisecond);
                order.Add(me);
            }));
        }

        tasks.ForEach(task => task.Join());
        Assert.Equal(3, order.Count);
        KernelTask.Current.SetScheduling(SchedulingParameters.Default);
        gate.Release();
    });

    private static TaskOptions At(int priority, string name) => new() { Scheduling = Urgent(priority), Name = name };

    // Real time, in turns among equals; less is more urgent.
    private static SchedulingParameters Urgent(int priority) => SchedulingParameters.RoundRobin(Math.Clamp(140 - priority, 1, 99));

    private static IEnumerable<RunQueue> RunQueuesNow() => Enumerable.Range(0, RunQueues.Count).Select(cpu => RunQueues.Get(cpu)!);

    /// <summary>A policy as a module would bring it: the last that came runs first, to its end.</summary>
    private sealed class LastInFirstOutClass() : SchedulingClass("lifo", 12)
    {
        public override ClassQueue CreateQueue(int cpu) => new Queue();

        private sealed class Queue : ClassQueue
        {
            private EntityRing _ring;

            public override void Enqueue(SchedulingEntity entity, EnqueueReason reason) => _ring.AddFirst(entity);

            public override void Dequeue(SchedulingEntity entity) => _ring.Remove(entity);

            public override SchedulingEntity PickNext() => _ring.Head!;

            public override void Charge(SchedulingEntity entity, ulong nanoseconds, ulong now)
            {
            }

            public override void Yield(SchedulingEntity entity)
            {
            }

            public override ulong SliceLeft(SchedulingEntity entity) => NoSlice;

            public override bool SliceExpired(SchedulingEntity entity) => false;

            public override bool Preempts(SchedulingEntity queued, SchedulingEntity running) => true;

            public override SchedulingEntity? FindMovable(int cpu, TaskStruct running) => null;
        }
    }
}
