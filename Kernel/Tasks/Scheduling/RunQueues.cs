using System;
using System.Threading;
using CosmosKernel.Machine.Cpus;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>The run queues of all CPUs that schedule. They are added while CPUs start, one at a time, and stay; readers need no lock.</summary>
public static class RunQueues
{
    private static RunQueue?[]? s_queues;
    private static int s_count;

    /// <summary>How many CPUs schedule; their numbers are 0 to this less 1.</summary>
    public static int Count => Volatile.Read(ref s_count);

    /// <summary>The run queue of a CPU, or null when there is no such CPU.</summary>
    public static RunQueue? Get(int cpu) => (uint)cpu < (uint)Count ? s_queues![cpu] : null;

    /// <summary>All CPUs that schedule.</summary>
    public static CpuSet Online => CpuSet.Range(0, Count - 1);

    /// <summary>Adds the run queue of the next CPU. One CPU at a time.</summary>
    internal static void Add(RunQueue queue)
    {
        s_queues ??= new RunQueue?[Cpu.Maximum];
        s_queues[queue.Index] = queue;

        // After the element: pairs with the read of Count in Get.
        Volatile.Write(ref s_count, queue.Index + 1);
    }
}
