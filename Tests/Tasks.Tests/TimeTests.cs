using System.Collections.Generic;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Tests.Simulation;
using CosmosKernel.Tasks.Time;
using Xunit;

namespace CosmosKernel.Tasks.Tests;

/// <summary>Timer slack, timers that end with their task, timers that restart themselves in the past, and the CPU time of a group.</summary>
public class TimeTests
{
    [Fact]
    public void SleepsWithSlackEndTogetherAndNeverEarly() => SimulatedMachine.Run(1, 1, machine =>
    {
        const int count = 10;
        List<ulong> late = [];
        ulong start = machine.Now + 1_000_000;
        List<TaskStruct> tasks = [];
        for (int i = 0; i < count; i++)
        {
            ulong deadline = start + ((ulong)i * 4000);
            tasks.Add(KernelTask.Start("sleeper", () =>
            {
                TaskStruct.Current.TimerSlack = TaskStruct.InitialTimerSlack;
                KernelTask.SleepUntil(deadline);
                Assert.True(machine.Now >= deadline);
                late.Add(machine.Now - deadline);
            }));
        }

        int before = machine.Cpus[0].ClockInterrupts;
        tasks.ForEach(task => task.Join());
        Assert.Equal(count, late.Count);
        Assert.InRange(machine.Cpus[0].ClockInterrupts - before, 1, count / 2);
    });

    [Fact]
    public void SlackIsInheritedAndZeroGoesBackToIt() => SimulatedMachine.Run(1, 1, machine =>
    {
        TaskStruct.Current.TimerSlack = 777;
        ulong inherited = 0;
        ulong reset = 0;
        ulong urgent = 1;
        KernelTask.Start("child", () =>
        {
            TaskStruct me = TaskStruct.Current;
            inherited = me.TimerSlack;
            me.TimerSlack = 5;
            me.TimerSlack = 0;
            reset = me.TimerSlack;
            me.SetPriority(10);
            urgent = me.EffectiveTimerSlack;
        }).Join();
        Assert.Equal(777ul, inherited);
        Assert.Equal(777ul, reset);
        Assert.Equal(0ul, urgent);
    });

    [Fact]
    public void ATimerThatAlwaysRestartsInThePastLeavesTasksTheirCpu() => SimulatedMachine.Run(1, 1, machine =>
    {
        PastTimer timer = new();
        timer.Start(machine.Now);
        machine.Compute(1_000_000);
        int fired = timer.Fired;
        timer.Again = false;
        machine.Compute(100_000);
        Assert.InRange(fired, 2, 101);
        Assert.False(timer.IsPending);
    });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void TheTimersOfATaskEndWithIt(int seed) => SimulatedMachine.Run(2, seed, machine =>
    {
        OwnTimer? timer = null;
        TaskStruct task = KernelTask.Start("owner", () =>
        {
            timer = new OwnTimer();
            timer.Start(machine.Now + 1000);
            machine.Compute(20_000);
        });
        task.Join();
        int fired = timer!.Fired;
        machine.Compute(500_000);
        Assert.True(fired > 0);
        Assert.Equal(fired, timer.Fired);
        Assert.False(timer.IsPending);
    });

    [Fact]
    public void AThreadGroupHasALeaderItsMembersAndTheirTime() => SimulatedMachine.Run(2, 1, machine =>
    {
        int tgid = 0;
        bool leads = true;
        ulong time = 0;
        TaskStruct leader = KernelTask.Start("leader", () =>
        {
            TaskStruct me = TaskStruct.Current;
            TaskStruct member = KernelTask.Start(new TaskOptions { Name = "member", ThreadOf = me }, () =>
            {
                tgid = TaskStruct.Current.Tgid;
                leads = TaskStruct.Current.IsGroupLeader;
                machine.Compute(3_000_000);
            });
            Assert.Equal(2, me.Group!.Count);
            member.Join();
            Assert.Equal(1, me.Group.Count);
            time = me.ReadGroupCpuTime();
        });
        Assert.Equal(TaskExitReason.Exited, leader.Join().Reason);
        Assert.Equal(leader.Pid, tgid);
        Assert.False(leads);
        Assert.True(time >= 3_000_000);
    });

    [Fact]
    public void WhatATaskHoldsIsReleasedOnceHoweverItEnds() => SimulatedMachine.Run(2, 1, machine =>
    {
        List<string> released = [];
        TaskStruct killed = KernelTask.Start("killed", () =>
        {
            TaskStruct.Current.Files = new Held(released, "files");
            KernelTask.SleepUntil(Scheduler.Never);
        });
        while (killed.Files is null)
        {
            machine.Step();
        }

        killed.Kill();
        killed.Join();
        TaskStruct ended = KernelTask.Start("ended", () => { TaskStruct.Current.Files = new Held(released, "other files"); });
        ended.Join();
        Assert.Equal(["files", "other files"], released);
        Assert.Null(killed.Files);
    });

    private sealed class Held(List<string> released, string name) : TaskFiles
    {
        public override void Release(TaskStruct task) => released.Add(name);
    }

    private sealed class PastTimer : KernelTimer
    {
        public int Fired { get; private set; }

        public bool Again { get; set; } = true;

        protected override void OnExpired(ulong now)
        {
            Fired++;
            if (Again)
            {
                Start(now - 1);
            }
        }
    }

    private sealed class OwnTimer : TaskTimer
    {
        public int Fired { get; private set; }

        protected override void OnExpired(ulong now)
        {
            Fired++;
            Start(now + 2000);
        }
    }
}
