using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Tasks.Deferred.Work;
using CosmosKernel.Tasks.ReadCopyUpdate;
using CosmosKernel.Tasks.Tests.Simulation;
using CosmosKernel.Tasks.Waiting;
using Xunit;

namespace CosmosKernel.Tasks.Tests;

/// <summary>
/// RCU under every interleaving that a seed gives. The simulation is sequentially consistent: it proves the protocol, not the fences, which the comments in the sources argue for and the
/// in-kernel torture exercises.
/// </summary>
public class RcuTests
{
    private const ulong Millisecond = 1_000_000;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 60)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void AGracePeriodOutlastsEveryReaderThatWasThereBefore(int seed) => SimulatedMachine.Run(4, seed, machine =>
    {
        Start();
        Torture torture = new(machine);
        torture.Run(readers: 6, writers: 2, rounds: 25, Torture.Correct);
        Assert.Equal(0, torture.Violations);
        Assert.True(torture.Reads > 0);
    }, switchOneIn: 2);

    // Each of these is how a wrong implementation would behave; the same readers find it out.
    [Fact]
    public void AWriterThatDoesNotWaitIsFoundOut() => AssertFoundOut(Torture.NoGracePeriod);

    [Fact]
    public void AWriterThatWaitsForTheGracePeriodBeforeIsFoundOut() => AssertFoundOut(Torture.PresentGracePeriodOnly);

    [Fact]
    public void AGracePeriodThatForgetsPreemptedReadersIsFoundOut() => AssertFoundOut(Torture.CpusOnly);

    [Fact]
    public void AGracePeriodEndsWhenItsReadersHaveLeft() => SimulatedMachine.Run(2, 1, machine =>
    {
        Start();
        List<string> order = [];
        Completion entered = new("entered");
        TaskStruct reader = KernelTask.Start("reader", () =>
        {
            using (Rcu.Read())
            {
                entered.Complete();
                machine.Compute(30 * Millisecond);
                order.Add("reader leaves");
            }
        });
        entered.Wait();
        Rcu.Synchronize();
        order.Add("grace period ends");
        reader.Join();
        Assert.Equal(["reader leaves", "grace period ends"], order);
    });

    [Fact]
    public void AReaderThatBeganLaterIsNotWaitedFor() => SimulatedMachine.Run(2, 2, machine =>
    {
        Start();
        ulong first = Rcu.TakeTicket();
        while (!Rcu.HasElapsed(first))
        {
            KernelTask.Sleep(Millisecond);
        }

        // A reader that is caught in the section in this grace period was there when it began; its successor begins after that and stays.
        Completion secondIsIn = new("second");
        bool mayLeave = false;
        ulong ticket = 0;
        Completion firstIsIn = new("first");
        TaskStruct second = KernelTask.Start("second", () =>
        {
            firstIsIn.Wait();
            while (Rcu.GracePeriodsEnded < ticket)
            {
                KernelTask.Yield();
            }

            using (Rcu.Read())
            {
                secondIsIn.Complete();
                while (!mayLeave)
                {
                    KernelTask.Yield();
                }
            }
        });
        TaskStruct old = KernelTask.Start("old", () =>
        {
            using (Rcu.Read())
            {
                ticket = Rcu.TakeTicket();
                firstIsIn.Complete();
                machine.Compute(5 * Millisecond);
            }
        });
        secondIsIn.Wait();
        Assert.True(Rcu.HasElapsed(ticket));
        mayLeave = true;
        second.Join();
        old.Join();
        Assert.Empty(machine.Faults);
    });

    // Neither by a question nor to run anything: a grace period without callbacks wakes only who waits for it and the task that drives it, which share a CPU here.
    [Theory]
    [MemberData(nameof(Seeds))]
    public void AnIdleCpuIsNotInterruptedForAGracePeriod(int seed) => SimulatedMachine.Run(4, seed, machine =>
    {
        Start();
        CpuSet here = CpuSet.Of(0);
        KernelTask.Current.SetAffinity(here);
        Find("rcu").SetAffinity(here);
        KernelTask.Sleep(50 * Millisecond);
        int before = Interrupts(machine);
        ulong asked = Rcu.CpusAsked;
        for (int i = 0; i < 20; i++)
        {
            Rcu.SynchronizeNow();
        }

        Assert.Equal(0, Interrupts(machine) - before);
        Assert.Equal(0ul, Rcu.CpusAsked - asked);

        static int Interrupts(SimulatedMachine machine) =>
            machine.Cpus[1].RescheduleInterrupts + machine.Cpus[2].RescheduleInterrupts + machine.Cpus[3].RescheduleInterrupts;
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void TheBarrierComesAfterAllCallbacksThatWereHandedInBefore(int seed) => SimulatedMachine.Run(3, seed, machine =>
    {
        Start();
        int called = 0;
        List<TaskStruct> tasks = [];
        for (int i = 0; i < 3; i++)
        {
            tasks.Add(KernelTask.Start("caller", () =>
            {
                int mine = 0;
                for (int k = 0; k < 5; k++)
                {
                    Rcu.Call(new Callback(() =>
                    {
                        called++;
                        mine++;
                    }));
                    machine.Compute((ulong)machine.Random.Next(100_000));
                }

                // Its own five have run, whatever has become of the others'.
                Rcu.Barrier();
                Assert.Equal(5, mine);
            }));
        }

        tasks.ForEach(task => task.Join());
        Rcu.Barrier();
        Assert.Equal(15, called);
        Assert.Empty(machine.Faults);
    });

    [Fact]
    public void ACallbackMayHandItselfInAgain() => SimulatedMachine.Run(1, 4, _ =>
    {
        Start();
        int called = 0;
        Callback? callback = null;
        callback = new Callback(() =>
        {
            if (++called < 4)
            {
                Rcu.Call(callback!);
            }
        });
        Rcu.Call(callback);
        for (int i = 0; i < 4; i++)
        {
            Rcu.Barrier();
        }

        Assert.Equal(4, called);
    });

    [Fact]
    public void ACallbackThatWaitsAlreadyIsAPanic() => AssertPanics("waits already", () =>
    {
        Callback callback = new(() => { });
        using (Rcu.Read())
        {
            Rcu.Call(callback);
            Rcu.Call(callback);
        }
    });

    [Fact]
    public void SleepingInASectionIsAPanic() => AssertPanics("sleeps inside a read-side section", () =>
    {
        using (Rcu.Read())
        {
            KernelTask.Sleep(Millisecond);
        }
    });

    [Fact]
    public void WaitingForAGracePeriodInASectionIsAPanic() => AssertPanics("inside a read-side section, which would never end", () =>
    {
        using (Rcu.Read())
        {
            Rcu.Synchronize();
        }
    });

    [Fact]
    public void EndingInASectionIsAPanic() => AssertPanics("ends inside a read-side section", () =>
        KernelTask.Start("leaver", () => Machine.Threads.ReadSection.Begin()).Join());

    [Fact]
    public void AStalledGracePeriodIsReportedWithItsReader() => SimulatedMachine.Run(2, 5, machine =>
    {
        Start();
        Stalls stalls = new();
        RcuStallReporter.Instance = stalls;
        GracePeriods.StallTime = 5 * Millisecond;
        Completion entered = new("entered");
        TaskStruct reader = KernelTask.Start("slow reader", () =>
        {
            using (Rcu.Read())
            {
                entered.Complete();
                machine.Compute(20 * Millisecond);
            }
        });
        entered.Wait();
        Rcu.Synchronize();
        Assert.Contains(reader, stalls.Readers);
        reader.Join();
    });

    private static void Start()
    {
        WorkQueues.Start();
        Rcu.Start();
    }

    private static void AssertPanics(string message, System.Action body)
    {
        SimulationFailedException failure = Assert.Throws<SimulationFailedException>(() => SimulatedMachine.Run(1, 1, _ =>
        {
            Start();
            body();
        }));
        Assert.Contains(message, failure.Message);
    }

    private static void AssertFoundOut(Torture.Wait wait)
    {
        int violations = 0;
        for (int seed = 1; seed <= 20 && violations == 0; seed++)
        {
            SimulatedMachine.Run(4, seed, machine =>
            {
                Start();
                Torture torture = new(machine);
                torture.Run(readers: 6, writers: 2, rounds: 25, wait);
                violations += torture.Violations;
            }, switchOneIn: 2);
        }

        Assert.True(violations > 0, "nobody noticed");
    }

    private static TaskStruct Find(string name)
    {
        TaskStruct? task = TaskTable.Next(0);
        while (task is not null && task.Name != name)
        {
            task = TaskTable.Next(task.Pid);
        }

        return Assert.IsType<TaskStruct>(task);
    }

    private sealed class Callback(System.Action action) : RcuCallback
    {
        protected internal override void GracePeriodEnded() => action();
    }

    private sealed class Stalls : RcuStallReporter
    {
        public List<TaskStruct> Readers { get; } = [];

        public override void CpuIsSilent(ulong gracePeriod, ulong nanoseconds, int cpu, TaskStruct running)
        {
        }

        public override void TaskIsReading(ulong gracePeriod, ulong nanoseconds, TaskStruct task) => Readers.Add(task);
    }

    /// <summary>Readers that look at an object for a while, are preempted and moved, and writers that replace and then poison it.</summary>
    private sealed class Torture(SimulatedMachine machine)
    {
        private Item _published = new();

        /// <summary>How a writer waits before it poisons what it took out of reach.</summary>
        public delegate void Wait(SimulatedMachine machine);

        public int Violations { get; private set; }

        public int Reads { get; private set; }

        public static void Correct(SimulatedMachine machine)
        {
            if (machine.Random.Next(2) == 0)
            {
                Rcu.Synchronize();
            }
            else
            {
                Rcu.SynchronizeNow();
            }
        }

        public static void NoGracePeriod(SimulatedMachine machine) => machine.Compute(2_000);

        // Off by one: the grace period that is under way may have begun before the object was taken out of reach.
        public static void PresentGracePeriodOnly(SimulatedMachine machine)
        {
            ulong present = GracePeriods.Started;
            GracePeriods.Want(present + 1, hurry: true);
            GracePeriods.Wait(present);
        }

        // Every CPU has switched, or runs nothing: a grace period for readers that cannot be preempted.
        public static void CpusOnly(SimulatedMachine machine)
        {
            TaskStruct.Current.SetPriority(50);
            for (int cpu = 0; cpu < machine.Cpus.Length; cpu++)
            {
                TaskStruct.Current.SetAffinity(CpuSet.Of(cpu));
                KernelTask.Yield();
            }

            TaskStruct.Current.SetAffinity(CpuSet.All);
            TaskStruct.Current.SetPriority(TaskPriority.Default);
        }

        public void Run(int readers, int writers, int rounds, Wait wait)
        {
            List<TaskStruct> tasks = [];
            bool stop = false;
            for (int i = 0; i < readers; i++)
            {
                tasks.Add(KernelTask.Start($"reader{i}", () =>
                {
                    while (!stop)
                    {
                        Read();
                        Wander();
                    }
                }));
            }

            List<TaskStruct> writing = [];
            Mutex mutex = new("writers");
            for (int i = 0; i < writers; i++)
            {
                writing.Add(KernelTask.Start($"writer{i}", () =>
                {
                    for (int round = 0; round < rounds; round++)
                    {
                        Item old;
                        using (mutex.Enter())
                        {
                            old = _published;
                            Rcu.Publish(ref _published, new Item());
                        }

                        wait(machine);
                        old.IsPoisoned = true;
                        Wander();
                    }
                }));
            }

            writing.ForEach(task => task.Join());
            stop = true;
            tasks.ForEach(task => task.Join());
            Assert.Empty(machine.Faults);
        }

        private void Read()
        {
            using (Rcu.Read())
            {
                Item item = Rcu.Load(ref _published);
                for (int i = machine.Random.Next(4); i >= 0; i--)
                {
                    machine.Compute((ulong)machine.Random.Next(30_000));
                    if (machine.Random.Next(3) == 0)
                    {
                        KernelTask.Yield();
                    }

                    if (item.IsPoisoned)
                    {
                        Violations++;
                    }

                    if (machine.Random.Next(3) == 0)
                    {
                        using (Rcu.Read())
                        {
                            machine.Compute(1000);
                        }
                    }
                }

                Reads++;
            }
        }

        private void Wander()
        {
            switch (machine.Random.Next(5))
            {
                case 0:
                    TaskStruct.Current.SetAffinity(CpuSet.Of(machine.Random.Next(4)) | CpuSet.Of(machine.Random.Next(4)));
                    break;
                case 1:
                    KernelTask.Sleep((ulong)machine.Random.Next(50_000));
                    break;
                case 2:
                    KernelTask.Yield();
                    break;
                default:
                    machine.Compute((ulong)machine.Random.Next(20_000));
                    break;
            }
        }

        private sealed class Item
        {
            public bool IsPoisoned { get; set; }
        }
    }
}
