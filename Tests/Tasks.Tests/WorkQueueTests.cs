using System;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Tasks.Deferred;
using CosmosKernel.Tasks.Deferred.Work;
using CosmosKernel.Tasks.Tests.Simulation;
using CosmosKernel.Tasks.Waiting;
using Xunit;

namespace CosmosKernel.Tasks.Tests;

public class WorkQueueTests
{
    private const ulong Millisecond = 1_000_000;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Fact]
    public void AnItemIsExecutedOnTheCpuWhereItWasQueued() => Simulate(4, 1, machine =>
    {
        int executedOn = -1;
        Item item = new(WorkQueues.Default, () => executedOn = machine.Active.Index);
        for (int cpu = 0; cpu < 4; cpu++)
        {
            Assert.True(item.QueueOn(cpu));
            item.Flush();
            Assert.Equal(cpu, executedOn);
        }
    });

    [Fact]
    public void AnItemThatWaitsIsQueuedOnce() => Simulate(1, 2, _ =>
    {
        int executed = 0;
        Item item = new(WorkQueues.Default, () => executed++);
        KernelTask.Current.SetPriority(20);
        Assert.True(item.Queue());
        Assert.False(item.Queue());
        Assert.False(item.Queue());
        item.Flush();
        Assert.Equal(1, executed);
        Assert.True(item.Queue());
        item.Flush();
        Assert.Equal(2, executed);
    });

    [Fact]
    public void AnItemThatSleepsHoldsUpNoOther() => Simulate(1, 3, _ =>
    {
        Completion gate = new("gate");
        List<string> order = [];
        Item sleeper = new(WorkQueues.Default, () =>
        {
            gate.Wait();
            order.Add("sleeper");
        });
        Item[] others = [.. Enumerable.Range(0, 5).Select(i => new Item(WorkQueues.Default, () => order.Add($"{i}")))];
        sleeper.Queue();
        foreach (Item other in others)
        {
            other.Queue();
        }

        foreach (Item other in others)
        {
            other.Flush();
        }

        Assert.Equal(["0", "1", "2", "3", "4"], order);
        gate.Complete();
        sleeper.Flush();
        Assert.Equal("sleeper", order[^1]);
    });

    [Fact]
    public void ItemsThatComputeOnOneCpuDoNotRunTogether() => Simulate(1, 4, machine =>
    {
        int inside = 0;
        int most = 0;
        Item[] items = [.. Enumerable.Range(0, 6).Select(_ => new Item(WorkQueues.Default, () =>
        {
            most = Math.Max(most, ++inside);
            machine.Compute(12 * Millisecond);
            inside--;
        }))];
        foreach (Item item in items)
        {
            item.Queue();
        }

        WorkQueues.Default.Flush();
        Assert.Equal(1, most);
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void AnOrderedQueueKeepsTheOrderAndRunsOneAtATime(int seed) => Simulate(4, seed, machine =>
    {
        using WorkQueue queue = new(new WorkQueueOptions { Name = "ordered", IsOrdered = true });
        List<int> order = [];
        int inside = 0;
        Item[] items = [.. Enumerable.Range(0, 12).Select(i => new Item(queue, () =>
        {
            Assert.Equal(1, ++inside);
            if (machine.Random.Next(3) == 0)
            {
                KernelTask.Sleep((ulong)machine.Random.Next(20_000));
            }

            machine.Compute((ulong)machine.Random.Next(20_000));
            order.Add(i);
            inside--;
        }))];
        foreach (Item item in items)
        {
            Assert.True(item.Queue());
            machine.Compute((ulong)machine.Random.Next(10_000));
        }

        queue.Flush();
        Assert.Equal(Enumerable.Range(0, 12), order);
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void TheLimitOfAQueueHolds(int seed) => Simulate(2, seed, _ =>
    {
        using WorkQueue queue = new(new WorkQueueOptions { Name = "limited", IsUnbound = true, MaximumActive = 3 });
        int inside = 0;
        int most = 0;
        Item[] items = [.. Enumerable.Range(0, 10).Select(_ => new Item(queue, () =>
        {
            most = Math.Max(most, ++inside);

            // None ends before as many run as may: their workers come when they come.
            do
            {
                KernelTask.Sleep(Millisecond);
            }
            while (most < 3);
            inside--;
        }))];
        foreach (Item item in items)
        {
            item.Queue();
        }

        queue.Flush();
        Assert.Equal(3, most);
    });

    [Fact]
    public void UrgentItemsComeFirst() => Simulate(1, 6, machine =>
    {
        List<string> order = [];
        Item ordinary = new(WorkQueues.Default, () => order.Add("ordinary"));
        Item urgent = new(WorkQueues.Urgent, () => order.Add("urgent"));
        KernelTask.Current.SetPriority(20);
        ordinary.Queue();
        urgent.Queue();
        machine.Compute(Millisecond);
        KernelTask.Current.SetPriority(TaskPriority.Default);
        urgent.Flush();
        ordinary.Flush();
        Assert.Equal(["urgent", "ordinary"], order);
    });

    [Fact]
    public void DelayedItemsWaitForTheirTimeAndCanBeCancelled() => Simulate(2, 7, machine =>
    {
        ulong executedAt = 0;
        int executed = 0;
        DelayedItem item = new(WorkQueues.Default, () =>
        {
            executedAt = machine.Now;
            executed++;
        });
        ulong start = machine.Now;
        Assert.True(item.QueueAfter(10 * Millisecond));
        Assert.False(item.Queue());
        Assert.False(item.QueueAfter(Millisecond));
        item.Flush();
        Assert.True(executedAt >= start + (10 * Millisecond));

        Assert.True(item.QueueAfter(10 * Millisecond));
        Assert.True(item.CancelAndWait());
        KernelTask.Sleep(30 * Millisecond);
        Assert.Equal(1, executed);

        item.QueueAfter(5 * Millisecond);
        Assert.True(item.RequeueAfter(50 * Millisecond));
        start = machine.Now;
        item.Flush();
        Assert.True(executedAt >= start + (49 * Millisecond));
        Assert.Equal(2, executed);
    });

    [Fact]
    public void AnItemThatQueuesItselfForEverIsCancelled() => Simulate(2, 8, machine =>
    {
        int executed = 0;
        Item? item = null;
        item = new Item(WorkQueues.Default, () =>
        {
            executed++;
            machine.Compute(50_000);
            item!.Queue();
        });
        item.Queue();
        KernelTask.Sleep(2 * Millisecond);
        item.CancelAndWait();
        int after = executed;
        Assert.True(after > 0);
        Assert.False(item.IsBusy);
        KernelTask.Sleep(2 * Millisecond);
        Assert.Equal(after, executed);
    });

    [Fact]
    public void AnExceptionIsReportedAndTheWorkerGoesOn() => Simulate(1, 9, _ =>
    {
        Failures failures = new();
        WorkReporter.Instance = failures;
        Item bad = new(WorkQueues.Default, () => throw new InvalidOperationException("bad"));
        bool executed = false;
        Item good = new(WorkQueues.Default, () => executed = true);
        bad.Queue();
        good.Queue();
        good.Flush();
        Assert.True(executed);
        Assert.Equal("bad", Assert.Single(failures.Exceptions).Message);
    });

    [Fact]
    public void ARescuerExecutesItemsWhenThereIsNoMemoryForAWorker() => Simulate(1, 10, machine =>
    {
        using WorkQueue queue = new(new WorkQueueOptions { Name = "reclaim", HasRescuer = true });
        Failures failures = new();
        WorkReporter.Instance = failures;
        machine.StacksLeft = 0;
        Completion freed = new("memory");
        bool gotMemory = false;

        // Waits, in the only worker, for what the second one gives.
        Item needy = new(queue, () =>
        {
            freed.Wait();
            gotMemory = true;
        });
        Item reclaimer = new(queue, freed.Complete);
        needy.Queue();
        KernelTask.Sleep(Millisecond);
        reclaimer.Queue();
        needy.Flush();
        Assert.True(gotMemory);
        Assert.True(failures.WithoutWorker > 0);
        Assert.Equal(1ul, queue.Rescued);
        machine.StacksLeft = int.MaxValue;
    });

    [Fact]
    public void WithoutARescuerTheSameWouldHang()
    {
        SimulationFailedException failure = Assert.Throws<SimulationFailedException>(() => Simulate(1, 11, machine =>
        {
            machine.StacksLeft = 0;
            Completion freed = new("memory");
            Item needy = new(WorkQueues.Default, () => freed.Wait());
            Item reclaimer = new(WorkQueues.Default, freed.Complete);
            needy.Queue();
            KernelTask.Sleep(Millisecond);
            reclaimer.Queue();
            needy.Flush();
        }));
        Assert.Contains("nothing will wake them", failure.Message);
    }

    // Queuing from everywhere, flushing and cancelling at the same time. Each execution must have been asked for, each request must be followed by an execution that begins after it unless it was cancelled.
    [Theory]
    [MemberData(nameof(Seeds))]
    public void QueueFlushAndCancelRace(int seed) => Simulate(4, seed, machine =>
    {
        using WorkQueue unbound = new(new WorkQueueOptions { Name = "unbound", IsUnbound = true, MaximumActive = 2 });
        using WorkQueue ordered = new(new WorkQueueOptions { Name = "ordered", IsOrdered = true });
        WorkQueue[] queues = [WorkQueues.Default, WorkQueues.Urgent, unbound, ordered];
        Counted[] items = [.. Enumerable.Range(0, 8).Select(i => new Counted(machine, queues[i % queues.Length]))];
        List<TaskStruct> tasks = [];
        for (int i = 0; i < 6; i++)
        {
            tasks.Add(KernelTask.Start($"t{i}", () =>
            {
                for (int k = 0; k < 30; k++)
                {
                    Counted item = items[machine.Random.Next(items.Length)];
                    switch (machine.Random.Next(8))
                    {
                        case 0:
                            item.CancelAndWait();
                            break;
                        case 1:
                            item.Cancel();
                            break;
                        case 2:
                            item.Flush();
                            break;
                        case 3:
                            item.Owner.Flush();
                            break;
                        case 4:
                            item.QueueAfter((ulong)machine.Random.Next(50_000));
                            break;
                        case 5:
                            TaskStruct.Current.SetAffinity(CpuSet.Of(machine.Random.Next(4)) | CpuSet.Of(machine.Random.Next(4)));
                            break;
                        default:
                            item.QueueOn(machine.Random.Next(4));
                            break;
                    }
                }
            }));
        }

        tasks.ForEach(task => task.Join());
        foreach (Counted item in items)
        {
            item.Asked++;
            item.Queue();
            item.Flush();
            Assert.True(item.Executed > 0);
            item.CancelAndWait();
            Assert.False(item.IsBusy);
        }

        Assert.Empty(machine.Faults);
    }, switchOneIn: 2);

    private static void Simulate(int cpus, int seed, Action<SimulatedMachine> test, int switchOneIn = 3) => SimulatedMachine.Run(cpus, seed, machine =>
    {
        DeferredWork.Start();
        WorkQueues.Start();
        test(machine);
        Assert.Empty(machine.Faults);
    }, switchOneIn);

    private sealed class Item(WorkQueue queue, Action action) : WorkItem(queue)
    {
        protected internal override void Execute() => action();
    }

    private sealed class DelayedItem(WorkQueue queue, Action action) : DelayedWorkItem(queue)
    {
        protected internal override void Execute() => action();
    }

    private sealed class Counted(SimulatedMachine machine, WorkQueue queue) : DelayedWorkItem(queue)
    {
        private int _inside;

        public int Asked { get; set; }

        public int Executed { get; private set; }

        protected internal override void Execute()
        {
            machine.Require(++_inside == 1, "an item is executed twice at once");
            if (machine.Random.Next(3) == 0)
            {
                KernelTask.Sleep((ulong)machine.Random.Next(20_000));
            }

            machine.Compute((ulong)machine.Random.Next(10_000));
            if (machine.Random.Next(4) == 0)
            {
                Queue();
            }

            Executed++;
            machine.Require(--_inside == 0, "an item is executed twice at once");
        }
    }

    private sealed class Failures : WorkReporter
    {
        public List<Exception> Exceptions { get; } = [];

        public int WithoutWorker { get; private set; }

        public override void Failed(WorkItem item, Exception exception)
        {
            if (exception is SimulationEndedException)
            {
                throw exception;
            }

            Exceptions.Add(exception);
        }

        public override void NoWorker(string pool) => WithoutWorker++;
    }
}
