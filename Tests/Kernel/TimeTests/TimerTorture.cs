using System.Linq;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tests.Time;

/// <summary>
/// Timers that are started, started anew and cancelled by tasks which move between CPUs, while their handlers start them again: none runs early, none after
/// <c>CancelAndWait</c> has returned, no start is lost and none runs twice. A timer that never ran although it is pending would keep its contender for ever: the test would not end.
/// </summary>
internal static class TimerTorture
{
    private const int SharedTimers = 3;

    /// <summary>Each contender has a timer of its own, whose book must balance exactly after each episode.</summary>
    public static long Owned(ulong nanoseconds)
    {
        CountingTimer[] timers = MakeTimers(Torture.Contenders);
        long operations = Torture.Run("owned timers", nanoseconds, TortureKinds.Urgencies, contender =>
        {
            CountingTimer timer = timers[contender.Index];
            timer.Open();
            bool cancelled = contender.Next(2) == 0 ? Chain(timer, contender, out long replaced) : Replace(timer, contender, out replaced);
            timer.Close(cancelled ? 1 : 0, replaced);
            Linger(contender, 300);
            contender.Require(timer.Wrong is null, timer.Wrong ?? "");
            return true;
        });
        AssertNothingWrong(timers);
        return operations;
    }

    /// <summary>All contenders share a few timers: whatever is started and cancelled at once, no more runs than starts, and at the end all can be stopped and started.</summary>
    public static long Shared(ulong nanoseconds)
    {
        CountingTimer[] timers = MakeTimers(SharedTimers);
        var cancelled = new long[SharedTimers];
        foreach (CountingTimer timer in timers)
        {
            timer.Open();
        }

        long operations = Torture.Run("shared timers", nanoseconds, TortureKinds.Urgencies, contender =>
        {
            int which = contender.Next(SharedTimers);
            switch (contender.Next(8))
            {
                case 0:
                    CountCancelled(timers[which].Cancel());
                    break;
                case 1:
                    CountCancelled(timers[which].CancelAndWait());
                    break;
                case 2 or 3:
                    Linger(contender, 2000);
                    break;
                default:
                    timers[which].Begin(Clock.MonotonicNanoseconds + (ulong)contender.Next(60_000), (ulong)contender.Next(2) * 20_000, contender.Next(4));
                    break;
            }

            return true;

            void CountCancelled(bool pending)
            {
                if (pending)
                {
                    Interlocked.Increment(ref cancelled[which]);
                }
            }
        });
        for (int i = 0; i < SharedTimers; i++)
        {
            CountingTimer timer = timers[i];
            cancelled[i] += timer.CancelAndWait() ? 1 : 0;
            timer.Close(cancelled[i], timer.Starts);
            Check.True(timer.Runs > 0, $"timer {i} never ran");
            timer.Open();
            timer.Begin(Clock.MonotonicNanoseconds + 10_000, 0, 3);
            RunOut(timer, 4);
            Check.False(timer.CancelAndWait());
            timer.Close(0, 0);
        }

        AssertNothingWrong(timers);
        return operations;
    }

    /// <summary>With <c>Cancel</c> in the place of <c>CancelAndWait</c>, handlers are found that still run: so the torture can fail. On several CPUs.</summary>
    public static void WithoutWaiting()
    {
        if (RunQueues.Count == 1)
        {
            Check.Skip("on one CPU no handler runs while a task cancels its timer");
        }

        var timer = new CountingTimer { IsHeld = true };
        TaskStruct me = KernelTask.Current;
        int home = RunQueues.Online.First;
        me.SetAffinity(CpuSet.Of(RunQueues.Online.Next(home)));
        KernelTask.Yield();
        timer.Open();
        TaskStruct starter = KernelTask.Start(new TaskOptions { Name = "starter", Affinity = CpuSet.Of(home) }, () => timer.Begin(Clock.MonotonicNanoseconds, 0, 0));
        while (timer.Runs == 0)
        {
            CpuInstructions.Pause();
        }

        // The handler has begun on the other CPU, and stays.
        bool pending = timer.Cancel();
        timer.Close(0, 0);
        timer.IsHeld = false;
        starter.Join();
        Check.False(timer.CancelAndWait());
        me.SetAffinity(CpuSet.All);
        Check.False(pending);
        Check.Equal("a handler runs after CancelAndWait has returned", timer.Wrong);
    }

    // One start of the task, further ones of the handler, each when the one before has run: at most one can be cancelled.
    private static bool Chain(CountingTimer timer, Contender contender, out long replaced)
    {
        int restarts = contender.Next(4);
        replaced = 0;
        timer.Begin(SomeDeadline(contender), SomeSlack(contender), restarts);
        Wander(contender);
        switch (contender.Next(4))
        {
            case 0:
                RunOut(timer, 1 + restarts);
                return timer.CancelAndWait();
            case 1:
                // In the middle of a run, if this task is elsewhere by now.
                RunOut(timer, 1 + contender.Next(1 + restarts));
                return timer.CancelAndWait();
            case 2:
                bool pending = timer.Cancel();
                Linger(contender, 200);
                return pending | timer.CancelAndWait();
            default:
                Linger(contender, 3000);
                return timer.CancelAndWait();
        }
    }

    // Several starts of the task, each perhaps in the place of the one before.
    private static bool Replace(CountingTimer timer, Contender contender, out long replaced)
    {
        replaced = contender.Next(5);
        for (long i = 0; i <= replaced; i++)
        {
            timer.Begin(SomeDeadline(contender), SomeSlack(contender), 0);
            Wander(contender);
        }

        if (contender.Next(2) == 0)
        {
            // The last one is in nobody's way: it runs.
            while (timer.IsPending)
            {
                Linger(contender, 100);
            }

            bool pending = timer.CancelAndWait();
            contender.Require(!pending && timer.Runs > 0, "a timer that was no more pending had not run");
            return pending;
        }

        return timer.CancelAndWait();
    }

    private static void RunOut(CountingTimer timer, long runs)
    {
        // Most of them come soon; a yield may be long.
        for (int i = 1; timer.Runs < runs; i++)
        {
            if (i % 10_000 == 0)
            {
                KernelTask.Yield();
            }
        }
    }

    private static ulong SomeDeadline(Contender contender) => contender.Next(8) switch
    {
        0 => Clock.MonotonicNanoseconds,
        1 => 0,
        _ => Clock.MonotonicNanoseconds + (ulong)contender.Next(60_000),
    };

    private static ulong SomeSlack(Contender contender) => contender.Next(3) == 0 ? (ulong)contender.Next(30_000) : 0;

    // On to another CPU, so that the timer is cancelled and started anew elsewhere than where it expires.
    [MightSleep]
    private static void Wander(Contender contender)
    {
        if (contender.Next(2) == 0)
        {
            KernelTask.Current.SetAffinity(CpuSet.Of(contender.Next(RunQueues.Limit)));
            KernelTask.Yield();
        }
        else
        {
            Linger(contender, 1000);
        }
    }

    [MightSleep]
    private static void Linger(Contender contender, int most)
    {
        // No PAUSE: emulators make a long wait of it.
        for (int i = contender.Next(most); i > 0 && !contender.Stopped; i--)
        {
        }

        if (contender.Next(8) == 0)
        {
            KernelTask.Yield();
        }
    }

    private static CountingTimer[] MakeTimers(int count) => [.. Enumerable.Range(0, count).Select(_ => new CountingTimer())];

    private static void AssertNothingWrong(CountingTimer[] timers)
    {
        foreach (CountingTimer timer in timers)
        {
            Check.True(timer.Wrong is null, timer.Wrong ?? "");
        }
    }
}
