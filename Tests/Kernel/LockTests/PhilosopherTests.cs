using System;
using System.Linq;
using CosmosKernel.Locking;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Waiting;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Tests.Locks;

/// <summary>Dijkstra's dining philosophers: five at a round table, a fork between each two, and each needs both of theirs to eat.</summary>
public static class PhilosopherTests
{
    private const int Count = 5;

    /// <summary>All take the left fork first and wait for the right one: with forks that know nothing of each other nobody ever eats. Seen from outside, and ended by kills.</summary>
    [KernelTest("lock.philosophers_who_take_the_left_fork_first_deadlock")]
    public static void Deadlock()
    {
        Mutex[] forks = [.. Enumerable.Range(0, Count).Select(i => new Mutex($"fork {i}"))];
        using LockExpectation expected = LockValidator.Expect([.. Enumerable.Range(0, Count).Select(i => LockClasses.Register($"fork {i}"))]);
        TaskBarrier allHaveOne = new("all have one fork", Count);
        bool[] ate = new bool[Count];
        TaskStruct[] philosophers = Seat(me =>
        {
            using (forks[me].Enter())
            {
                allHaveOne.Wait();
                using Mutex.Guard second = forks[Right(me)].TryEnter(Tasks.Scheduling.Scheduler.Never, WaitMode.Killable);
                ate[me] = second.Taken;
            }
        });

        // The circle, link by link: each sleeps on the right fork, and the right neighbour holds it. Nothing that happens inside can change this any more.
        for (int i = 0; i < Count; i++)
        {
            Stage.UntilAsleep(philosophers[i], $"fork {Right(i)}");
        }

        for (int i = 0; i < Count; i++)
        {
            Check.True(ReferenceEquals(philosophers[Right(i)], forks[Right(i)].Owner));
        }

        // One gives up: all others eat.
        philosophers[0].Kill();
        foreach (TaskStruct philosopher in philosophers)
        {
            philosopher.Join();
        }

        Check.SequenceEqual([false, true, true, true, true], ate);

        // The validator saw the circle close, too.
        Check.Equal(LockValidator.IsEnabled ? 1 : 0, expected.Count(LockRule.Order));
    }

    /// <summary>With forks that know who waits for whom, the last one to close the circle is refused, with a report that names all of it; the others eat.</summary>
    [KernelTest("lock.philosophers_with_rt_mutexes_are_refused_the_circle")]
    public static void Refused()
    {
        RtMutex[] forks = [.. Enumerable.Range(0, Count).Select(i => new RtMutex($"fork {i}"))];
        using LockExpectation expected = LockValidator.Expect([.. Enumerable.Range(0, Count).Select(i => LockClasses.Register($"fork {i}"))]);
        TaskBarrier allHaveOne = new("all have one fork", Count);
        string[] reports = new string[Count];
        TaskStruct[] philosophers = Seat(me =>
        {
            try
            {
                using (forks[me].Enter())
                {
                    allHaveOne.Wait();
                    using (forks[Right(me)].Enter())
                    {
                        reports[me] = "";
                    }
                }
            }
            catch (DeadlockException deadlock)
            {
                reports[me] = deadlock.Message;
            }
        });
        Stage.Join(philosophers);
        string report = reports.Single(text => text.Length > 0);
        for (int i = 0; i < Count; i++)
        {
            Check.True(report.Contains($"'fork {i}'", StringComparison.Ordinal), report);
            Check.True(report.Contains(philosophers[i].ToString(), StringComparison.Ordinal), report);
        }
    }

    /// <summary>All take the fork with the lower number first: no circle, everybody eats, and on one CPU nobody much more often than others.</summary>
    [KernelTest("lock.philosophers_who_order_the_forks_eat_in_turn")]
    public static void Ordered() => Stage.OnOneCpu(() =>
    {
        const int meals = 200;
        Mutex[] forks = [.. Enumerable.Range(0, Count).Select(i => new Mutex($"fork {i}"))];
        int[] eaten = new int[Count];
        int[] whenFirstWasDone = [];
        TaskStruct[] philosophers = Seat(me =>
        {
            Mutex first = forks[Math.Min(me, Right(me))];
            Mutex second = forks[Math.Max(me, Right(me))];
            while (eaten[me] < meals)
            {
                using (first.Enter())
                using (second.Enter())
                {
                    // Others come and wait meanwhile.
                    KernelTask.Yield();
                    eaten[me]++;
                    if (eaten[me] == meals && whenFirstWasDone.Length == 0)
                    {
                        whenFirstWasDone = [.. eaten];
                    }
                }

                KernelTask.Yield();
            }
        });
        Stage.Join(philosophers);
        Check.Equal(Count * meals, eaten.Sum());

        // When the first was done, all others had eaten at least a quarter as often: neighbours share a fork, and a hand-over lets pass few.
        Check.InRange(meals / 4, meals, whenFirstWasDone.Min());
    });

    private static int Right(int philosopher) => (philosopher + 1) % Count;

    private static TaskStruct[] Seat(Action<int> body)
    {
        TaskStruct[] philosophers = new TaskStruct[Count];
        for (int i = 0; i < Count; i++)
        {
            int me = i;
            philosophers[i] = Stage.Start($"philosopher {i}", TaskPriority.Default, () => body(me));
        }

        return philosophers;
    }
}
