using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Tests.Simulation;
using CosmosKernel.Tasks.Time;
using CosmosKernel.Tasks.Waiting;
using Xunit;

namespace CosmosKernel.Tasks.Tests;

public class WaitingTests
{
    private const ulong Millisecond = 1_000_000;

    public static TheoryData<int, int> Machines
    {
        get
        {
            TheoryData<int, int> data = [];
            for (int seed = 1; seed <= 12; seed++)
            {
                data.Add(1 + (seed % 4), seed);
            }

            return data;
        }
    }

    // A lost wake-up leaves a task asleep for ever, which the simulation reports as "all CPUs halt".
    [Theory]
    [MemberData(nameof(Machines))]
    public void NoWakeUpIsLostBetweenTwoTasksThatTakeTurns(int cpus, int seed) => SimulatedMachine.Run(cpus, seed, _ =>
    {
        WaitQueue queue = new("turn");
        int turn = 0;
        void Play(int me)
        {
            for (int round = 0; round < 100; round++)
            {
                using (WaitQueue.Wait wait = queue.Begin())
                {
                    while (true)
                    {
                        wait.Prepare();
                        if (turn == me)
                        {
                            break;
                        }

                        wait.Sleep();
                    }
                }

                turn = 1 - me;
                queue.WakeOne();
            }
        }

        TaskStruct other = KernelTask.Start("other", () => Play(1));
        Play(0);
        other.Join();
    }, switchOneIn: 2);

    [Theory]
    [MemberData(nameof(Machines))]
    public void ASemaphoreHandsOutExactlyWhatItGot(int cpus, int seed) => SimulatedMachine.Run(cpus, seed, machine =>
    {
        Semaphore semaphore = new("units", 0);
        int taken = 0;
        int timedOut = 0;
        List<TaskStruct> tasks = [];
        for (int i = 0; i < 6; i++)
        {
            bool limited = i % 2 == 0;
            tasks.Add(KernelTask.Start("taker", () =>
            {
                for (int k = 0; k < 30; k++)
                {
                    ulong deadline = limited ? machine.Now + (ulong)machine.Random.Next(5000) : Scheduler.Never;
                    if (semaphore.Wait(deadline) == WaitResult.Woken)
                    {
                        taken++;
                    }
                    else
                    {
                        timedOut++;
                    }
                }
            }));
        }

        int given = 0;
        while (tasks.Any(task => task.State != TaskState.Zombie))
        {
            semaphore.Release();
            given++;
            KernelTask.Sleep((ulong)machine.Random.Next(4000));
        }

        tasks.ForEach(task => task.Join());
        Assert.Equal(180, taken + timedOut);
        Assert.Equal(given, taken + semaphore.Count);
    }, switchOneIn: 2);

    [Theory]
    [MemberData(nameof(Machines))]
    public void AMutexExcludesAndNobodyWaitsForEver(int cpus, int seed) => SimulatedMachine.Run(cpus, seed, machine =>
    {
        Mutex mutex = new("mutex");
        int inside = 0;
        int total = 0;
        List<TaskStruct> tasks = [];
        for (int i = 0; i < 5; i++)
        {
            bool impatient = i == 0;
            tasks.Add(KernelTask.Start("worker", () =>
            {
                for (int k = 0; k < 40; k++)
                {
                    if (impatient)
                    {
                        if (mutex.TryAcquire(machine.Now + (ulong)machine.Random.Next(3000), WaitMode.Interruptible) != WaitResult.Woken)
                        {
                            continue;
                        }
                    }
                    else
                    {
                        mutex.Acquire();
                    }

                    machine.Require(++inside == 1, "two tasks inside a mutex");
                    machine.Require(ReferenceEquals(mutex.Owner, TaskStruct.Current), "the owner is wrong");
                    machine.Compute((ulong)machine.Random.Next(2000));
                    total++;
                    inside--;
                    mutex.Release();
                    if (machine.Random.Next(4) == 0)
                    {
                        KernelTask.Yield();
                    }
                }
            }));
        }

        tasks.ForEach(task => task.Join());
        Assert.InRange(total, 160, 200);
        Assert.True(mutex.TryAcquire());
        mutex.Release();
    });

