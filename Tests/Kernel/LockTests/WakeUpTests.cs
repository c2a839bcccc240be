using System;
using System.Linq;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Time;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Tests.Locks;

/// <summary>Wake-ups: exactly one where one is meant, and none lost at any point between a look at the condition and the sleep.</summary>
public static class WakeUpTests
{
    private const int Herd = 24;
    private const ulong Millisecond = 1_000_000;

    /// <summary>One exclusive wake-up wakes one of two dozen that wait; the others do not even get a CPU.</summary>
    [KernelTest("lock.one_exclusive_wake_up_wakes_exactly_one")]
    public static void Exclusive()
    {
        WaitQueue queue = new("herd");
        int tokens = 0;
        int took = 0;
        TaskStruct[] herd = StartHerd(queue, exclusive: true, () => Take(ref tokens), () => Interlocked.Increment(ref took));
        for (int round = 1; round <= Herd; round++)
        {
            TaskStruct[] asleep = [.. herd.Where(task => task.State != TaskState.Zombie)];
            Array.ForEach(asleep, task => Stage.UntilAsleep(task, "herd"));
            long[] switches = [.. asleep.Select(task => task.VoluntarySwitches)];
            Interlocked.Increment(ref tokens);
            Check.Equal(1, queue.WakeOne());
            int expected = round;
            Stage.Until(() => Volatile.Read(ref took) == expected);
            Stage.Until(() => asleep.Count(task => task.State == TaskState.Zombie) == 1);

            // Who slept on has not left the CPU again: it never had it.
            for (int i = 0; i < asleep.Length; i++)
            {
                if (asleep[i].State != TaskState.Zombie)
                {
                    Check.Equal(switches[i], asleep[i].VoluntarySwitches);
                }
            }
        }

        Check.Equal(0, queue.WakeOne());
        Stage.Join(herd);
    }

    /// <summary>Without exclusive waits each wake-up wakes the whole herd, and all but one find nothing: what the exclusive ones are for.</summary>
    [KernelTest("lock.a_wake_up_of_all_wakes_the_herd")]
    public static void Thundering()
    {
        WaitQueue queue = new("herd");
        int tokens = 0;
        int took = 0;
        TaskStruct[] herd = StartHerd(queue, exclusive: false, () => Take(ref tokens), () => Interlocked.Increment(ref took));
        int woken = 0;
        for (int left = Herd; left > 0; left--)
        {
            Array.ForEach([.. herd.Where(task => task.State != TaskState.Zombie)], task => Stage.UntilAsleep(task, "herd"));
            Interlocked.Increment(ref tokens);
            int now = queue.WakeOne();
            Check.Equal(left, now);
            woken += now;
            int done = Herd - left + 1;
            Stage.Until(() => Volatile.Read(ref took) == done && herd.Count(task => task.State == TaskState.Zombie) == done);
        }

        // 24 + 23 + ... + 1, where exclusive waits need 24.
        Check.Equal(Herd * (Herd + 1) / 2, woken);
        Stage.Join(herd);
    }

    /// <summary>The condition becomes true, and the wake-up comes, at each point between two steps of the waiter: it never sleeps on.</summary>
    [KernelTest("lock.no_wake_up_is_lost_at_any_point")]
    public static void AtEachPoint()
    {
        for (int point = 0; point < 5; point++)
        {
            WaitQueue queue = new("event");
            var happening = new Happening(queue);
            int now = point;
            bool slept = false;
            TaskStruct waiter = KernelTask.Start("waiter", () =>
            {
                using WaitQueue.Wait wait = queue.Begin();
                At(0, now, happening.Happen);
                while (true)
                {
                    wait.Prepare();
                    At(1, now, happening.Happen);
                    bool seen = happening.Happened;
                    At(2, now, happening.Happen);
                    if (seen)
                    {
                        return;
                    }

                    // Point 3: from an interrupt, just before the sleep.
                    At(3, now, happening.HappenInInterrupt);
                    Volatile.Write(ref slept, true);
                    Check.Equal(WaitResult.Woken, wait.Sleep());
                }
            });
            if (point == 4)
            {
                // While it sleeps.
                Stage.UntilAsleep(waiter, "event");
                happening.Happen();
            }

            Stage.Join([waiter]);
            Check.Equal(point >= 2, slept);
        }

        static void At(int point, int now, Action happen)
        {
            if (point == now)
            {
                happen();
            }
        }
    }

    /// <summary>A waiter that looks first and gets ready to sleep after loses the wake-up that comes between: so the test above can fail.</summary>
    [KernelTest("lock.a_waiter_that_looks_before_it_prepares_loses_the_wake_up")]
    public static void WrongOrder()
    {
        WaitQueue queue = new("event");
        bool happened = false;
        using WaitQueue.Wait wait = queue.Begin(Clock.MonotonicNanoseconds + (5 * Millisecond));
        Check.False(happened);
        Check.Equal(0, Happen());
        wait.Prepare();
        WaitResult result;
        do
        {
            result = wait.Sleep();
        }
        while (result == WaitResult.Woken);
        Check.Equal(WaitResult.TimedOut, result);
        Check.True(happened);

        int Happen()
        {
            happened = true;
            return queue.WakeOne();
        }
    }

    private static bool Take(ref int tokens)
    {
        int seen = Volatile.Read(ref tokens);
        return seen > 0 && Interlocked.CompareExchange(ref tokens, seen - 1, seen) == seen;
    }

    private static TaskStruct[] StartHerd(WaitQueue queue, bool exclusive, Func<bool> take, Action took)
    {
        TaskStruct[] herd = new TaskStruct[Herd];
        for (int i = 0; i < Herd; i++)
        {
            herd[i] = KernelTask.Start($"herd {i}", () =>
            {
                using (WaitQueue.Wait wait = queue.Begin(exclusive: exclusive))
                {
                    while (true)
                    {
                        wait.Prepare();
                        if (take())
                        {
                            break;
                        }

                        wait.Sleep();
                    }
                }

                took();
            });
        }

        return herd;
    }

    // The condition, and who makes it true: the task that waits itself, as if it were another CPU, or an interrupt.
    private sealed class Happening(WaitQueue queue) : KernelTimer
    {
        [Atomic]
        private volatile bool _happened;

        public bool Happened => _happened;

        public void Happen()
        {
            _happened = true;
            queue.WakeOne();
        }

        public void HappenInInterrupt()
        {
            Start(Clock.MonotonicNanoseconds + 1000);
            while (!_happened)
            {
                Thread.SpinWait(1);
            }

            // The handler has ended, the wake-up included.
            Cancel();
        }

        protected override void OnExpired(ulong now) => Happen();
    }
}
