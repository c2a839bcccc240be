using System.Linq;
using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Time;
using CosmosKernel.Processes.Ipc;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Tests.Simulation;
using CosmosKernel.Tasks.Time;
using Xunit;

namespace CosmosKernel.Ipc.Tests;

/// <summary>Semaphores in every order of steps that a seed makes.</summary>
public class SemaphoreTests
{
    private const short Undo = SemaphoreConstants.SEM_UNDO;

    public static TheoryData<int, int> Cases => Simulation.Cases;

    [Theory]
    [MemberData(nameof(Cases))]
    public void ASemaphoreExcludesAndLosesNoWakeUp(int cpus, int seed) => SimulatedMachine.Run(cpus, seed, machine =>
    {
        SemaphoreSet set = Make(1);
        Assert.Equal(0, Operate(set, null, new SemaphoreOperation(0, 1, 0)));
        int inside = 0;
        int taken = 0;
        int late = 0;
        TaskStruct[] tasks = [.. Enumerable.Range(0, 5).Select(i => Simulation.Start($"t{i}", deadline =>
        {
            for (int round = 0; round < 5; round++)
            {
                deadline.Set(round % 2 == 1 ? Clock.MonotonicNanoseconds + (20 * Simulation.Microsecond) : Scheduler.Never);
                int result = Operate(set, null, new SemaphoreOperation(0, -1, 0), deadline);
                deadline.Clear();
                if (result == -(int)Errno.EAGAIN)
                {
                    late++;
                    continue;
                }

                machine.Require(result == 0, $"the operation gives {result}");
                machine.Require(++inside == 1, "two tasks have the semaphore");
                machine.Step();
                inside--;
                taken++;
                machine.Require(Operate(set, null, new SemaphoreOperation(0, 1, 0)) == 0, "it cannot be released");
            }
        }))];
        Simulation.JoinAll(tasks);
        Assert.Equal(25, taken + late);
        Assert.Equal(1L, set.Get(Credentials.Root, 0, SemaphoreConstants.GETVAL));
        Assert.Equal(0L, set.Get(Credentials.Root, 0, SemaphoreConstants.GETNCNT));
    });

    [Theory]
    [MemberData(nameof(Cases))]
    public void OperationsOnSeveralSemaphoresNeverDeadlockAndKeepTheSum(int cpus, int seed) => SimulatedMachine.Run(cpus, seed, machine =>
    {
        // Philosophers: each takes two neighbours at once.
        const int Count = 5;
        SemaphoreSet set = Make(Count);
        Assert.Equal(Errno.Ok, set.SetAll(Credentials.Root, new ushort[] { 1, 1, 1, 1, 1 }, 1));
        int[] held = new int[Count];
        TaskStruct[] tasks = [.. Enumerable.Range(0, Count).Select(i => Simulation.Start($"p{i}", deadline =>
        {
            int other = (i + 1) % Count;
            for (int round = 0; round < 4; round++)
            {
                machine.Require(Operate(set, null, [new((ushort)i, -1, 0), new((ushort)other, -1, 0)], deadline) == 0, "the forks are not taken");
                machine.Require(++held[i] == 1 && ++held[other] == 1, "a fork is in two hands");
                machine.Step();
                held[i]--;
                held[other]--;
                machine.Require(Operate(set, null, [new((ushort)i, 1, 0), new((ushort)other, 1, 0)], deadline) == 0, "the forks are not put back");
            }
        }))];
        Simulation.JoinAll(tasks);
        for (int i = 0; i < Count; i++)
        {
            Assert.Equal(1L, set.Get(Credentials.Root, i, SemaphoreConstants.GETVAL));
        }
    });

