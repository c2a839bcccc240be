using System;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Time;
using CosmosKernel.Processes;
using CosmosKernel.Processes.Futexes;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Tests.Simulation;
using Xunit;

namespace CosmosKernel.UserEvents.Tests;

/// <summary>Futexes in every order of steps that a seed makes, on one to four CPUs, while the pages of the words come and go.</summary>
public class FutexTests
{
    private const ulong Word = 0x1000;
    private const ulong Other = 0x2000;
    private const ulong Millisecond = 1_000_000;
    private static readonly object s_space = new();

    public static TheoryData<int, int> Cases
    {
        get
        {
            TheoryData<int, int> cases = [];
            foreach (int cpus in new[] { 1, 2, 4 })
            {
                foreach (int seed in Enumerable.Range(1, 25))
                {
                    cases.Add(cpus, seed);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void AMutexOfAWordLosesNoWakeUpAndExcludes(int cpus, int seed) => Simulate(cpus, seed, machine =>
    {
        FutexMemory.Store(Word, 0);
        int inside = 0;
        int done = 0;
        TaskStruct[] tasks = [.. Enumerable.Range(0, 5).Select(i => Start($"t{i}", thread =>
        {
            for (int round = 0; round < 4; round++)
            {
                Lock(thread, Word);
                machine.Require(++inside == 1, "two tasks have the mutex");
                machine.Step();
                inside--;
                done++;
                Unlock(Word);
            }
        }))];
        JoinAll(tasks);
        Assert.Equal(20, done);
        Assert.Equal(0u, FutexMemory.Load(Word));
    });

    [Theory]
    [MemberData(nameof(Cases))]
    public void APiLockExcludesAndIsFreeInTheEnd(int cpus, int seed) => Simulate(cpus, seed, machine =>
    {
        FutexMemory.Store(Word, 0);
        int inside = 0;
        int taken = 0;
        int late = 0;
        TaskStruct[] tasks = [.. Enumerable.Range(0, 5).Select(i => Start($"t{i}", thread =>
        {
            for (int round = 0; round < 4; round++)
            {
                thread.Deadline.Set(round == 1 ? Clock.MonotonicNanoseconds + 50_000 : Scheduler.Never);
                long result = PiLock(thread, Word);
                thread.Deadline.Clear();
                if (result == -(long)Errno.ETIMEDOUT)
                {
                    late++;
                    continue;
                }

                machine.Require(result == 0, $"the lock gives {result}");
                machine.Require(++inside == 1, "two tasks have the lock");
                machine.Require((FutexMemory.Load(Word) & FutexConstants.OwnerMask) == (uint)thread.Id, "the word names another owner");
                machine.Step();
                inside--;
                taken++;
                PiUnlock(machine, thread, Word);
            }
        }, 120 + i))];
        JoinAll(tasks);
        Assert.Equal(20, taken + late);
        Assert.Equal(0u, FutexMemory.Load(Word));
    });

    [Fact]
    public void TheOwnerOfAPiLockRunsAsUrgentlyAsWhoWaits() => Simulate(2, 1, _ =>
    {
        FutexMemory.Store(Word, 0);
        TaskStruct low = Start("low", thread =>
        {
            PiLock(thread, Word);
            KernelTask.Sleep(20 * Millisecond);
            Assert.Equal(0L, Futex.UnlockInheriting(thread.Futex, Word, Key(Word)));
        }, 139);
        KernelTask.Sleep(2 * Millisecond);
        SchedulingUrgency before = low.EffectiveUrgency;
        TaskStruct high = Start("high", thread =>
        {
            Assert.Equal(0L, PiLock(thread, Word));
            Assert.Equal(0L, Futex.UnlockInheriting(thread.Futex, Word, Key(Word)));
        }, 10);
        KernelTask.Sleep(5 * Millisecond);
        Assert.Equal(high.EffectiveUrgency, low.EffectiveUrgency);
        JoinAll([high, low]);
        Assert.Equal(SchedulingUrgency.Ordinary, before);
        Assert.Equal(SchedulingUrgency.Ordinary, low.EffectiveUrgency);
    });

    [Theory]
    [MemberData(nameof(Cases))]
    public void APiLockWhoseOwnerEndedGoesToAWaiterWithTheMark(int cpus, int seed) => Simulate(cpus, seed, machine =>
    {
        FutexMemory.Store(Word, 0);
        List<uint> seen = [];
        TaskStruct owner = Start("owner", thread =>
        {
            PiLock(thread, Word);
            KernelTask.Sleep(5 * Millisecond);
            Futex.GiveUpOwned(thread.Futex);
            UserThread.Forget(thread.Id);
        });
        KernelTask.Sleep(Millisecond);
        TaskStruct[] waiters = [.. Enumerable.Range(0, 3).Select(i => Start($"w{i}", thread =>
        {
            Assert.Equal(0L, PiLock(thread, Word));
            uint word = FutexMemory.Load(Word);
            Assert.Equal((uint)thread.Id, word & FutexConstants.OwnerMask);
            seen.Add(word & FutexConstants.OwnerDied);
            PiUnlock(machine, thread, Word);
        }))];
        JoinAll([owner, .. waiters]);
        Assert.Equal(3, seen.Count);
        Assert.Equal(FutexConstants.OwnerDied, seen[0]);
    });

    [Fact]
    public void WaitingInACircleIsRefused() => Simulate(2, 3, _ =>
    {
        FutexMemory.Store(Word, 0);
        FutexMemory.Store(Other, 0);
        long first = 0;
        long second = 0;
        TaskStruct a = Start("a", thread =>
        {
            PiLock(thread, Word);
            KernelTask.Sleep(3 * Millisecond);
            first = PiLock(thread, Other);
            Release(thread, Other, first);
            Release(thread, Word, 0);
        });
        TaskStruct b = Start("b", thread =>
        {
            PiLock(thread, Other);
            KernelTask.Sleep(6 * Millisecond);
            second = PiLock(thread, Word);
            Release(thread, Word, second);
            Release(thread, Other, 0);
        });
        JoinAll([a, b]);
        Assert.Equal(0L, first);
        Assert.Equal(-(long)Errno.EDEADLK, second);
    });

    [Theory]
    [MemberData(nameof(Cases))]
    public void MovedWaitersAreWokenAtTheOtherWord(int cpus, int seed) => Simulate(cpus, seed, _ =>
    {
        FutexMemory.Store(Word, 7);
        FutexMemory.Store(Other, 0);
        int woken = 0;
        TaskStruct[] waiters = [.. Enumerable.Range(0, 4).Select(i => Start($"w{i}", thread =>
        {
            thread.Deadline.Set(Scheduler.Never);
            Assert.Equal(0L, Futex.Wait(thread.Futex, Word, Key(Word), 7, FutexConstants.AnyBit));
            woken++;
        }))];
        KernelTask.Sleep(20 * Millisecond);
        Assert.Equal(-(long)Errno.EAGAIN, Futex.Requeue(Word, Key(Word), Key(Other), 8, 1, 9));
        Assert.Equal(4L, Futex.Requeue(Word, Key(Word), Key(Other), 7, 1, 9));
        KernelTask.Sleep(20 * Millisecond);
        Assert.Equal(1, woken);
        Assert.Equal(0L, Futex.Wake(Key(Word), 9, FutexConstants.AnyBit));
        Assert.Equal(3L, Futex.Wake(Key(Other), 9, FutexConstants.AnyBit));
        JoinAll(waiters);
        Assert.Equal(4, woken);
    });

    [Theory]
    [MemberData(nameof(Cases))]
    public void WaitersOfAConditionWakeUpAsOwnersOfItsPiLock(int cpus, int seed) => Simulate(cpus, seed, machine =>
    {
        FutexMemory.Store(Word, 0);
        FutexMemory.Store(Other, 0);
        int owned = 0;
        TaskStruct[] waiters = [.. Enumerable.Range(0, 3).Select(i => Start($"w{i}", thread =>
        {
            thread.Deadline.Set(Scheduler.Never);
            long result = Futex.WaitRequeue(thread.Futex, Word, Key(Word), 0, Other, Key(Other));
            machine.Require(result == 0, $"the wait gives {result}");
            Assert.Equal((uint)thread.Id, FutexMemory.Load(Other) & FutexConstants.OwnerMask);
            owned++;
            PiUnlock(machine, thread, Other);
        }))];
        KernelTask.Sleep(20 * Millisecond);
        TaskStruct signaller = Start("signaller", thread =>
        {
            PiLock(thread, Other);
            Assert.Equal(3L, Futex.RequeueInheriting(thread.Futex, Word, Key(Word), 0, Other, Key(Other), 9));
            Assert.Equal(0, owned);
            PiUnlock(machine, thread, Other);
        });
        JoinAll([signaller, .. waiters]);
        Assert.Equal(3, owned);
        Assert.Equal(0u, FutexMemory.Load(Other) & FutexConstants.OwnerMask);
    });

    [Theory]
    [MemberData(nameof(Cases))]
    public void OneOfSeveralWordsIsEnough(int cpus, int seed) => Simulate(cpus, seed, _ =>
    {
        FutexMemory.Store(Word, 1);
        FutexMemory.Store(Other, 2);
        long index = -1;
        TaskStruct waiter = Start("waiter", thread =>
        {
            thread.Deadline.Set(Scheduler.Never);
            index = Futex.WaitAny(thread.Futex, [new FutexWaitTarget(Word, Key(Word), 1), new FutexWaitTarget(Other, Key(Other), 2)]);
        });
        while (Futex.Wake(Key(Other), 1, FutexConstants.AnyBit) == 0)
        {
            KernelTask.Sleep(Millisecond);
        }

        JoinAll([waiter]);
        Assert.Equal(1L, index);
        Assert.Equal(0L, Futex.Wake(Key(Word), 1, FutexConstants.AnyBit));
    });

    [Fact]
    public void AWaitEndsAtItsDeadlineAndAtAnInterrupt() => Simulate(1, 1, _ =>
    {
        FutexMemory.Store(Word, 0);
        long late = 0;
        long interrupted = 0;
        TaskStruct first = Start("late", thread =>
        {
            thread.Deadline.Set(Clock.MonotonicNanoseconds + Millisecond);
            late = Futex.Wait(thread.Futex, Word, Key(Word), 0, FutexConstants.AnyBit);
        });
        TaskStruct second = Start("interrupted", thread =>
        {
            thread.Deadline.Set(Scheduler.Never);
            interrupted = Futex.Wait(thread.Futex, Word, Key(Word), 0, FutexConstants.AnyBit);
        });
        KernelTask.Sleep(5 * Millisecond);
        second.Interrupt();
        JoinAll([first, second]);
        Assert.Equal(-(long)Errno.ETIMEDOUT, late);
        Assert.Equal(-(long)Errno.ERESTARTSYS, interrupted);
        Assert.Equal(0L, Futex.Wake(Key(Word), 1, FutexConstants.AnyBit));
    });

    [Theory]
    [InlineData(0x0100_1000u, 4u, 5u, true)]
    [InlineData(0x1100_1000u, 4u, 4u, false)]
    public void AnEncodedOperationIsDecoded(uint encoded, uint old, uint other, bool differs)
    {
        Assert.Equal(Errno.Ok, FutexWakeOperation.TryDecode(encoded, out FutexWakeOperation operation));
        Assert.Equal(1u, operation.Operand);
        Assert.Equal(differs, operation.IsTrueFor(old) && operation.IsTrueFor(other) && !operation.IsTrueFor(0) && encoded < 0x1000_0000u);
    }

    private static FutexKey Key(ulong address) => FutexKey.OfPrivate(s_space, address);

    private static void Simulate(int cpus, int seed, Action<SimulatedMachine> test) => SimulatedMachine.Run(cpus, seed, machine =>
    {
        FutexMemory.Clear();
        FutexTable.Initialize();
        test(machine);
    });

    private static TaskStruct Start(string name, Action<UserThread> body, int priority = 120) => KernelTask.Start(
        new TaskOptions { Name = name, Scheduling = SchedulingParameters.FromPriority(priority) },
        () => body(new UserThread(TaskStruct.Current)));

    private static void JoinAll(TaskStruct[] tasks)
    {
        foreach (TaskStruct task in tasks)
        {
            task.Join();
        }
    }

    // A mutex of a word: 0 free, 1 taken, 2 taken and perhaps waited for (Drepper, "Futexes Are Tricky").
    private static void Lock(UserThread thread, ulong address)
    {
        uint seen = FutexMemory.Exchange(address, 0, 1);
        while (seen != 0)
        {
            if (seen == 2 || FutexMemory.Exchange(address, 1, 2) != 0)
            {
                thread.Deadline.Set(Scheduler.Never);
                Futex.Wait(thread.Futex, address, Key(address), 2, FutexConstants.AnyBit);
            }

            seen = FutexMemory.Exchange(address, 0, 2);
        }
    }

    private static void Unlock(ulong address)
    {
        uint seen = FutexMemory.Exchange(address, 1, 0);
        if (seen != 1)
        {
            FutexMemory.Store(address, 0);
            Futex.Wake(Key(address), 1, FutexConstants.AnyBit);
        }
    }

    private static long PiLock(UserThread thread, ulong address) =>
        FutexMemory.Exchange(address, 0, (uint)thread.Id) == 0 ? 0 : Futex.LockInheriting(thread.Futex, address, Key(address), mayWait: true);

    private static void PiUnlock(SimulatedMachine machine, UserThread thread, ulong address)
    {
        if (FutexMemory.Exchange(address, (uint)thread.Id, 0) != (uint)thread.Id)
        {
            long result = Futex.UnlockInheriting(thread.Futex, address, Key(address));
            machine.Require(result == 0, $"the unlock gives {result}");
        }
    }

    private static void Release(UserThread thread, ulong address, long taken)
    {
        if (taken == 0)
        {
            Assert.Equal(0L, Futex.UnlockInheriting(thread.Futex, address, Key(address)));
        }
    }
}
