using System;
using System.Collections.Generic;
using CosmosKernel.Locking;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Tests.Simulation;
using CosmosKernel.Tasks.Waiting;
using Xunit;

namespace CosmosKernel.Tasks.Tests;

/// <summary>Locks that wait by sleeping, under many interleavings, with waits that end by deadline, kill and interrupt at any moment.</summary>
public class SleepingLockTests
{
    public static TheoryData<int, int> Machines
    {
        get
        {
            TheoryData<int, int> data = [];
            for (int seed = 1; seed <= 24; seed++)
            {
                data.Add(1 + (seed % 4), seed);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Machines))]
    public void AMutexExcludesWhateverEndsTheWaits(int cpus, int seed) => SimulatedMachine.Run(cpus, seed, machine =>
    {
        Mutex mutex = new("mutex");
        int inside = 0;
        Contend(machine, 6, 40, (random, _) =>
        {
            using Mutex.Guard guard = mutex.TryEnter(SomeDeadline(machine, random), SomeMode(random));
            if (guard.Taken)
            {
                Assert.Equal(1, ++inside);
                machine.Compute((ulong)random.Next(4000));
                Assert.True(mutex.IsHeldByCurrent);
                inside--;
            }
        });
        Assert.Null(mutex.Owner);
        Assert.True(mutex.TryAcquire());
        mutex.Release();
    }, switchOneIn: 2);

    [Theory]
    [MemberData(nameof(Machines))]
    public void AMutexPassesNobodyOverForEver(int cpus, int seed) => SimulatedMachine.Run(cpus, seed, machine =>
    {
        // Three tasks take it again at once after each release: without hand-over the one that sleeps could find it taken each time.
        Mutex mutex = new("mutex");
        bool stop = false;
        int rounds = 0;
        List<TaskStruct> greedy = [];
        for (int i = 0; i < 3; i++)
        {
            greedy.Add(KernelTask.Start("greedy", () =>
            {
                while (!stop)
                {
                    using (mutex.Enter())
                    {
                        rounds++;
                        machine.Compute(2000);
                    }
                }
            }));
        }

        int most = 0;
        for (int i = 0; i < 20; i++)
        {
            int before = rounds;
            using (mutex.Enter())
            {
                most = Math.Max(most, rounds - before);
            }
        }

        stop = true;
        greedy.ForEach(task => task.Join());

        // On one CPU a greedy task makes as many rounds as its slice allows before the waiter is even tried; from then on each try is one switch.
        Assert.InRange(most, 0, 40_000);
    });

    [Theory]
    [MemberData(nameof(Machines))]
    public void AReaderWriterSemaphoreExcludesWhateverEndsTheWaits(int cpus, int seed) => SimulatedMachine.Run(cpus, seed, machine =>
    {
        ReaderWriterSemaphore semaphore = new("rw");
        int readers = 0;
        int writers = 0;
        Contend(machine, 6, 40, (random, _) =>
        {
            switch (random.Next(3))
            {
                case 0:
                    if (semaphore.TryAcquireWrite(SomeDeadline(machine, random), SomeMode(random)) == WaitResult.Woken)
                    {
                        Assert.Equal(1, ++writers);
                        Assert.Equal(0, readers);
                        machine.Compute((ulong)random.Next(2000));
                        writers--;
                        if (random.Next(2) == 0)
                        {
                            readers++;
                            semaphore.Downgrade();
                            machine.Compute((ulong)random.Next(2000));
                            Assert.Equal(0, writers);
                            readers--;
                            semaphore.ReleaseRead();
                        }
                        else
                        {
                            semaphore.ReleaseWrite();
                        }
                    }

                    break;
                default:
                    using (ReaderWriterSemaphore.ReadGuard guard = semaphore.TryEnterRead(SomeDeadline(machine, random), SomeMode(random)))
                    {
                        if (guard.Taken)
                        {
                            readers++;
                            machine.Compute((ulong)random.Next(2000));
                            Assert.Equal(0, writers);
                            readers--;
                        }
                    }

                    break;
            }
        });
        Assert.Equal(0, semaphore.Readers);
        using ReaderWriterSemaphore.WriteGuard last = semaphore.TryEnterWrite();
        Assert.True(last.Taken);
    }, switchOneIn: 2);

    [Theory]
    [MemberData(nameof(Machines))]
    public void ABarrierLetsNobodyPassEarly(int cpus, int seed) => SimulatedMachine.Run(cpus, seed, machine =>
    {
        const int parties = 4;
        const int phases = 20;
        TaskBarrier barrier = new("barrier", parties);
        int[] phase = new int[parties];
        int lasts = 0;
        Contend(machine, parties, 1, (random, me) =>
        {
            for (int i = 0; i < phases; i++)
            {
                machine.Compute((ulong)random.Next(20_000));
                phase[me]++;
                WaitResult result;
                bool isLast;
                do
                {
                    result = barrier.Wait(out isLast, SomeDeadline(machine, random));
                }
                while (result != WaitResult.Woken);
                lasts += isLast ? 1 : 0;
                foreach (int other in phase)
                {
                    Assert.InRange(other, i + 1, i + 2);
                }
            }
        });
        Assert.Equal(phases, lasts);
        Assert.Equal((ulong)phases, barrier.Phase);
    }, switchOneIn: 2);

