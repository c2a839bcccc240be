using System;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Tests.Simulation;
using Xunit;

namespace CosmosKernel.Tasks.Tests;

/// <summary>Classes that modules bring, the stopper, and parameters.</summary>
public class SchedulingClassesTests
{
    [Fact]
    public void AClassReachesACpuThatStartsWhileItIsRegistered() => SimulatedMachine.Run(1, 1, _ =>
    {
        // CPU 7 starts in the middle: after the class has looked for CPUs, before it is known.
        RunQueue? started = null;
        CallbackClass policy = new("late", 20);
        policy.OnCreateQueue = _ =>
        {
            policy.OnCreateQueue = null;
            started = new RunQueue(7, TaskStruct.Current);
            SchedulingClasses.AddCpu(started);
        };
        SchedulingClasses.Register(policy);
        Assert.NotNull(started!.QueueOf(20));
        Assert.NotNull(RunQueues.Get(0)!.QueueOf(20));
        Assert.Same(policy, SchedulingClasses.Get(20));
    });

    [Fact]
    public void ACpuThatStartsGetsAClassThatIsRegisteredMeanwhile() => SimulatedMachine.Run(1, 1, _ =>
    {
        // The second class comes while the CPU makes a queue of the first.
        CallbackClass first = new("first", 20);
        CallbackClass second = new("second", 21);
        SchedulingClasses.Register(first);
        first.OnCreateQueue = _ =>
        {
            first.OnCreateQueue = null;
            SchedulingClasses.Register(second);
        };
        RunQueue started = new(7, TaskStruct.Current);
        SchedulingClasses.AddCpu(started);
        Assert.NotNull(started.QueueOf(20));
        Assert.NotNull(started.QueueOf(21));
    });

    [Fact]
    public void ARankIsFreeAgainIfItsClassCouldNotMakeAQueue() => SimulatedMachine.Run(1, 1, _ =>
    {
        CallbackClass broken = new("broken", 20) { OnCreateQueue = _ => throw new InvalidOperationException("no") };
        Assert.Throws<InvalidOperationException>(() => SchedulingClasses.Register(broken));
        Assert.Null(SchedulingClasses.Get(20));
        Assert.Throws<ArgumentException>(() => KernelTask.Current.SetScheduling(SchedulingParameters.Of(broken)));
        Assert.Throws<ArgumentException>(() => SchedulingClasses.Register(new CallbackClass("taken", FairClass.DefaultRank)));
        Assert.Throws<ArgumentException>(() => SchedulingClasses.Register(new CallbackClass("out", SchedulingClass.RankCount)));
        SchedulingClasses.Register(new CallbackClass("good", 20));
    });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void TheStopperRunsBeforeEverythingElse(int seed) => SimulatedMachine.Run(2, seed, machine =>
    {
        bool stop = false;
        TaskStruct deadline = KernelTask.Start(
            new TaskOptions { Name = "deadline", Affinity = CpuSet.Of(1), Scheduling = SchedulingParameters.EarliestDeadline(90_000_000, 100_000_000) }, () =>
            {
                while (!stop)
                {
                    machine.Compute(20_000);
                }
            });
        TaskStruct? ran = null;
        int where = -1;
        CpuStopper.Run(1, () =>
        {
            ran = TaskStruct.Current;
            where = machine.Active.Index;
        });
        Assert.Equal(1, where);
        Assert.Same(SchedulingClasses.Stop, ran!.Class);
        Assert.Equal(TaskPriority.Stop, ran.Priority);
        Assert.Throws<InvalidOperationException>(() => CpuStopper.Run(1, () => throw new InvalidOperationException("from there")));
        Assert.Throws<ArgumentException>(() => CpuStopper.Run(9, () => { }));
        stop = true;
        deadline.Join();
    });

    [Fact]
    public void ParametersThatContradictThemselvesAreRefused() => SimulatedMachine.Run(1, 1, _ =>
    {
        TaskStruct me = KernelTask.Current;
        SchedulingParameters fair = SchedulingParameters.Default;
        foreach (SchedulingParameters bad in new[]
        {
            SchedulingParameters.Fair(20), SchedulingParameters.Fair(-21), SchedulingParameters.Fifo(0), SchedulingParameters.Fifo(100),
            fair with { RealTimePriority = 1 }, fair with { Slice = 1 }, fair with { Slice = 200_000_000 }, fair with { LatencyNice = 30 },
            fair with { Runtime = 1 }, fair with { Share = 1 }, SchedulingParameters.RoundRobin(5) with { Slice = 1_000_000 },
            new SchedulingParameters { Policy = SchedulingPolicy.Stop }, new SchedulingParameters { Policy = SchedulingPolicy.CpuIdle },
            new SchedulingParameters { Policy = SchedulingPolicy.Module }, new SchedulingParameters { Policy = (SchedulingPolicy)4 },
        })
        {
            Assert.ThrowsAny<ArgumentException>(() => me.SetScheduling(bad));
            Assert.ThrowsAny<ArgumentException>(() => KernelTask.Start(new TaskOptions { Scheduling = bad }, () => { }));
        }

        Assert.Equal(SchedulingParameters.Default, me.GetScheduling());
    });

    [Fact]
    public void AChildInheritsOrStartsAsAnOrdinaryTask() => SimulatedMachine.Run(1, 1, _ =>
    {
        SchedulingParameters fifo = SchedulingParameters.Fifo(40) with { Nice = -5 };
        KernelTask.Current.SetScheduling(fifo);
        Assert.Equal(fifo, Child());
        KernelTask.Current.SetScheduling(fifo with { ResetOnFork = true });
        Assert.Equal(SchedulingParameters.Fair(), Child());
        KernelTask.Current.SetScheduling(SchedulingParameters.Fair(7) with { Policy = SchedulingPolicy.Batch, ResetOnFork = true });
        Assert.Equal(SchedulingParameters.Fair(7) with { Policy = SchedulingPolicy.Batch }, Child());

        static SchedulingParameters Child()
        {
            TaskStruct child = KernelTask.Start(new TaskOptions { InheritScheduling = true }, () => { });
            SchedulingParameters inherited = child.GetScheduling();
            child.Join();
            return inherited;
        }
    });

    [Fact]
    public void WeightsAreThoseOfNice()
        => SimulatedMachine.Run(1, 1, _ =>
        {
            FairClass fair = SchedulingClasses.Default;
            Assert.Equal(FairClass.NormalWeight, fair.WeightOf(0));
            Assert.Equal(15, fair.WeightOf(19));
            Assert.All(Enumerable.Range(-20, 39), nice => Assert.InRange((double)fair.WeightOf(nice) / fair.WeightOf(nice + 1), 1.2, 1.3));
        });

    private sealed class CallbackClass(string name, int rank) : SchedulingClass(name, rank)
    {
        public Action<int>? OnCreateQueue { get; set; }

        public override ClassQueue CreateQueue(int cpu)
        {
            OnCreateQueue?.Invoke(cpu);
            return new RealTimeQueue();
        }
    }
}
