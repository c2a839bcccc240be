using System;
using System.Collections.Generic;
using CosmosKernel.Console.Commands;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Console.Demo;

/// <summary>One scene of the demonstration: tasks, and what there is to see.</summary>
internal abstract class DemoScene
{
    private const ulong Millisecond = 1_000_000;

    /// <summary>Heading.</summary>
    public abstract string Title { get; }

    /// <summary>What is seen, in one line.</summary>
    public abstract string Explanation { get; }

    /// <summary>What was measured, in one line; empty for nothing.</summary>
    /// <param name="turn">How long a task ran on average until another one took its place, nanoseconds.</param>
    public abstract string Measured(ulong turn);

    /// <summary>Starts the tasks.</summary>
    /// <param name="cpus">CPUs to use: 0 to this less 1.</param>
    public abstract List<DemoTask> Start(int cpus);

    /// <summary>Computes until the task is killed.</summary>
    protected static void Compute()
    {
        while (!KernelTask.Current.IsKilled)
        {
            ExampleTasks.Compute(Millisecond);
        }
    }

    /// <summary>Computes, sleeps, and so on.</summary>
    /// <param name="work">Milliseconds of work.</param>
    /// <param name="sleep">Milliseconds of sleep.</param>
    protected static Action Alternate(ulong work, ulong sleep) => () =>
    {
        while (true)
        {
            ExampleTasks.Compute(work * Millisecond);
            KernelTask.Sleep(sleep * Millisecond);
        }
    };

    /// <summary>The scenes in their order.</summary>
    public static DemoScene[] All() => [new EqualSharesScene(), new StrictPriorityScene(), new PreemptionScene()];

    private sealed class EqualSharesScene : DemoScene
    {
        public override string Title => "Equal shares: turns";

        public override string Explanation => "Same nice value: each runs for its slice of 3 ms, then the next one does.";

        public override string Measured(ulong turn) => $"A turn took {Text.Units.Duration(turn)} on average.";

        [MightSleep]
        public override List<DemoTask> Start(int cpus)
        {
            List<DemoTask> tasks = [];
            int each = cpus <= 2 ? 3 : 2;
            for (int cpu = 0; cpu < cpus; cpu++)
            {
                for (int i = 0; i < each; i++)
                {
                    tasks.Add(new DemoTask("busy", SchedulingParameters.Fair(5), CpuSet.Of(cpu), Compute));
                }
            }

            return tasks;
        }
    }

    private sealed class StrictPriorityScene : DemoScene
    {
        public override string Title => "Real-time priorities: the most urgent runs";

        public override string Explanation => "A task runs only while every more urgent one of its CPU sleeps; other tasks keep 5 %.";

        public override string Measured(ulong turn) => "";

        [MightSleep]
        public override List<DemoTask> Start(int cpus)
        {
            List<DemoTask> tasks = [];
            for (int cpu = 0; cpu < cpus; cpu++)
            {
                CpuSet here = CpuSet.Of(cpu);
                tasks.Add(new DemoTask("8 ms of 24", SchedulingParameters.Fifo(12), here, Alternate(8, 16)));
                if (cpus <= 2)
                {
                    tasks.Add(new DemoTask("10 ms of 30", SchedulingParameters.Fifo(8), here, Alternate(10, 20)));
                }

                tasks.Add(new DemoTask("busy", SchedulingParameters.Fifo(4), here, Compute));
            }

            return tasks;
        }
    }

    private sealed class PreemptionScene : DemoScene
    {
        private const ulong Period = 12 * Millisecond;
        private const ulong Work = 2 * Millisecond;
        private const int MostDelays = 4096;

        private readonly object _lock = new();

        [GuardedBy(nameof(_lock))]
        private readonly List<ulong> _delays = [];

        public override string Title => "Preemption: an urgent task wakes up";

        public override string Explanation => "A wakes every 12 ms, and the busy task on its CPU has to make room at once.";

        [MightSleep]
        public override string Measured(ulong turn)
        {
            ulong[] delays;
            lock (_lock)
            {
                delays = [.. _delays];
            }

            if (delays.Length == 0)
            {
                return "";
            }

            Array.Sort(delays);
            return $"From its deadline to running: {Text.Units.Duration(delays[delays.Length / 2])} at the median of {delays.Length}, {Text.Units.Duration(delays[^1])} at most.";
        }

        [MightSleep]
        public override List<DemoTask> Start(int cpus)
        {
            List<DemoTask> tasks = [new DemoTask("2 ms of 12", SchedulingParameters.Fair(-10), CpuSet.Range(0, cpus - 1), Wake)];
            for (int cpu = 0; cpu < cpus; cpu++)
            {
                tasks.Add(new DemoTask("busy", SchedulingParameters.Fair(10), CpuSet.Of(cpu), Compute));
            }

            return tasks;
        }

        private void Wake()
        {
            ulong deadline = Clock.MonotonicNanoseconds;
            while (true)
            {
                deadline = Math.Max(deadline + Period, Clock.MonotonicNanoseconds);
                KernelTask.SleepUntil(deadline);
                ulong delay = Clock.MonotonicNanoseconds - deadline;
                lock (_lock)
                {
                    if (_delays.Count < MostDelays)
                    {
                        _delays.Add(delay);
                    }
                }

                ExampleTasks.Compute(Work);
            }
        }
    }
}
