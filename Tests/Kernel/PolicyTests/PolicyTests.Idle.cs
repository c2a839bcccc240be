using System;
using System.Collections.Generic;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tests.Policies;

// What CPUs do for each other. For several CPUs that take turns on one thread of the host and whose time counts instructions: there waiting has an exact length.
public sealed partial class PolicyTests
{
    private const int Sleepers = 6;
    private const int Forkers = 3;
    private const int Pinned = 4;
    private const int Wanderers = 3;
    private const ulong LongestIdleWhileOthersWait = 4 * Millisecond;

    /// <summary>The machine counts instructions on all of its CPUs, so that times on several CPUs are exact. Only who boots it can know.</summary>
    [ModuleParameter("Time counts instructions: tests may assert durations on several CPUs")]
    [Immutable]
    public bool Counted { get; set; }

    /// <summary>A second of tasks that sleep, fork, are pinned and change their affinity, on all CPUs but the one that watches: none idles for more than 4 ms while a task waits that it may run.</summary>
    [KernelTest("policy.no_cpu_idles_for_4_ms_while_a_task_that_it_may_run_waits")]
    public void NoCpuIdlesWhileOthersWait()
    {
        CpuSet workers = NeedCountedCpus();
        int count = Sleepers + (2 * Forkers) + Pinned + Wanderers;
        var watcher = new IdleWatcher(workers, count);
        long before = Migrations(workers);
        RunWatched(watcher, () =>
        {
            ulong end = Clock.MonotonicNanoseconds + Second;
            List<TaskStruct> tasks = [];
            int slot = 0;
            for (int i = 0; i < Sleepers; i++)
            {
                Add($"sleeper {i}", workers, random => SleepAndCompute(random, end));
            }

            for (int i = 0; i < Pinned; i++)
            {
                Add($"pinned {i}", CpuSet.Of(Nth(workers, i)), random => SleepAndCompute(random, end));
            }

            for (int i = 0; i < Wanderers; i++)
            {
                Add($"wanderer {i}", workers, random => Wander(random, workers, end));
            }

            for (int i = 0; i < Forkers; i++)
            {
                int children = Sleepers + Pinned + Wanderers + Forkers + i;
                Add($"forker {i}", workers, random => Fork(random, workers, end, child => watcher.Watch(children, child)));
            }

            tasks.ForEach(task => task.Join());

            void Add(string name, CpuSet affinity, Action<Random> body)
            {
                var random = new Random(slot + 1);
                TaskStruct task = KernelTask.Start(new TaskOptions { Name = name, Affinity = affinity }, () => body(random));
                watcher.Watch(slot++, task);
                tasks.Add(task);
            }
        });
        TestRunner.Figure("policy.longest_idle_while_others_wait", watcher.Longest, "ns");
        TestRunner.Figure("policy.idle_looks", watcher.Idle * 100.0 / watcher.Looks, "percent");
        Check.True(watcher.Longest <= LongestIdleWhileOthersWait, $"a CPU idled for {watcher.Longest} ns while a task waited that it may run");

        // The load was one that makes CPUs idle and tasks move; else nothing was proved.
        Check.InRange(1.0, 80.0, watcher.Idle * 100.0 / watcher.Looks, "percent of the looks at idle CPUs");
        Check.True(Migrations(workers) - before >= 20, "tasks were moved to idle CPUs");
    }

    /// <summary>A CPU that idles beside a task that waits is found out: two tasks that are bound to one CPU, when the watcher is told that any CPU may run them.</summary>
    [KernelTest("policy.a_cpu_that_idles_while_a_task_waits_is_found_out")]
    public void AnIdleCpuIsFoundOut()
    {
        CpuSet workers = NeedCountedCpus();
        var watcher = new IdleWatcher(workers, 2, ignoresAffinity: true);
        RunWatched(watcher, () =>
        {
            ulong end = Clock.MonotonicNanoseconds + (30 * Millisecond);
            var bound = new TaskOptions { Name = "bound", Affinity = CpuSet.Of(workers.First) };
            TaskStruct one = KernelTask.Start(bound, () => ComputeUntil(end));
            TaskStruct other = KernelTask.Start(bound, () => ComputeUntil(end));
            watcher.Watch(0, one);
            watcher.Watch(1, other);
            one.Join();
            other.Join();
        });
        Check.True(watcher.Longest > LongestIdleWhileOthersWait, $"{watcher.Longest} ns were noticed");
    }

    // The first CPU watches and runs this task, which sleeps; the others work.
    [MightSleep]
    private static void RunWatched(IdleWatcher watcher, Action work)
    {
        TaskStruct me = KernelTask.Current;
        me.SetAffinity(CpuSet.Of(RunQueues.Online.First));
        KernelTask.Yield();
        watcher.Begin(Clock.MonotonicNanoseconds);
        try
        {
            work();
        }
        finally
        {
            watcher.CancelAndWait();
            me.SetAffinity(CpuSet.All);
        }
    }

    private CpuSet NeedCountedCpus()
    {
        if (!Counted || RunQueues.Count < 3)
        {
            Check.Skip("needs three CPUs or more that count instructions, and policy-tests.counted");
        }

        return RunQueues.Online & ~CpuSet.Of(RunQueues.Online.First);
    }

    private static int Nth(CpuSet cpus, int n)
    {
        int cpu = cpus.First;
        for (int i = n % cpus.Count; i > 0; i--)
        {
            cpu = cpus.Next(cpu);
        }

        return cpu;
    }

    private static long Migrations(CpuSet cpus)
    {
        long sum = 0;
        for (int cpu = cpus.First; cpu >= 0; cpu = cpus.Next(cpu))
        {
            sum += RunQueues.Get(cpu)!.Pulled;
        }

        return sum;
    }

    [MightSleep]
    private static void SleepAndCompute(Random random, ulong end)
    {
        while (Clock.MonotonicNanoseconds < end)
        {
            ComputeFor(random, 2_000_000);
            KernelTask.Sleep((ulong)random.Next(50_000, 8_000_000));
        }
    }

    // Bound to one CPU, where others may be, then free again: it can wait there while others have become idle.
    [MightSleep]
    private static void Wander(Random random, CpuSet workers, ulong end)
    {
        TaskStruct me = KernelTask.Current;
        while (Clock.MonotonicNanoseconds < end)
        {
            me.SetAffinity(CpuSet.Of(Nth(workers, random.Next(workers.Count))));
            ComputeFor(random, 1_000_000);
            me.SetAffinity(workers);
            ComputeFor(random, 2_000_000);
            if (random.Next(2) == 0)
            {
                KernelTask.Sleep((ulong)random.Next(50_000, 4_000_000));
            }
        }
    }

    [MightSleep]
    private static void Fork(Random random, CpuSet workers, ulong end, Action<TaskStruct> started)
    {
        while (Clock.MonotonicNanoseconds < end)
        {
            int seed = random.Next();
            TaskStruct child = KernelTask.Start(new TaskOptions { Name = "child", Affinity = workers }, () => ComputeFor(new Random(seed), 3_000_000));
            started(child);
            ComputeFor(random, 500_000);
            child.Join();
            KernelTask.Sleep((ulong)random.Next(50_000, 3_000_000));
        }
    }

    private static void ComputeFor(Random random, int most) => ComputeUntil(Clock.MonotonicNanoseconds + (ulong)random.Next(20_000, most));
}
