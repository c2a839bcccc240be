using System;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Locking;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Tests.Simulation;
using CosmosKernel.Tasks.Waiting;
using Xunit;

namespace CosmosKernel.Tasks.Tests;

/// <summary>Priority inheritance: chains, giving back, deadlocks.</summary>
public class RtMutexTests
{
    private const ulong Millisecond = 1_000_000;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 30)];

    // Pathfinder's three tasks: the high one needs what the low one holds, and the middle one needs nothing but the CPU.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AHighTaskWaitsForAMiddleOneExactlyWithoutInheritance(bool inherits) => SimulatedMachine.Run(1, 1, machine =>
    {
        RtMutex inheriting = new("bus");
        Mutex plain = new("bus");
        List<string> order = [];
        void Locked(Action body)
        {
            if (inherits)
            {
                using (inheriting.Enter())
                {
                    body();
                }
            }
            else
            {
                using (plain.Enter())
                {
                    body();
                }
            }
        }

        // The one that starts them is more urgent than all, and sleeps in its joins.
        TaskStruct.Current.SetPriority(1);
        TaskStruct low = Start("low", 80, () => Locked(() =>
        {
            order.Add("low has it");
            machine.Compute(10 * Millisecond);
            order.Add("low leaves");
        }));
        TaskStruct middle = Start("middle", 50, () =>
        {
            KernelTask.Sleep(4 * Millisecond);
            machine.Compute(50 * Millisecond);
            order.Add("middle ends");
        });
        TaskStruct high = Start("high", 20, () =>
        {
            KernelTask.Sleep(2 * Millisecond);
            order.Add("high wants it");
            Locked(() => order.Add("high has it"));
        });
        low.Join();
        middle.Join();
        high.Join();
        Assert.Equal(
            inherits
                ? ["low has it", "high wants it", "low leaves", "high has it", "middle ends"]
                : ["low has it", "high wants it", "middle ends", "low leaves", "high has it"],
            order);
    });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void UrgencyRunsAlongTheChainAndIsGivenBack(int cpus) => SimulatedMachine.Run(cpus, cpus, _ =>
    {
        // t0 holds m0; t1 holds m1 and waits for m0; t2 holds m2 and waits for m1; ...
        const int length = 6;
        RtMutex[] mutexes = [.. Enumerable.Range(0, length).Select(i => new RtMutex($"m{i}"))];
        Completion go = new("go");
        List<int> taken = [];
        TaskStruct[] tasks = new TaskStruct[length];
        for (int i = 0; i < length; i++)
        {
            int me = i;
            tasks[i] = Start($"t{i}", 120, () =>
            {
                using (mutexes[me].Enter())
                {
                    if (me == 0)
                    {
                        go.Wait();
                    }
                    else
                    {
                        using (mutexes[me - 1].Enter())
                        {
                            taken.Add(me);
                        }
                    }
                }
            });
            KernelTask.Sleep(Millisecond);
        }

        Assert.All(tasks, task => Assert.Equal(SchedulingUrgency.Ordinary, task.EffectiveUrgency));
        TaskStruct urgent = Start("urgent", 10, () =>
        {
            using (mutexes[length - 1].Enter())
            {
                taken.Add(length);
            }
        });
        KernelTask.Sleep(Millisecond);
        Assert.All(tasks, task => Assert.Equal(urgent.EffectiveUrgency, task.EffectiveUrgency));

        // A change of the waiter's own urgency runs along the chain, too, in both directions.
        urgent.SetPriority(5);
        Assert.All(tasks, task => Assert.Equal(urgent.EffectiveUrgency, task.EffectiveUrgency));
        urgent.SetPriority(30);
        Assert.All(tasks, task => Assert.Equal(urgent.EffectiveUrgency, task.EffectiveUrgency));
        Assert.Equal(30, tasks[0].Priority);

        go.CompleteAll();
        foreach (TaskStruct task in tasks)
        {
            task.Join();
        }

        urgent.Join();
        Assert.Equal(Enumerable.Range(1, length), taken);
        Assert.All(tasks, task => Assert.Equal(SchedulingUrgency.Ordinary, task.EffectiveUrgency));
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void WhatAWaiterLentIsTakenBackWhenItsWaitEndsEarly(bool byKill) => SimulatedMachine.Run(2, 3, machine =>
    {
        RtMutex first = new("first");
        RtMutex second = new("second");
        Completion go = new("go");
        TaskStruct end = Start("end", 120, () =>
        {
            using (first.Enter())
            {
                go.Wait();
            }
        });
        KernelTask.Sleep(Millisecond);
        TaskStruct middle = Start("middle", 120, () =>
        {
            using (second.Enter())
            using (first.Enter())
            {
            }
        });
        KernelTask.Sleep(Millisecond);
        WaitResult result = default;
        TaskStruct urgent = Start("urgent", 10, () =>
            result = second.TryAcquire(byKill ? Scheduler.Never : machine.Now + (5 * Millisecond), WaitMode.Killable));
        KernelTask.Sleep(Millisecond);
        Assert.Equal(10, end.Priority);
        Assert.Equal(10, middle.Priority);
        if (byKill)
        {
            urgent.Kill();
        }

        urgent.Join();
        Assert.Equal(byKill ? WaitResult.Interrupted : WaitResult.TimedOut, result);
        Assert.Equal(120, end.Priority);
        Assert.Equal(120, middle.Priority);
        go.CompleteAll();
        end.Join();
        middle.Join();
    });

    [Fact]
    public void AHolderOfTwoIsAsUrgentAsTheMostUrgentOfBothsWaiters() => SimulatedMachine.Run(1, 1, _ =>
    {
        RtMutex a = new("a");
        RtMutex b = new("b");
        Completion releaseA = new("release a");
        Completion releaseB = new("release b");
        TaskStruct holder = Start("holder", 120, () =>
        {
            a.Acquire();
            b.Acquire();
            releaseA.Wait();
            a.Release();
            releaseB.Wait();
            b.Release();
        });
        KernelTask.Sleep(Millisecond);
        TaskStruct forA = Start("for a", 20, () =>
        {
            using (a.Enter())
            {
            }
        });
        TaskStruct forB = Start("for b", 40, () =>
        {
            using (b.Enter())
            {
            }
        });
        KernelTask.Sleep(Millisecond);
        Assert.Equal(20, holder.Priority);
        releaseA.CompleteAll();
        KernelTask.Sleep(Millisecond);
        Assert.Equal(40, holder.Priority);
        releaseB.CompleteAll();
        holder.Join();
        forA.Join();
        forB.Join();
        Assert.Equal(SchedulingUrgency.Ordinary, holder.EffectiveUrgency);
    });

    [Fact]
    public void AReleaseHandsItToTheMostUrgentWaiter() => SimulatedMachine.Run(1, 1, _ =>
    {
        RtMutex mutex = new("mutex");
        List<string> order = [];
        List<TaskStruct> tasks = [];
        using (mutex.Enter())
        {
            foreach ((string name, int priority) in new[] { ("ordinary", 120), ("low", 80), ("high", 10), ("ordinary2", 100) })
            {
                tasks.Add(Start(name, priority, () =>
                {
                    using (mutex.Enter())
                    {
                        order.Add(name);
                    }
                }));
                KernelTask.Sleep(Millisecond);
            }
        }

        tasks.ForEach(task => task.Join());
        Assert.Equal(["high", "low", "ordinary", "ordinary2"], order);
    });

    [Fact]
    public void WaitingInACircleIsRefusedAndNamed() => SimulatedMachine.Run(2, 1, machine =>
    {
        RtMutex a = new("fork a");
        RtMutex b = new("fork b");
        string? message = null;
        TaskStruct left = Start("left", 120, () =>
        {
            using (a.Enter())
            {
                KernelTask.Sleep(Millisecond);
                using (b.Enter())
                {
                }
            }
        });
        TaskStruct right = Start("right", 120, () =>
        {
            using (b.Enter())
            {
                KernelTask.Sleep(3 * Millisecond);
                try
                {
                    using (a.Enter())
                    {
                    }
                }
                catch (DeadlockException deadlock)
                {
                    message = deadlock.Message;
                }
            }
        });
        left.Join();
        right.Join();
        Assert.Empty(machine.Faults);
        Assert.Equal(
            $"Deadlock: {right} would wait for itself. It waits for 'fork a', held by {left}, which waits for 'fork b', held by {right}.",
            message);
        using (a.Enter())
        {
            Assert.Equal(WaitResult.Deadlock, a.TryAcquire(Scheduler.Never));
        }

        Assert.Equal(WaitResult.Woken, a.TryAcquire(0));
        a.Release();
    });

    // Tasks take two of four mutexes in any order, give up, are interrupted, refused, moved, and change their urgency; nothing lent is left over.
    [Theory]
    [MemberData(nameof(Seeds))]
    public void NothingIsLostOrLeftOverUnderContention(int seed) => SimulatedMachine.Run(1 + (seed % 4), seed, machine =>
    {
        RtMutex[] mutexes = [.. Enumerable.Range(0, 4).Select(i => new RtMutex($"m{i}"))];
        int[] inside = new int[4];
        int refused = 0;
        void Inside(int which, Action body)
        {
            WaitResult result = mutexes[which].TryAcquire(SleepingLockTests.SomeDeadline(machine, machine.Random), SleepingLockTests.SomeMode(machine.Random));
            refused += result == WaitResult.Deadlock ? 1 : 0;
            if (result == WaitResult.Woken)
            {
                Assert.Equal(1, ++inside[which]);
                machine.Compute((ulong)machine.Random.Next(3000));
                body();
                inside[which]--;
                mutexes[which].Release();
            }
        }

        List<TaskStruct> seen = [];
        SleepingLockTests.Contend(machine, 6, 30, (random, _) =>
        {
            if (!seen.Contains(TaskStruct.Current))
            {
                seen.Add(TaskStruct.Current);
            }

            int first = random.Next(4);
            Inside(first, () => Inside(random.Next(4), () => { }));
            Assert.Null(TaskStruct.Current.UrgencyLink);
        });
        Assert.All(mutexes, mutex => Assert.Null(mutex.Owner));
        Assert.All(seen, task => Assert.Null(task.HeldLinks));
        Assert.True(refused > 0);
    }, switchOneIn: 2);

    private static TaskStruct Start(string name, int priority, Action body) => KernelTask.Start(new TaskOptions { Name = name, Priority = priority }, body);
}