    [Theory]
    [MemberData(nameof(Machines))]
    public void ABoundedBufferOfConditionVariablesLosesNothing(int cpus, int seed) => SimulatedMachine.Run(cpus, seed, machine =>
    {
        Mutex mutex = new("buffer");
        ConditionVariable notEmpty = new("not empty");
        ConditionVariable notFull = new("not full");
        Queue<int> buffer = [];
        List<int> received = [];
        List<TaskStruct> tasks = [];
        for (int producer = 0; producer < 3; producer++)
        {
            int first = producer * 100;
            tasks.Add(KernelTask.Start("producer", () =>
            {
                for (int k = 0; k < 30; k++)
                {
                    using (mutex.Enter())
                    {
                        while (buffer.Count == 2)
                        {
                            notFull.Wait(mutex);
                        }

                        buffer.Enqueue(first + k);
                        notEmpty.Signal();
                    }
                }
            }));
        }

        for (int consumer = 0; consumer < 2; consumer++)
        {
            tasks.Add(KernelTask.Start("consumer", () =>
            {
                for (int k = 0; k < 45; k++)
                {
                    using (mutex.Enter())
                    {
                        while (buffer.Count == 0)
                        {
                            notEmpty.Wait(mutex, machine.Now + 100_000);
                        }

                        received.Add(buffer.Dequeue());
                        notFull.Signal();
                    }
                }
            }));
        }

        tasks.ForEach(task => task.Join());
        Assert.Equal(Enumerable.Range(0, 3).SelectMany(p => Enumerable.Range(p * 100, 30)), received.Order());
    });

    [Theory]
    [MemberData(nameof(Machines))]
    public void OneWakeUpIsForOneExclusiveWaiterAndIsNotLostWhenItGivesUp(int cpus, int seed) => SimulatedMachine.Run(cpus, seed, machine =>
    {
        // The first in the queue gives up at about the time of the wake-up: either it takes the item, or the second one is woken for it.
        WaitQueue queue = new("items");
        int items = 0;
        int gaveUp = 0;
        void Take(ulong deadline)
        {
            using WaitQueue.Wait wait = queue.Begin(deadline, exclusive: true);
            while (true)
            {
                wait.Prepare();
                if (items > 0)
                {
                    items--;
                    return;
                }

                if (wait.Sleep() != WaitResult.Woken)
                {
                    gaveUp++;
                    return;
                }
            }
        }

        for (int round = 0; round < 40; round++)
        {
            ulong around = machine.Now + 20_000;
            TaskStruct first = KernelTask.Start("gives up", () => Take(around + (ulong)machine.Random.Next(12_000)));
            KernelTask.SleepUntil(around - 10_000);
            TaskStruct second = KernelTask.Start("stays", () => Take(Scheduler.Never));
            KernelTask.SleepUntil(around);
            KernelTask.Sleep((ulong)machine.Random.Next(6000));
            items++;
            queue.WakeOne();
            KernelTask.Sleep(100_000);
            machine.Require(items == 0, "an item is not taken: a wake-up was lost");
            first.Join();
            if (second.State != TaskState.Zombie)
            {
                items++;
                queue.WakeOne();
            }

            second.Join();
            Assert.Equal(0, items);
        }

        Assert.InRange(gaveUp, 1, 39);
    }, switchOneIn: 2);

    [Theory]
    [MemberData(nameof(Machines))]
    public void WakeOneWakesAllThatShareAndOneThatIsExclusive(int cpus, int seed) => SimulatedMachine.Run(cpus, seed, _ =>
    {
        WaitQueue queue = new("mixed");
        List<bool> woken = [];
        List<TaskStruct> tasks = [];
        for (int i = 0; i < 6; i++)
        {
            bool exclusive = i % 2 == 0;
            tasks.Add(KernelTask.Start("waiter", () =>
            {
                using WaitQueue.Wait wait = queue.Begin(exclusive: exclusive);
                wait.Prepare();
                wait.Sleep();
                woken.Add(exclusive);
            }));
        }

        KernelTask.Sleep(10 * Millisecond);
        Assert.Equal(4, queue.WakeOne());
        KernelTask.Sleep(10 * Millisecond);
        Assert.Equal(3, woken.Count(exclusive => !exclusive));
        Assert.Equal(1, woken.Count(exclusive => exclusive));
        Assert.Equal(2, queue.WakeAll());
        tasks.ForEach(task => task.Join());
    });

