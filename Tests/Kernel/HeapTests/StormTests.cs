using System;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Runtime.Heap;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Time;

namespace CosmosKernel.Tests.Heap;

/// <summary>Several tasks on each CPU that allocate, link, check and drop objects as fast as they can, while timers interrupt them at every instruction.</summary>
public static class StormTests
{
    private const ulong Second = 1_000_000_000;
    private const int StormSeconds = 30;
    private const ulong CollectionInterval = 100_000_000;

    // Of each task, until the free cells between those in use are as many as they will be.
    private const int WarmUpRounds = 8 * StormPhases.Rounds;

    [Atomic]
    private static volatile bool s_stop;

    [Atomic]
    private static volatile string? s_failure;

    /// <summary>A short storm with a verification after another.</summary>
    [KernelTest("memory.heap.tasks_on_all_cpus_allocate_while_the_heap_is_verified")]
    public static void Verified()
    {
        TaskStruct[] tasks = Begin(Environment.ProcessorCount * 3);
        ulong end = Clock.MonotonicNanoseconds + (3 * Second);
        int verifications = 0;

        // A slow host takes longer: two verifications see what was allocated between them.
        while ((Clock.MonotonicNanoseconds < end || verifications < 2) && s_failure is null)
        {
            ulong errors = ManagedHeap.Verify();
            if (errors != 0)
            {
                s_failure = $"{errors} bad references";
            }

            verifications++;
            KernelTask.Yield();
        }

        End(tasks);
        Check.True(verifications > 1);
    }

    /// <summary>
    /// What the heap holds beyond what the tasks hold on purpose stays level, in objects and in bytes, once each task has done its first rounds; see <see cref="StormLevels"/>.
    /// <c>soak.seconds=N</c> on the boot line says how long at least; 30 seconds otherwise. A slow host takes longer, as the work that is compared must be done.
    /// </summary>
    [KernelTest("soak.memory_stays_level_in_an_allocation_storm")]
    public static void Level()
    {
        StormLevels levels = Measure((ulong)KernelOptions.GetNumber("soak.seconds", StormSeconds, 3, int.MaxValue) * Second, StormLeak.None);
        HeapTestModule.CollectAndVerify();
        HeapStatistics statistics = HeapStatistics.Capture();
        TestRunner.Figure("soak.committed", levels.Committed, "bytes");
        TestRunner.Figure("soak.growth", levels.Growth, "bytes");
        TestRunner.Figure("soak.growth_in_objects", levels.GrowthInObjects, "objects");
        TestRunner.Figure("soak.rounds", levels.Rounds, "rounds");
        TestRunner.Figure("soak.allocated", statistics.AllocatedBytes, "bytes");
        TestRunner.Figure("soak.collections", statistics.Collections, "collections");
        TestRunner.Figure("soak.longest_pause", statistics.LongestPause, "ns");
        Check.InRange(double.MinValue, StormLevels.GrowthInObjectsLimit, levels.GrowthInObjects);
        Check.InRange(double.MinValue, levels.GrowthLimit, levels.Growth);
    }

    /// <summary>The measurement finds a task that keeps one small object of the five thousand that it makes in a round.</summary>
    [KernelTest("soak.storm_finds_a_leak_of_small_objects")]
    public static void SmallLeakIsFound()
    {
        StormLevels levels = Measure(0, StormLeak.SmallObjects);
        TestRunner.Figure("soak.small_leak", levels.GrowthInObjects, "objects");
        Check.InRange(StormLevels.GrowthInObjectsLimit, double.MaxValue, levels.GrowthInObjects);
    }

    /// <summary>The measurement finds a task that keeps few objects but large ones.</summary>
    [KernelTest("soak.storm_finds_a_leak_of_large_objects")]
    public static void LargeLeakIsFound()
    {
        StormLevels levels = Measure(0, StormLeak.LargeObjects);
        TestRunner.Figure("soak.large_leak", levels.Growth, "bytes");
        Check.InRange(levels.GrowthLimit, double.MaxValue, levels.Growth);
    }

