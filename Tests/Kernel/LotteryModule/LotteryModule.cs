using System;
using System.Linq;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Samples.Lottery;

/// <summary>Brings the lottery class into the kernel, and proves that tasks get the CPU in proportion to their tickets.</summary>
[Module("lottery", Description = "A scheduling class from a module: lottery scheduling")]
public sealed partial class LotteryModule : KernelModule
{
    private const ulong Second = 1_000_000_000;

    [Atomic]
    private static volatile LotteryClass s_lottery = null!;

    /// <inheritdoc/>
    [MightSleep]
    public override void Start(ModuleContext context)
    {
        LotteryClass lottery = new(seed: 1994);
        context.AddSchedulingClass(lottery);
        s_lottery = lottery;
    }

    /// <summary>Draws follow the tickets, within five standard deviations of the binomial distribution.</summary>
    [KernelTest("sched.lottery_draws_follow_the_tickets")]
    public static void DrawsFollowTheTickets()
    {
        const long enough = 400;
        const long patience = 120;
        int[] tickets = [400, 300, 200, 100];
        bool stop = false;
        int begun = 0;
        long[] draws = new long[tickets.Length];

        // What counts is the time when all four want the CPU. Each looks at its own draws, first when all have begun and last when they are to stop, always with the CPU in its hands:
        // then the two looks are the same number of turns away from these moments, however long the host stops the CPU of whoever starts them or looks at all of them.
        TaskStruct[] tasks = Start(tickets, me =>
        {
            Interlocked.Increment(ref begun);
            while (Volatile.Read(ref begun) < tickets.Length && !Volatile.Read(ref stop))
            {
            }

            long first = s_lottery.DrawsOf(KernelTask.Current);
            while (!Volatile.Read(ref stop))
            {
            }

            draws[me] = s_lottery.DrawsOf(KernelTask.Current) - first;
        });
        ulong limit = Clock.MonotonicNanoseconds + (patience * Second);
        while (Volatile.Read(ref begun) < tickets.Length && Clock.MonotonicNanoseconds < limit)
        {
            KernelTask.Sleep(1_000_000);
        }

        // A few more than enough: of each task one turn may lie on the other side of a look.
        long wanted = tasks.Sum(s_lottery.DrawsOf) + enough + (2 * tickets.Length);
        while (tasks.Sum(s_lottery.DrawsOf) < wanted && Clock.MonotonicNanoseconds < limit)
        {
            KernelTask.Sleep(20_000_000);
        }

        Volatile.Write(ref stop, true);
        Array.ForEach(tasks, task => task.Join());
        long all = draws.Sum();
        Check.True(all >= enough, $"{all} draws");
        for (int i = 0; i < tickets.Length; i++)
        {
            double share = tickets[i] / 1000.0;
            double deviation = Math.Sqrt(all * share * (1 - share));
            Check.InRange((all * share) - (5 * deviation), (all * share) + (5 * deviation), draws[i], $"draws of {tickets[i]} in {all}");
        }
    }

    /// <summary>The class is asked for with tickets, and only with them.</summary>
    [KernelTest("sched.lottery_needs_tickets")]
    public static void NeedsTickets()
    {
        Check.Throws<ArgumentOutOfRangeException>(() => KernelTask.Current.SetScheduling(s_lottery.Tickets(0)));
        Check.Throws<ArgumentOutOfRangeException>(() => KernelTask.Current.SetScheduling(s_lottery.Tickets(LotteryClass.MostTickets + 1)));
        Check.Throws<ArgumentException>(() => SchedulingClasses.Register(new LotteryClass(1)));
    }

    /// <summary>Hundreds of tasks come, sleep and go, and the tree of tickets stays whole: each of them runs to its end.</summary>
    [KernelTest("sched.lottery_tasks_come_and_go")]
    public static void TasksComeAndGo()
    {
        int ran = 0;
        TaskStruct[] tasks = Start([.. Enumerable.Range(1, 200)], _ =>
        {
            for (int i = 0; i < 5; i++)
            {
                KernelTask.Sleep(200_000);
                KernelTask.Yield();
            }

            Interlocked.Increment(ref ran);
        });
        Array.ForEach(tasks, task => task.Join());
        Check.Equal(200, ran);
    }

    // The body gets the number of its task.
    private static TaskStruct[] Start(int[] tickets, Action<int> body) =>
    [
        .. tickets.Select((count, i) => KernelTask.Start(
            new TaskOptions { Name = $"lottery-{count}", Affinity = CpuSet.Of(0), Scheduling = s_lottery.Tickets(count) }, () => body(i))),
    ];
}
