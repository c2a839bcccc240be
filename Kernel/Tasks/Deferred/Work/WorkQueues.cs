using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tasks.Deferred.Work;

/// <summary>The pools of workers, and the queues that everybody may use.</summary>
public static class WorkQueues
{
    /// <summary>Stack of a worker in bytes.</summary>
    internal const int WorkerStackBytes = 32 * 1024;

    [Immutable]
    private static WorkerPool[] s_ordinary = null!;

    [Immutable]
    private static WorkerPool[] s_urgent = null!;

    /// <summary>Executes items on the CPU where they were queued. For what is short, or sleeps.</summary>
    [Immutable]
    public static WorkQueue Default { get; private set; } = null!;

    /// <summary>As <see cref="Default"/>, before ordinary tasks and items.</summary>
    [Immutable]
    public static WorkQueue Urgent { get; private set; } = null!;

    /// <summary>Executes items on any CPU. For what computes for long.</summary>
    [Immutable]
    public static WorkQueue Unbound { get; private set; } = null!;

    [Immutable]
    internal static WorkerPool UnboundPool { get; private set; } = null!;

    /// <summary>Starts the workers. Once, at boot, when all CPUs are up and before anything is queued.</summary>
    [BeforePublication]
    [MightSleep]
    public static void Start()
    {
        WorkItem.Initialize();
        s_ordinary = MakePools("worker", TaskPriority.Default);
        s_urgent = MakePools("worker-urgent", TaskPriority.FromNice(-20));
        UnboundPool = new WorkerPool("worker-unbound", CpuSet.All, RunQueues.Count, TaskPriority.Default);
        UnboundPool.Start();
        Default = new WorkQueue(new WorkQueueOptions { Name = "default" });
        Urgent = new WorkQueue(new WorkQueueOptions { Name = "urgent", IsUrgent = true });
        Unbound = new WorkQueue(new WorkQueueOptions { Name = "unbound", IsUnbound = true });
    }

    internal static WorkerPool[] PoolsOfCpus(bool urgent) => urgent ? s_urgent : s_ordinary;

    // CPUs that do not schedule have the pool of the first one.
    private static WorkerPool[] MakePools(string name, int priority)
    {
        var pools = new WorkerPool[RunQueues.Limit];
        for (int cpu = 0; cpu < pools.Length; cpu++)
        {
            if (RunQueues.Get(cpu) is null)
            {
                pools[cpu] = pools[0];
                continue;
            }

            pools[cpu] = new WorkerPool($"{name}/{cpu}", CpuSet.Of(cpu), 1, priority);
            pools[cpu].Start();
        }

        return pools;
    }
}