    [Fact]
    public void SemaphoreWaitersAreServedInOrder() => SimulatedMachine.Run(2, 5, _ =>
    {
        Semaphore semaphore = new("line", 0);
        List<int> order = [];
        List<TaskStruct> tasks = [];
        for (int i = 0; i < 5; i++)
        {
            int me = i;
            tasks.Add(KernelTask.Start("waiter", () =>
            {
                semaphore.Wait();
                order.Add(me);
            }));
            KernelTask.Sleep(Millisecond);
        }

        for (int i = 0; i < 5; i++)
        {
            semaphore.Release();
            KernelTask.Sleep(Millisecond);
        }

        tasks.ForEach(task => task.Join());
        Assert.Equal([0, 1, 2, 3, 4], order);
    });

    [Theory]
    [MemberData(nameof(Machines))]
    public void TimersExpireInOrderAndNeverEarly(int cpus, int seed) => SimulatedMachine.Run(cpus, seed, machine =>
    {
        List<Recorder> timers = [];
        List<Recorder> expired = [];
        for (int i = 0; i < 60; i++)
        {
            Recorder timer = new(machine, expired);
            timers.Add(timer);
            timer.Start(machine.Now + 100_000 + (ulong)machine.Random.Next(2_000_000));
        }

        foreach (Recorder timer in timers.Where((_, i) => i % 5 == 0))
        {
            Assert.True(timer.Cancel());
            Assert.False(timer.Cancel());
        }

        KernelTask.Sleep(5 * Millisecond);
        Assert.Equal(48, expired.Count);
        Assert.All(expired, timer => Assert.InRange(timer.ExpiredAt, timer.Deadline, timer.Deadline + 100_000));
        Assert.All(timers.Where((_, i) => i % 5 == 0), timer => Assert.Equal(0ul, timer.ExpiredAt));
    });

    [Theory]
    [MemberData(nameof(Machines))]
    public void ATimerStartedAndCancelledByAllCpusAtOnceExpiresOncePerStartAtMost(int cpus, int seed) => SimulatedMachine.Run(cpus, seed, machine =>
    {
        List<Recorder> expired = [];
        Recorder timer = new(machine, expired);
        int starts = 0;
        List<TaskStruct> tasks = [];
        for (int i = 0; i < 4; i++)
        {
            tasks.Add(KernelTask.Start("racer", () =>
            {
                for (int k = 0; k < 100; k++)
                {
                    if (machine.Random.Next(3) == 0)
                    {
                        timer.CancelAndWait();
                    }
                    else
                    {
                        starts++;
                        timer.Start(machine.Now + (ulong)machine.Random.Next(3000));
                    }

                    KernelTask.Sleep((ulong)machine.Random.Next(2000));
                }
            }));
        }

        tasks.ForEach(task => task.Join());
        KernelTask.Sleep(Millisecond);
        Assert.False(timer.IsPending);
        Assert.InRange(expired.Count, 1, starts);
        int before = expired.Count;
        timer.Start(machine.Now + 1000);
        KernelTask.Sleep(Millisecond);
        Assert.Equal(before + 1, expired.Count);
    }, switchOneIn: 2);

    private sealed class Recorder(SimulatedMachine machine, List<Recorder> expired) : KernelTimer
    {
        public ulong ExpiredAt { get; private set; }

        protected override void OnExpired(ulong now)
        {
            machine.Require(machine.Active.InterruptDepth == 1, "a timer expires outside an interrupt");
            ExpiredAt = machine.Now;
            expired.Add(this);
        }
    }
}
