using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tests.Policies;

/// <summary>
/// What the scheduling classes promise, computed from the machine's own trace of switches. For one CPU whose time counts instructions (<c>--icount</c>): there times are exact.
/// The same and more is proved for many seeds in Tests/Tasks.Tests (FairClassTests, RealTimeClassTests, DeadlineClassTests).
/// </summary>
[Module("policy-tests", Description = "Tests of scheduling classes, for one CPU that counts instructions")]
public sealed partial class PolicyTests : KernelModule
{
    private const ulong Millisecond = 1_000_000;
    private const ulong Second = 1000 * Millisecond;

    // How often a CPU with tasks that wait looks around (docs/scheduler.md, "Time").
    private const ulong Tick = 4 * Millisecond;

    // What switches and interrupts take, generously.
    private const ulong Overhead = 50_000;

    /// <inheritdoc/>
    public override void Start(ModuleContext context)
    {
    }

    /// <summary>Ten seconds: at every switch each task is within a slice and a tick of its share, with equal and with mixed weights.</summary>
    [KernelTest("policy.fair_shares_at_every_switch_for_ten_seconds")]
    public static void FairSharesAtEverySwitch()
    {
        NeedOneCpu();
        CheckShares([0, 0, 0, 0, 0, 0, 0, 0], 5 * Second);
        CheckShares([-10, -5, -1, 0, 0, 1, 5, 10], 5 * Second);
    }

    /// <summary>A real-time task that never sleeps leaves 5 % to others.</summary>
    [KernelTest("policy.a_runaway_fifo_task_leaves_five_percent")]
    public static void ARunawayLeavesFivePercent()
    {
        NeedOneCpu();
        ulong end = ((Clock.MonotonicNanoseconds / Second) + 3) * Second;
        TaskStruct other = KernelTask.Start("other", () => ComputeUntil(end));
        TaskStruct runaway = KernelTask.Start(new TaskOptions { Name = "runaway", Scheduling = SchedulingParameters.Fifo(99) }, () => ComputeUntil(end));

        // This task shares the 5 % with the other one: it begins when the first period is over, and sleeps for two whole ones.
        KernelTask.SleepUntil(end - (2 * Second));
        ulong before = CpuTime(other);
        KernelTask.SleepUntil(end - Millisecond);
        Check.InRange(90 * Millisecond, 110 * Millisecond, CpuTime(other) - before, "of two seconds");
        runaway.Join();
        other.Join();
    }

    /// <summary>Two seconds of deadline tasks that need 95 % of the CPU, and every deadline is met; more is not admitted.</summary>
    [KernelTest("policy.every_deadline_is_met_at_95_percent")]
    public static void EveryDeadlineIsMet()
    {
        NeedOneCpu();
        (ulong Runtime, ulong Period)[] load = [(3, 10), (5, 20), (7, 35), (6, 50), (8, 100)];
        ulong start = Clock.MonotonicNanoseconds + (10 * Millisecond);
        int missed = 0;
        int jobs = 0;
        TaskStruct fair = KernelTask.Start("fair", () => ComputeUntil(start + (2 * Second)));
        List<TaskStruct> tasks = [];
        foreach ((ulong runtime, ulong period) in load)
        {
            tasks.Add(KernelTask.Start(
                new TaskOptions { Name = $"{runtime}/{period}", Scheduling = SchedulingParameters.EarliestDeadline(runtime * Millisecond, period * Millisecond) },
                () =>
                {
                    for (ulong release = start; release < start + (2 * Second); release += period * Millisecond)
                    {
                        KernelTask.SleepUntil(release);
                        Work((runtime * Millisecond) - (2 * Overhead));
                        jobs++;
                        missed += Clock.MonotonicNanoseconds > release + (period * Millisecond) ? 1 : 0;
                    }
                }));
        }

        Check.Throws<SchedulingRefusedException>(() => KernelTask.Current.SetScheduling(SchedulingParameters.EarliestDeadline(Millisecond, 100 * Millisecond)));
        tasks.ForEach(task => task.Join());
        fair.Join();
        Check.Equal(0, missed);
        Check.Equal(0L, tasks.Sum(task => task.DeadlineMisses));
        Check.InRange(415, 421, jobs);
    }

    // The shares of tasks that compute all the time, from the trace of switches: at each one, what each has had and what it should have had of what all had together.
    private static void CheckShares(int[] nice, ulong time)
    {
        SchedulingParameters before = KernelTask.Current.GetScheduling();
        KernelTask.Current.SetScheduling(SchedulingParameters.Fifo(50));
        bool stop = false;
        TaskStruct[] tasks = Array.ConvertAll(nice, n => KernelTask.Start(
            new TaskOptions { Name = $"nice {n}", Scheduling = SchedulingParameters.Fair(n) }, () =>
            {
                while (!Volatile.Read(ref stop))
                {
                }
            }));
        double weights = nice.Sum(n => (double)SchedulingClasses.Default.WeightOf(n));
        SwitchTrace trace = RunQueues.Get(0)!.Trace;
        long position = trace.Position;
        SwitchRecord[] records = new SwitchRecord[SwitchTrace.Capacity];
        Dictionary<int, int> indexes = [];
        for (int i = 0; i < tasks.Length; i++)
        {
            indexes[tasks[i].Pid] = i;
        }

        double[] had = new double[tasks.Length];
        double all = 0;
        double worst = 0;
        int switches = 0;
        SwitchRecord last = default;
        ulong end = Clock.MonotonicNanoseconds + time;
        while (Clock.MonotonicNanoseconds < end)
        {
            // Fewer switches than the trace holds happen meanwhile.
            KernelTask.Sleep(200 * Millisecond);
            int count = trace.Read(ref position, records);
            foreach (SwitchRecord record in records.AsSpan(0, count))
            {
                if (last.Time != 0 && indexes.TryGetValue(last.Pid, out int who))
                {
                    had[who] += record.Time - last.Time;
                    all += record.Time - last.Time;
                    switches++;
                    for (int i = 0; i < tasks.Length; i++)
                    {
                        double lag = (all * SchedulingClasses.Default.WeightOf(nice[i]) / weights) - had[i];
                        worst = Math.Max(worst, Math.Abs(lag));
                    }
                }

                last = record;
            }
        }

        Volatile.Write(ref stop, true);
        KernelTask.Current.SetScheduling(before);
        Array.ForEach(tasks, task => task.Join());
        TestRunner.Figure($"policy.worst_lag_{(nice[0] == 0 ? "equal" : "mixed")}", worst, "ns");
        Check.True(worst <= FairClass.DefaultSlice + Tick, $"a task was {worst} ns from its share");
        Check.True((ulong)switches > time / (8 * FairClass.DefaultSlice), $"{switches} switches");
        Check.True(all > 0.95 * time, $"the tasks had {all} ns of {time}");
    }

    private static void NeedOneCpu()
    {
        if (RunQueues.Count != 1)
        {
            Check.Skip("needs one CPU that counts instructions");
        }
    }

    private static ulong CpuTime(TaskStruct task)
    {
        RunQueues.Get(task.Cpu)!.UpdateAccounting();
        return task.CpuTimeNanoseconds;
    }

    private static void ComputeUntil(ulong end)
    {
        while (Clock.MonotonicNanoseconds < end)
        {
        }
    }

    // So much CPU time of the task's own.
    private static void Work(ulong time)
    {
        TaskStruct me = KernelTask.Current;
        ulong end = CpuTime(me) + time;
        while (CpuTime(me) < end)
        {
        }
    }
}