    [Theory]
    [MemberData(nameof(Cases))]
    public void RemovalEndsEveryOperation(int cpus, int seed) => SimulatedMachine.Run(cpus, seed, machine =>
    {
        SemaphoreSet set = Make(2);
        int ended = 0;
        TaskStruct[] tasks = [.. Enumerable.Range(0, 4).Select(i => Simulation.Start($"t{i}", deadline =>
        {
            SemaphoreUndoList list = new();
            int result = 0;
            while (result == 0)
            {
                Errno error = list.TryGet(set, out SemaphoreUndo? undo);
                result = error != Errno.Ok ? -(int)error
                    : i % 2 == 0 ? Operate(set, undo, [new(0, -1, Undo)], deadline) : Operate(set, undo, [new(0, 1, Undo), new(1, (short)(i == 3 ? -1 : 0), Undo)], deadline);
            }

            machine.Require(result == -(int)Errno.EIDRM, $"the operation gives {result}");
            list.Release(i);
            ended++;
        }))];
        KernelTask.Sleep((ulong)machine.Random.Next(400) * Simulation.Microsecond);
        Assert.Equal(Errno.Ok, set.Remove(Credentials.Root));
        Assert.Equal(Errno.EIDRM, set.Remove(Credentials.Root));
        Simulation.JoinAll(tasks);
        Assert.Equal(4, ended);
    });

    [Theory]
    [MemberData(nameof(Cases))]
    public void WhatEndsGivesBackWhatItHolds(int cpus, int seed) => SimulatedMachine.Run(cpus, seed, machine =>
    {
        // Tasks take with SEM_UNDO and end without giving back, some of them by a signal while they wait, while others wait for what they hold.
        SemaphoreSet set = Make(1);
        Assert.Equal(0, Operate(set, null, new SemaphoreOperation(0, 2, 0)));
        TaskStruct[] tasks = [.. Enumerable.Range(0, 6).Select(i => Simulation.Start($"t{i}", deadline =>
        {
            SemaphoreUndoList list = new();
            machine.Require(list.TryGet(set, out SemaphoreUndo? undo) == Errno.Ok, "there is no undo");
            int result = Operate(set, undo, [new(0, (short)(-1 - (i % 2)), Undo)], deadline);
            machine.Require(result is 0 or -(int)Errno.EINTR, $"the operation gives {result}");
            machine.Step();
            list.Release(i);
        }))];
        Simulation.InterruptAll(machine, [tasks[1], tasks[4]]);
        Simulation.JoinAll(tasks);
        Assert.Equal(2L, set.Get(Credentials.Root, 0, SemaphoreConstants.GETVAL));
        Assert.Equal(0L, set.Get(Credentials.Root, 0, SemaphoreConstants.GETNCNT));
    });

    [Fact]
    public void AListIsAppliedWhenTheLastOneLeaves() => SimulatedMachine.Run(1, 1, _ =>
    {
        SemaphoreSet set = Make(1);
        SemaphoreUndoList list = new();
        list.AddUser();
        Assert.Equal(Errno.Ok, list.TryGet(set, out SemaphoreUndo? undo));
        Assert.Equal(0, Operate(set, undo, new SemaphoreOperation(0, 7, Undo)));
        list.Release(1);
        Assert.Equal(7L, set.Get(Credentials.Root, 0, SemaphoreConstants.GETVAL));
        list.Release(2);
        Assert.Equal(0L, set.Get(Credentials.Root, 0, SemaphoreConstants.GETVAL));
        Assert.Equal(2L, set.Get(Credentials.Root, 0, SemaphoreConstants.GETPID));
    });

    private static SemaphoreSet Make(int count) => new(IpcConstants.IPC_PRIVATE, 0x180, Credentials.Root, count);

    private static int Operate(SemaphoreSet set, SemaphoreUndo? undo, SemaphoreOperation operation, SleepDeadline? deadline = null) => Operate(set, undo, [operation], deadline ?? new SleepDeadline());

    // As the system call does it.
    private static int Operate(SemaphoreSet set, SemaphoreUndo? undo, SemaphoreOperation[] operations, SleepDeadline deadline)
    {
        int result = set.TryOperate(Credentials.Root, operations, undo, TaskStruct.Current.Pid);
        return result == SemaphoreWaiter.Pending ? set.Operate(Credentials.Root, new SemaphoreWaiter(TaskStruct.Current, operations, undo, TaskStruct.Current.Pid), deadline) : result;
    }
}
