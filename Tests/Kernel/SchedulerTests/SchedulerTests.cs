using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tests.Scheduling;

/// <summary>Proves on the machine what the scheduler promises. The same and more is proved in the simulation of Tests/Tasks.Tests, for many interleavings.</summary>
[Module("scheduler-tests", Description = "Tests of tasks, run queues, locks and timers")]
public sealed partial class SchedulerTests : KernelModule
{
    private const ulong Millisecond = 1_000_000;

    /// <inheritdoc/>
    public override void Start(ModuleContext context)
    {
    }

    /// <summary>A more urgent task that becomes runnable runs at once, to its end.</summary>
    [KernelTest("sched.a_more_urgent_task_runs_at_once")]
    public static void AMoreUrgentTaskRunsAtOnce() => OnOneCpu(0, () =>
    {
        List<string> order = [];
        TaskStruct low = KernelTask.Start(Pinned("low", 125), () =>
        {
            order.Add("low begins");
            TaskStruct high = KernelTask.Start(Pinned("high", 120), () =>
            {
                order.Add("high begins");
                Compute(10 * Millisecond);
                order.Add("high ends");
            });
            order.Add("low goes on");
            high.Join();
        });
        low.Join();
        Check.SequenceEqual(["low begins", "high begins", "high ends", "low goes on"], [.. order]);
    });

    /// <summary>A less urgent task does not get the CPU while a more urgent one is runnable.</summary>
    [KernelTest("sched.a_less_urgent_task_waits")]
    public static void ALessUrgentTaskWaits() => OnOneCpu(0, () =>
    {
        bool ran = false;
        TaskStruct low = KernelTask.Start(Pinned("low", 139), () => Volatile.Write(ref ran, true));
        for (int i = 0; i < 10; i++)
        {
            Compute(2 * Millisecond);
            KernelTask.Yield();
            Check.False(Volatile.Read(ref ran));
        }

        low.Join();
        Check.True(ran);
    });

    /// <summary>Tasks of one priority get slices in turn, in exact order, as the trace of switches shows.</summary>
    [KernelTest("sched.equals_take_turns_in_exact_order")]
    public static void EqualsTakeTurnsInExactOrder()
    {
        ulong slice = SchedulingLimits.RoundRobinSlice;
        SchedulingLimits.RoundRobinSlice = 4 * Millisecond;
        try
        {
            OnOneCpu(0, TakeTurns);
        }
        finally
        {
            SchedulingLimits.RoundRobinSlice = slice;
        }
    }

    private static void TakeTurns()
    {
        SwitchTrace trace = RunQueues.Get(0)!.Trace;
        long position = trace.Position;
        TaskStruct[] tasks = new TaskStruct[3];
        int last = -1;
        int seen = 0;
        for (int i = 0; i < tasks.Length; i++)
        {
            int me = i;
            tasks[i] = KernelTask.Start(Pinned($"rr{i}", 120), () =>
            {
                while (Volatile.Read(ref seen) < 12)
                {
                    if (last != me)
                    {
                        last = me;
                        seen++;
                    }
                }
            });
        }

        Array.ForEach(tasks, task => task.Join());
        SwitchRecord[] records = new SwitchRecord[SwitchTrace.Capacity];
        int count = trace.Read(ref position, records);

        // Their turns while all three ran, up to the end of the first. Others may come in between; that time is nobody's, and the turn goes on after it.
        List<(int Task, ulong Ran)> turns = [];
        for (int i = 0; i + 1 < count; i++)
        {
            int who = Array.FindIndex(tasks, task => task.Pid == records[i].Pid);
            if (who < 0)
            {
                continue;
            }

            ulong ran = records[i + 1].Time - records[i].Time;
            if (turns.Count > 0 && turns[^1].Task == who)
            {
                turns[^1] = (who, turns[^1].Ran + ran);
            }
            else
            {
                turns.Add((who, ran));
            }

            if (records[i + 1].Reason == SwitchReason.Blocked)
            {
                break;
            }
        }

        // The last turn ended with its task. Each of the others is at least a slice, less what a clock of nanoseconds cannot tell.
        Check.InRange(9, 60, turns.Count);
        for (int i = 0; i + 1 < turns.Count; i++)
        {
            Check.Equal((turns[i].Task + 1) % 3, turns[i + 1].Task, $"turn {i + 1}");
            Check.True(turns[i].Ran >= SchedulingLimits.RoundRobinSlice, $"turn {i} of {turns.Count} ran {turns[i].Ran} ns, and not a whole slice: {string.Join(' ', turns)}");
        }
    }

    /// <summary>A yield passes the CPU to the next task of the same priority.</summary>
    [KernelTest("sched.yield_passes_to_the_next_equal")]
    public static void YieldPassesToTheNextEqual() => OnOneCpu(0, () =>
    {
        List<int> order = [];
        TaskStruct[] tasks = new TaskStruct[3];
        for (int i = 0; i < tasks.Length; i++)
        {
            int me = i;
            tasks[i] = KernelTask.Start(Pinned("yielder", 120), () =>
            {
                for (int round = 0; round < 5; round++)
                {
                    order.Add(me);
                    KernelTask.Yield();
                }
            });
        }

        Array.ForEach(tasks, task => task.Join());
        Check.SequenceEqual([.. Enumerable.Range(0, 15).Select(n => n % 3)], [.. order]);
    });

