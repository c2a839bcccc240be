using System;
using System.Linq;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Tests.Simulation;
using CosmosKernel.Tasks.Time;
using Xunit;

namespace CosmosKernel.Ipc.Tests;

/// <summary>Orders of steps that a seed makes, on one to four CPUs.</summary>
internal static class Simulation
{
    public const ulong Microsecond = 1_000;
    public const ulong Millisecond = 1_000_000;

    /// <summary>CPUs and seeds.</summary>
    public static TheoryData<int, int> Cases
    {
        get
        {
            TheoryData<int, int> cases = [];
            foreach (int cpus in new[] { 1, 2, 4 })
            {
                foreach (int seed in Enumerable.Range(1, 25))
                {
                    cases.Add(cpus, seed);
                }
            }

            return cases;
        }
    }

    /// <summary>Starts a task with a deadline of its own.</summary>
    public static TaskStruct Start(string name, Action<SleepDeadline> body) => KernelTask.Start(new TaskOptions { Name = name }, () => body(new SleepDeadline()));

    /// <summary>Waits until all have ended.</summary>
    public static void JoinAll(params TaskStruct[] tasks)
    {
        foreach (TaskStruct task in tasks)
        {
            task.Join();
        }
    }

    /// <summary>Interrupts tasks, each at a moment that the seed chooses.</summary>
    public static void InterruptAll(SimulatedMachine machine, TaskStruct[] tasks)
    {
        foreach (TaskStruct task in tasks)
        {
            KernelTask.Sleep((ulong)machine.Random.Next(200) * Microsecond);
            task.Interrupt();
        }
    }
}