    [Theory]
    [MemberData(nameof(Machines))]
    public void AnEventCounterLosesNoAdvance(int cpus, int seed) => SimulatedMachine.Run(cpus, seed, machine =>
    {
        // Reed and Kanodia's bounded buffer: one producer and one consumer with two counters and no lock.
        const int items = 200;
        const int size = 4;
        EventCounter produced = new("produced");
        EventCounter consumed = new("consumed");
        int[] buffer = new int[size];
        TaskStruct producer = KernelTask.Start("producer", () =>
        {
            for (int i = 0; i < items; i++)
            {
                if (i >= size)
                {
                    consumed.Await((ulong)(i - size + 1));
                }

                buffer[i % size] = i;
                produced.Advance();
            }
        });
        for (int i = 0; i < items; i++)
        {
            while (produced.Await((ulong)i + 1, SomeDeadline(machine, machine.Random)) != WaitResult.Woken)
            {
            }

            Assert.Equal(i, buffer[i % size]);
            consumed.Advance();
        }

        producer.Join();
        Assert.Equal((ulong)items, produced.Value);
    }, switchOneIn: 2);

    [Theory]
    [MemberData(nameof(Machines))]
    public void ASequencerAndACounterServeInTheOrderOfTheTickets(int cpus, int seed) => SimulatedMachine.Run(cpus, seed, machine =>
    {
        Sequencer sequencer = new();
        EventCounter turn = new("turn");
        List<ulong> served = [];
        Contend(machine, 5, 10, (random, _) =>
        {
            ulong mine = sequencer.Ticket();
            machine.Compute((ulong)random.Next(3000));
            turn.Await(mine);
            served.Add(mine);
            turn.Advance();
        });
        for (int i = 0; i < served.Count; i++)
        {
            Assert.Equal((ulong)i, served[i]);
        }

        Assert.Equal(50, served.Count);
    }, switchOneIn: 2);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void AKillableWaitEndsByAKillAndNotByAnInterrupt(int seed) => SimulatedMachine.Run(2, seed, _ =>
    {
        Semaphore gate = new("gate", 0);
        WaitResult result = default;
        TaskStruct task = KernelTask.Start("killable", () => result = gate.Wait(mode: WaitMode.Killable));
        KernelTask.Sleep(1_000_000);
        Assert.Equal(TaskState.Killable, task.State);
        task.Interrupt();
        KernelTask.Sleep(1_000_000);
        Assert.Equal(TaskState.Killable, task.State);
        task.Kill();
        task.Join();
        Assert.Equal(WaitResult.Interrupted, result);
    });

    [Fact]
    public void RealTimeTasksAreServedFirstByUrgencyAndOthersInTheOrderInWhichTheyCame() => SimulatedMachine.Run(1, 1, _ =>
    {
        Semaphore gate = new("gate", 0);
        List<string> order = [];
        List<TaskStruct> tasks = [];
        foreach ((string name, int priority) in new[] { ("a", 120), ("b", 110), ("low", 90), ("high", 10), ("c", 130), ("low2", 90) })
        {
            tasks.Add(KernelTask.Start(new TaskOptions { Name = name, Priority = priority }, () =>
            {
                gate.Wait();
                order.Add(name);
            }));
            KernelTask.Sleep(1_000_000);
        }

        for (int i = 0; i < tasks.Count; i++)
        {
            gate.Release();
            KernelTask.Sleep(1_000_000);
        }

        tasks.ForEach(task => task.Join());
        Assert.Equal(["high", "low", "low2", "a", "b", "c"], order);
    });

    internal static ulong SomeDeadline(SimulatedMachine machine, Random random) => random.Next(3) == 0 ? Scheduler.Never : machine.Now + (ulong)random.Next(6000);

    internal static WaitMode SomeMode(Random random) => random.Next(2) == 0 ? WaitMode.Uninterruptible : WaitMode.Interruptible;

    /// <summary>Runs tasks that do a step again and again, while interrupts end waits and CPUs and urgencies change at random.</summary>
    internal static void Contend(SimulatedMachine machine, int count, int rounds, Action<Random, int> step)
    {
        List<TaskStruct> tasks = [];
        Completion start = new("start");
        for (int i = 0; i < count; i++)
        {
            int me = i;
            tasks.Add(KernelTask.Start(new TaskOptions { Name = $"t{i}" }, () =>
            {
                start.Wait();
                for (int round = 0; round < rounds; round++)
                {
                    step(machine.Random, me);
                    TaskStruct other = tasks[machine.Random.Next(tasks.Count)];
                    switch (machine.Random.Next(5))
                    {
                        case 0:
                            other.Interrupt();
                            break;
                        case 1:
                            other.SetAffinity(CpuSet.Of(machine.Random.Next(machine.Cpus.Length)));
                            break;
                        case 2:
                            other.SetPriority(machine.Random.Next(2) == 0 ? 120 : machine.Random.Next(90));
                            break;
                        default:
                            KernelTask.Yield();
                            break;
                    }

                    TaskStruct.Current.TakeInterrupt();
                }
            }));
        }

        start.CompleteAll();
        tasks.ForEach(task => Assert.Equal(TaskExitReason.Exited, task.Join().Reason));
        Assert.Empty(machine.Faults);
    }
}
