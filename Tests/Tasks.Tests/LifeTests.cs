using System;
using System.Collections.Generic;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Tests.Simulation;
using CosmosKernel.Tasks.Waiting;
using Xunit;

namespace CosmosKernel.Tasks.Tests;

public class LifeTests
{
    private const ulong Millisecond = 1_000_000;

    public static TheoryData<int, int> Machines
    {
        get
        {
            TheoryData<int, int> data = [];
            for (int seed = 1; seed <= 6; seed++)
            {
                data.Add(1, seed);
                data.Add(2, seed);
                data.Add(4, seed);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Machines))]
    public void JoinGivesTheStatusAndReleasesEverything(int cpus, int seed) => SimulatedMachine.Run(cpus, seed, machine =>
    {
        int stacks = machine.LiveStacks;
        int tasks = TaskTable.Count;
        for (int i = 0; i < 20; i++)
        {
            int code = i;
            TaskStruct task = KernelTask.Start(new TaskOptions { Name = "worker" }, () =>
            {
                machine.Compute((ulong)machine.Random.Next(50_000));
                return code;
            });
            Assert.Same(task, TaskTable.Find(task.Pid));
            Assert.Equal(new TaskExit(TaskExitReason.Exited, code), task.Join());
            Assert.Equal(TaskState.Dead, task.State);
            Assert.NotSame(task, TaskTable.Find(task.Pid));
        }

        Assert.Equal(stacks, machine.LiveStacks);
        Assert.Equal(tasks, TaskTable.Count);
    });

    [Theory]
    [MemberData(nameof(Machines))]
    public void SeveralCanJoinOneTask(int cpus, int seed) => SimulatedMachine.Run(cpus, seed, machine =>
    {
        TaskStruct target = KernelTask.Start(new TaskOptions { Name = "target" }, () =>
        {
            KernelTask.Sleep(Millisecond);
            return 42;
        });
        List<TaskStruct> joiners = [];
        int right = 0;
        for (int i = 0; i < 4; i++)
        {
            joiners.Add(KernelTask.Start("joiner", () =>
            {
                int code = target.Join().Code;
                right += code == 42 ? 1 : 0;
            }));
        }

        joiners.ForEach(joiner => joiner.Join());
        Assert.Equal(4, right);
        Assert.Throws<InvalidOperationException>(() => KernelTask.Current.Join());
    });

    [Theory]
    [MemberData(nameof(Machines))]
    public void DetachedTasksLeaveNothing(int cpus, int seed) => SimulatedMachine.Run(cpus, seed, machine =>
    {
        int stacks = machine.LiveStacks;
        int tasks = TaskTable.Count;
        int ran = 0;
        for (int i = 0; i < 20; i++)
        {
            TaskStruct task = KernelTask.Start(new TaskOptions { Name = "worker", Detached = i % 2 == 0 }, () => { ran++; });
            if (i % 2 != 0)
            {
                machine.Compute((ulong)machine.Random.Next(20_000));
                task.Detach();
            }
        }

        KernelTask.Sleep(50 * Millisecond);
        Assert.Equal(20, ran);
        Assert.Equal(stacks, machine.LiveStacks);
        Assert.Equal(tasks, TaskTable.Count);
    });

    [Theory]
    [MemberData(nameof(Machines))]
    public void ChildrenOfATaskThatEndsAreReleasedToo(int cpus, int seed) => SimulatedMachine.Run(cpus, seed, machine =>
    {
        int stacks = machine.LiveStacks;
        TaskStruct parent = KernelTask.Start("parent", () =>
        {
            for (int i = 0; i < 5; i++)
            {
                ulong time = (ulong)i * 100_000;
                KernelTask.Start("child", () => KernelTask.Sleep(time));
            }

            KernelTask.Sleep(150_000);
        });
        parent.Join();
        KernelTask.Sleep(10 * Millisecond);
        Assert.Equal(stacks, machine.LiveStacks);
        Assert.Null(TaskTree.Child(parent, null));
    });

    [Theory]
    [MemberData(nameof(Machines))]
    public void AnUnhandledExceptionEndsOnlyItsTask(int cpus, int seed) => SimulatedMachine.Run(cpus, seed, machine =>
    {
        TaskStruct task = KernelTask.Start(new TaskOptions { Name = "worker" }, new Action(() => throw new FormatException("no")));
        Assert.Equal(new TaskExit(TaskExitReason.Faulted, TaskExit.FaultedCode), task.Join());
        Assert.IsType<FormatException>(Assert.Single(machine.Faults));
    });