    /// <summary>What the collector's pauses are like while every CPU allocates. <c>figure.seconds=N</c> on the boot line says for how long; 5 seconds otherwise.</summary>
    [KernelTest("figure.pauses.while_every_cpu_allocates")]
    public static void Pauses()
    {
        ulong duration = (ulong)KernelOptions.GetNumber("figure.seconds", 5, 1, int.MaxValue) * Second;
        HeapStatistics before = HeapStatistics.Capture();
        TaskStruct[] tasks = Begin(Environment.ProcessorCount * 3);
        KernelTask.Sleep(duration);
        End(tasks);
        HeapStatistics after = HeapStatistics.Capture();
        ulong collections = (ulong)(after.Collections - before.Collections);
        Check.True(collections > 0);
        TestRunner.Figure("figure.pauses.collections", collections, "collections");
        TestRunner.Figure("figure.pauses.mean", (double)(after.TotalPause - before.TotalPause) / collections, "ns");
        TestRunner.Figure("figure.pauses.longest", after.LongestPause, "ns");
        TestRunner.Figure("figure.pauses.allocated", after.AllocatedBytes - before.AllocatedBytes, "bytes");
    }

    // At least for so long and until there is enough to compare.
    private static StormLevels Measure(ulong duration, StormLeak leak)
    {
        StormPhases phases = new();
        StormLevels levels = new();
        ulong start = Clock.MonotonicNanoseconds;
        ulong next = start;
        TaskStruct[] tasks = Begin(Environment.ProcessorCount * 3, phases, leak);
        int rounds = 0;
        while (WaitForAll(tasks.Length, phases))
        {
            rounds += StormPhases.Rounds;
            ulong now = Clock.MonotonicNanoseconds;
            if (now >= next && rounds >= WarmUpRounds)
            {
                ManagedHeap.Collect();
                levels.Add(HeapStatistics.Capture(), phases.Held, rounds);
                next = now + (duration / StormLevels.Capacity);
            }

            if (now - start >= duration && levels.IsComplete)
            {
                break;
            }

            phases.Begin(tasks.Length);
        }

        s_stop = true;
        phases.Begin(tasks.Length);
        End(tasks);
        return levels;
    }

    // Collections at any moment of the tasks' work meanwhile.
    private static bool WaitForAll(int tasks, StormPhases phases)
    {
        while (tasks > 0 && s_failure is null)
        {
            if (phases.WaitForOne(Clock.MonotonicNanoseconds + CollectionInterval))
            {
                tasks--;
            }
            else
            {
                ManagedHeap.Collect();
            }
        }

        return s_failure is null;
    }

    private static TaskStruct[] Begin(int count, StormPhases? phases = null, StormLeak leak = StormLeak.None)
    {
        s_stop = false;
        s_failure = null;
        var tasks = new TaskStruct[count];
        for (int i = 0; i < count; i++)
        {
            int seed = i;
            tasks[i] = KernelTask.Start(new TaskOptions { Name = $"storm-{i}", Scheduling = KernelTask.Current.GetScheduling() }, () => Guarded(seed, phases, leak));
        }

        return tasks;
    }

    private static void End(TaskStruct[] tasks)
    {
        s_stop = true;
        foreach (TaskStruct task in tasks)
        {
            task.Join();
        }

        Check.Equal(null, s_failure);
    }

    private static void Guarded(int seed, StormPhases? phases, StormLeak leak)
    {
        // Interrupts at ever changing instructions: allocation must restart where it was caught.
        var ticker = new Ticker((ulong)(20_000 + (seed * 7_919)));
        ticker.Begin();
        try
        {
            Run(new Storm(seed, leak), phases);
        }
        catch (Exception failure)
        {
            s_failure = failure.ToString();
        }

        ticker.Cancel();
        phases?.Leave();
    }

    private static void Run(Storm storm, StormPhases? phases)
    {
        for (int round = 1; !s_stop && s_failure is null; round++)
        {
            storm.Round();
            if (round % StormPhases.Rounds == 0)
            {
                phases?.Arrive(storm);
            }
        }
    }

    [Protocol("Only the handler touches it while the timer runs.")]
    private sealed class Ticker(ulong interval) : KernelTimer
    {
        private ulong _interval = interval;

        public void Begin() => Start(Clock.MonotonicNanoseconds + _interval);

        protected override void OnExpired(ulong now)
        {
            // A step that is no divisor of anything, so that the interrupt wanders over the code.
            _interval = (_interval % 90_000) + 11_003;
            Start(now + _interval);
        }
    }
}
