using System;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Samples.Lottery;

// The class comes and goes, with and without tasks.
public sealed partial class LotteryModule
{
    private const int OtherRank = 21;
    private const int Members = 8;

    // The class of the present round.
    [Atomic]
    private static volatile LotteryClass? s_passing;

    /// <summary>
    /// A hundred times a class comes, schedules eight tasks on all CPUs, and goes, every second time while they live, others take it and give it up all the time: they go on under the ordinary policy, its rank
    /// is free, and nobody can ask for it.
    /// </summary>
    [KernelTest("sched.a_class_comes_and_goes_under_load")]
    public static void AClassComesAndGoesUnderLoad()
    {
        const int rounds = 100;
        bool end = false;
        int taken = 0;
        TaskStruct[] takers = new TaskStruct[4];
        for (int i = 0; i < takers.Length; i++)
        {
            takers[i] = KernelTask.Start($"taker-{i}", () =>
            {
                while (!Volatile.Read(ref end))
                {
                    if (TryTake())
                    {
                        Interlocked.Increment(ref taken);
                    }

                    KernelTask.Sleep(100_000);
                }
            });
        }

        for (int round = 0; round < rounds; round++)
        {
            LotteryClass policy = new((ulong)round, OtherRank);
            SchedulingClasses.Register(policy);
            s_passing = policy;
            ComeAndGo(policy, alive: round % 2 == 0);
        }

        Volatile.Write(ref end, true);
        Array.ForEach(takers, task => task.Join());
        s_passing = null;
        Check.True(taken > 0, "no task took a class");
    }

    /// <summary>A module stops that brought a class, and starts again: its tasks' nice values stay, and the kernel's classes cannot be taken away.</summary>
    [KernelTest("sched.a_class_goes_once_and_none_of_the_kernels")]
    public static void AClassGoesOnce()
    {
        LotteryClass policy = new(7, OtherRank);
        Check.Throws<ArgumentException>(() => SchedulingClasses.Unregister(policy));
        SchedulingClasses.Register(policy);
        KernelTask.Current.SetScheduling(policy.Tickets(3) with { Nice = 4 });
        Check.True(ReferenceEquals(policy, KernelTask.Current.Class));
        SchedulingClasses.Unregister(policy);
        Check.Equal(SchedulingParameters.Fair(4), KernelTask.Current.GetScheduling());
        KernelTask.Current.SetScheduling(SchedulingParameters.Default);
        Check.Throws<ArgumentException>(() => SchedulingClasses.Unregister(policy));
        Check.Throws<ArgumentException>(() => SchedulingClasses.Unregister(SchedulingClasses.Default));
    }

    private static void ComeAndGo(LotteryClass policy, bool alive)
    {
        bool stop = false;
        int[] turns = new int[Members];
        TaskStruct[] tasks = new TaskStruct[Members];
        for (int i = 0; i < Members; i++)
        {
            int me = i;
            tasks[i] = KernelTask.Start(new TaskOptions { Name = $"member-{i}", Scheduling = policy.Tickets(i + 1) }, () =>
            {
                while (!Volatile.Read(ref stop))
                {
                    Interlocked.Increment(ref turns[me]);
                    if (me % 2 == 0)
                    {
                        KernelTask.Sleep(50_000);
                    }
                }
            });
        }

        AwaitTurns(turns, new int[Members]);
        if (!alive)
        {
            Volatile.Write(ref stop, true);
            Array.ForEach(tasks, task => task.Join());
        }

        SchedulingClasses.Unregister(policy);
        Check.True(SchedulingClasses.Get(OtherRank) is null);
        Check.Throws<ArgumentException>(() => KernelTask.Current.SetScheduling(policy.Tickets(1)));
        Array.ForEach(tasks, task => Check.True(ReferenceEquals(SchedulingClasses.Default, task.Class)));
        if (alive)
        {
            int[] before = new int[Members];
            for (int i = 0; i < Members; i++)
            {
                before[i] = Volatile.Read(ref turns[i]);
            }

            AwaitTurns(turns, before);
            Volatile.Write(ref stop, true);
            Array.ForEach(tasks, task => task.Join());
        }
    }

    // Each task has gone on since.
    private static void AwaitTurns(int[] turns, int[] before)
    {
        ulong limit = Clock.MonotonicNanoseconds + (60 * Second);
        for (int i = 0; i < Members; i++)
        {
            while (Volatile.Read(ref turns[i]) == before[i])
            {
                Check.True(Clock.MonotonicNanoseconds < limit, $"member {i} stands still");
                KernelTask.Sleep(100_000);
            }
        }
    }

    private static bool TryTake()
    {
        if (s_passing is not { } policy)
        {
            return false;
        }

        try
        {
            KernelTask.Current.SetScheduling(policy.Tickets(5));
            KernelTask.Current.SetScheduling(SchedulingParameters.Default);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