    [Fact]
    public void AReporterThatFailsDoesNotKeepATaskAlive() => SimulatedMachine.Run(2, 1, machine =>
    {
        TaskFaultReporter.Instance = new FailingReporter();
        TaskStruct task = KernelTask.Start(new TaskOptions { Name = "worker" }, new Action(() => throw new FormatException("no")));
        Assert.Equal(TaskExitReason.Faulted, task.Join().Reason);
        Assert.Equal("An exception ended a task, and reporting it failed", Assert.Single(machine.Messages));
    });

    [Theory]
    [MemberData(nameof(Machines))]
    public void ExitEndsTheTaskThroughItsFinallyBlocks(int cpus, int seed) => SimulatedMachine.Run(cpus, seed, _ =>
    {
        bool cleaned = false;
        TaskStruct task = KernelTask.Start(new TaskOptions { Name = "worker" }, new Action(() =>
        {
            try
            {
                KernelTask.Exit(7);
            }
            finally
            {
                cleaned = true;
            }
        }));
        Assert.Equal(new TaskExit(TaskExitReason.Exited, 7), task.Join());
        Assert.True(cleaned);
    });

    [Theory]
    [MemberData(nameof(Machines))]
    public void KillWakesASleeperAndEndsIt(int cpus, int seed) => SimulatedMachine.Run(cpus, seed, machine =>
    {
        TaskStruct task = KernelTask.Start(new TaskOptions { Name = "sleeper" }, new Action(() => KernelTask.SleepUntil(Scheduler.Never)));
        machine.Compute((ulong)machine.Random.Next(30_000));
        task.Kill();
        Assert.Equal(new TaskExit(TaskExitReason.Killed, TaskExit.KilledCode), task.Join());
    });

    [Theory]
    [MemberData(nameof(Machines))]
    public void KillLeavesAnUninterruptibleSleepAlone(int cpus, int seed) => SimulatedMachine.Run(cpus, seed, machine =>
    {
        Semaphore gate = new("gate", 0);
        bool passed = false;
        TaskStruct task = KernelTask.Start(new TaskOptions { Name = "sleeper" }, () =>
        {
            gate.Wait();
            passed = true;
            return 3;
        });
        KernelTask.Sleep(Millisecond);
        task.Kill();
        KernelTask.Sleep(Millisecond);
        Assert.Equal(TaskState.Uninterruptible, task.State);
        Assert.Equal("gate", task.WaitChannel);
        Assert.True(task.IsKilled);
        gate.Release();
        Assert.Equal(new TaskExit(TaskExitReason.Exited, 3), task.Join());
        Assert.True(passed);
    });

    [Theory]
    [MemberData(nameof(Machines))]
    public void InterruptEndsOneSleepOnly(int cpus, int seed) => SimulatedMachine.Run(cpus, seed, machine =>
    {
        List<bool> results = [];
        TaskStruct task = KernelTask.Start("sleeper", () =>
        {
            results.Add(KernelTask.Sleep(1000 * Millisecond));
            results.Add(KernelTask.Sleep(Millisecond));
        });
        machine.Compute((ulong)machine.Random.Next(30_000));
        task.Interrupt();
        task.Join();
        Assert.Equal([false, true], results);
    });

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(4, 3)]
    public void ThousandsOfTasksComeAndGoWithoutALeak(int cpus, int seed) => SimulatedMachine.Run(cpus, seed, machine =>
    {
        int stacks = machine.LiveStacks;
        int tasks = TaskTable.Count;
        int ran = 0;
        HashSet<int> pids = [];
        for (int round = 0; round < 60; round++)
        {
            List<TaskStruct> batch = [];
            for (int i = 0; i < 50; i++)
            {
                TaskStruct task = KernelTask.Start(new TaskOptions { Name = "worker", Priority = 100 + machine.Random.Next(40) }, () => { ran++; });
                Assert.True(pids.Add(task.Pid));
                batch.Add(task);
            }

            batch.ForEach(task => task.Join());
        }

        Assert.Equal(3000, ran);
        Assert.Equal(stacks, machine.LiveStacks);
        Assert.Equal(tasks, TaskTable.Count);
    });

    private sealed class FailingReporter : TaskFaultReporter
    {
        public override void Report(TaskStruct task, Exception exception) => throw new OutOfMemoryException();
    }
}