    /// <summary>Priority changes act on running, queued and sleeping tasks at once.</summary>
    [KernelTest("sched.priority_changes_act_at_once")]
    public static void PriorityChangesActAtOnce() => OnOneCpu(0, () =>
    {
        List<string> order = [];
        Tasks.Waiting.Semaphore gate = new("gate", 0);
        TaskStruct sleeper = KernelTask.Start(Pinned("sleeper", 121), () =>
        {
            gate.Wait();
            order.Add("sleeper");
        });
        KernelTask.Sleep(Millisecond);
        TaskStruct queued = KernelTask.Start(Pinned("queued", 121), () => order.Add("queued"));
        TaskStruct other = KernelTask.Start(Pinned("other", 120), () =>
        {
            queued.SetScheduling(Urgent(119));
            order.Add("other");
            sleeper.SetScheduling(Urgent(118));
            gate.Release();
            order.Add("other again");
        });
        sleeper.Join();
        queued.Join();
        other.Join();
        Check.SequenceEqual(["queued", "other", "sleeper", "other again"], [.. order]);
    });

    /// <summary>A task runs only where its affinity allows, also when that changes while it runs.</summary>
    [KernelTest("sched.affinity_is_obeyed")]
    public static void AffinityIsObeyed()
    {
        int cpus = RunQueues.Count;
        if (cpus < 2)
        {
            Check.Skip("needs 2 CPUs");
        }

        bool stop = false;
        int wrong = 0;
        int order = 0;
        long seen = -1;
        TaskStruct roamer = KernelTask.Start("roamer", () =>
        {
            TaskStruct me = KernelTask.Current;
            while (!Volatile.Read(ref stop))
            {
                // What the roamer itself sees is no leftover from an earlier order: others may look while it is on its way.
                int current = Volatile.Read(ref order);
                CpuSet before = me.Affinity;
                KernelTask.Yield();
                int here = me.Cpu;
                Volatile.Write(ref seen, ((long)current << 32) | (uint)here);
                if (before == me.Affinity && !before.Contains(here))
                {
                    // One look may fall between the change and the switch; the next one may not.
                    KernelTask.Yield();
                    wrong += before == me.Affinity && !before.Contains(me.Cpu) ? 1 : 0;
                }
            }
        });
        try
        {
            for (int i = 0; i < 200; i++)
            {
                int cpu = i % cpus;
                roamer.SetAffinity(CpuSet.Of(cpu));
                Volatile.Write(ref order, i);
                KernelTask.Sleep(Millisecond / 5);
                if (i % 20 == 0)
                {
                    // The next switch moves it; how soon the CPU comes to that is up to the host.
                    long expected = ((long)i << 32) | (uint)cpu;
                    ulong limit = Clock.MonotonicNanoseconds + (120_000 * Millisecond);
                    while (Volatile.Read(ref seen) != expected && Clock.MonotonicNanoseconds < limit)
                    {
                        KernelTask.Sleep(Millisecond);
                    }

                    Check.Equal(expected, Volatile.Read(ref seen));
                }
            }
        }
        finally
        {
            Volatile.Write(ref stop, true);
            roamer.Join();
        }

        Check.Equal(0, wrong);
        Check.Throws<ArgumentException>(() => KernelTask.Current.SetAffinity(CpuSet.Of(254)));
    }

    /// <summary>As many computing tasks as CPUs: each gets one, and they end in the time of one.</summary>
    [KernelTest("sched.tasks_spread_over_all_cpus")]
    public static void TasksSpreadOverAllCpus()
    {
        int cpus = RunQueues.Count;
        if (cpus < 2)
        {
            Check.Skip("needs 2 CPUs");
        }

        // All are put on one CPU, and set free when they are there.
        TaskStruct[] tasks = new TaskStruct[cpus];
        bool[] ran = new bool[cpus];
        bool stop = false;
        for (int i = 0; i < cpus; i++)
        {
            tasks[i] = KernelTask.Start(Pinned("spread", 120), () =>
            {
                while (!Volatile.Read(ref stop))
                {
                    ran[KernelTask.Current.Cpu] = true;
                }
            });
        }

        Array.ForEach(tasks, task => task.SetAffinity(CpuSet.All));
        ulong limit = Clock.MonotonicNanoseconds + (120_000 * Millisecond);
        while (ran.Contains(false) && Clock.MonotonicNanoseconds < limit)
        {
            KernelTask.Sleep(Millisecond);
        }

        Volatile.Write(ref stop, true);
        Array.ForEach(tasks, task => task.Join());
        Check.False(ran.Contains(false), "every CPU ran one of them");
    }

    // Runs the test on a CPU, more urgent than the tasks that it starts there, so that what they do among themselves is decided by the scheduler alone.
    private static void OnOneCpu(int cpu, Action test)
    {
        TaskStruct me = KernelTask.Current;
        SchedulingParameters before = me.GetScheduling();
        me.SetAffinity(CpuSet.Of(cpu));
        me.SetScheduling(Urgent(100));
        try
        {
            test();
        }
        finally
        {
            me.SetScheduling(before);
            me.SetAffinity(CpuSet.All);
        }
    }

    private static TaskOptions Pinned(string name, int priority) => new() { Name = name, Scheduling = Urgent(priority), Affinity = CpuSet.Of(0) };

    // Real time, in turns among equals; less is more urgent: 41 to 139.
    private static SchedulingParameters Urgent(int priority) => SchedulingParameters.RoundRobin(140 - priority);

    // Computes for so much time of the task's own, whoever else runs meanwhile.
    private static void Compute(ulong nanoseconds)
    {
        ulong left = nanoseconds;
        ulong last = Clock.MonotonicNanoseconds;
        while (left > 0)
        {
            ulong now = Clock.MonotonicNanoseconds;

            // A long step means that others ran in between: it does not count.
            ulong step = now - last;
            left -= step < 100_000 ? Math.Min(step, left) : 0;
            last = now;
        }
    }
}
