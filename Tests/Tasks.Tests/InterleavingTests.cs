using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Tests.Simulation;
using Xunit;

namespace CosmosKernel.Tasks.Tests;

/// <summary>Races whose interleaving is made by hand: a CPU is held between two steps until others have done what is dangerous there.</summary>
public class InterleavingTests
{
    private static readonly (string, string)[] s_goesToSleep = [("exchange", "PrepareToSleep"), ("cli", "SwitchAway")];
    private static readonly (string, string)[] s_wakerLooksAtTheQueue = [("lock", "TryWithInterruptsOff"), ("read", "State"), ("read", "IsQueued")];
    private static readonly (string, string)[] s_moveTookItOut = [("lock", "LockBoth"), ("lock", "LockBoth"), ("write", "Cpu")];

    // The waker sees the task asleep. Before it looks whether the task is queued, the task goes on by itself, because an interrupt is pending, and at once leaves the CPU, where it
    // may not run any more: its old CPU queues it elsewhere. A waker that did not look at the state again would queue it a second time.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void ATaskThatGoesOnByItselfAndMigratesIsNotQueuedByItsWakerToo(int seed) => SimulatedMachine.Run(2, seed, machine =>
    {
        KernelTask.Current.SetAffinity(CpuSet.Of(0));
        bool interrupted = false;
        bool ended = false;
        TaskStruct sleeper = KernelTask.Start(new TaskOptions { Name = "sleeper", Affinity = CpuSet.Of(1) }, () =>
        {
            while (!interrupted)
            {
                machine.Step();
            }

            KernelTask.SleepUntil(Scheduler.Never);
            ended = true;
        });
        Hold? waker = null;
        Hold asleep = machine.HoldAt(s_goesToSleep, () => OnThisCpu(machine, sleeper), () => waker is { IsReached: true });
        waker = machine.HoldAt(s_wakerLooksAtTheQueue, () => asleep.IsReached && sleeper.State == TaskState.Interruptible, () => !sleeper.IsOnCpu && !sleeper.IsQueued);
        while (sleeper.State != TaskState.Runnable || !sleeper.IsOnCpu)
        {
            machine.Step();
        }

        sleeper.Interrupt();
        interrupted = true;
        while (!asleep.IsReached)
        {
            machine.Step();
        }

        sleeper.SetAffinity(CpuSet.Of(0));
        sleeper.Interrupt();
        Assert.True(waker.IsReached);
        Assert.Equal(TaskExitReason.Exited, sleeper.Join().Reason);
        Assert.True(ended);
        AssertQueuesHoldOnly(1);
    });

    // The task was preempted between setting its state and sleeping, so it is queued, and asleep by its state. Balancing has taken it out of one queue and not yet put it into the other.
    // A waker that saw it queued nowhere would queue it a second time.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void ATaskThatBalancingMovesIsNotQueuedByItsWakerToo(int seed) => SimulatedMachine.Run(3, seed, machine =>
    {
        KernelTask.Current.SetAffinity(CpuSet.Of(2));
        bool ready = false;
        bool ended = false;
        TaskStruct? urgent = null;
        TaskStruct sleeper = KernelTask.Start(new TaskOptions { Name = "sleeper", Priority = 130, Affinity = CpuSet.Of(1) }, () =>
        {
            while (!ready)
            {
                machine.Step();
            }

            KernelTask.SleepUntil(Scheduler.Never);
            ended = true;
        });
        Hold preparing = machine.HoldAt(s_goesToSleep, () => OnThisCpu(machine, sleeper), () => urgent is not null && machine.Cpus[1].ReschedulePending);
        Hold move = null!;
        Hold waker = machine.HoldAt(s_wakerLooksAtTheQueue, () => move.IsReached, () => true);
        move = machine.HoldAt(s_moveTookItOut, () => sleeper.State == TaskState.Interruptible, () => waker.IsReachedSince(100));
        ready = true;
        while (!preparing.IsReached)
        {
            machine.Step();
        }

        // Whoever comes first moves it: CPU 0, which is idle, or CPU 1, when it looks for a less busy one.
        sleeper.SetAffinity(CpuSet.Of(0) | CpuSet.Of(1));
        urgent = KernelTask.Start(new TaskOptions { Name = "urgent", Priority = 50, Affinity = CpuSet.Of(1) }, () =>
        {
            while (!waker.IsReached)
            {
                machine.Step();
            }
        });
        while (!move.IsReached)
        {
            machine.Step();
        }

        sleeper.Interrupt();
        urgent.Join();
        Assert.True(waker.IsReached);
        Assert.Equal(TaskExitReason.Exited, sleeper.Join().Reason);
        Assert.True(ended);
        AssertQueuesHoldOnly(1);
    });

    private static bool OnThisCpu(SimulatedMachine machine, TaskStruct task) => ReferenceEquals(machine.Active.Current!.Owner, task);

    // This task, and nothing else: a task that was queued twice is still counted.
    private static void AssertQueuesHoldOnly(int expected)
    {
        int count = 0;
        for (int cpu = 0; cpu < RunQueues.Count; cpu++)
        {
            count += RunQueues.Get(cpu)!.Count;
        }

        Assert.Equal(expected, count);
    }
}
