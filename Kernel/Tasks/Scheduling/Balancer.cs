using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>
/// Moves tasks that wait from busy CPUs to less busy ones: a CPU that has nothing to run pulls, a CPU with tasks that wait looks every
/// <see cref="RunQueue.BalanceInterval"/> whether it can push. Interrupts are off throughout; a call moves
/// a bounded number of tasks.
/// </summary>
[NoAllocation]
internal static class Balancer
{
    private const int MostMoves = 8;

    /// <summary>Takes a waiting task from another CPU, from the busiest first.</summary>
    /// <param name="to">This CPU's queue; it has nothing to run.</param>
    /// <returns>True when a task was taken.</returns>
    public static bool Pull(RunQueue to)
    {
        RunQueue? busiest = null;
        int limit = RunQueues.Limit;
        for (int cpu = 0; cpu < limit; cpu++)
        {
            if (RunQueues.Get(cpu) is { Count: > 1 } queue && (busiest is null || queue.Count > busiest.Count))
            {
                busiest = queue;
            }
        }

        if (busiest is null)
        {
            return false;
        }

        if (Move(busiest, to))
        {
            return true;
        }

        // What waits there may not run here; others may have what may.
        for (int i = 1; i < limit; i++)
        {
            if (RunQueues.Get((to.Index + i) % limit) is { Count: > 1 } queue && Move(queue, to))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Gives waiting tasks to less busy CPUs, the least busy first, as long as one has at least two fewer.</summary>
    /// <param name="from">This CPU's queue.</param>
    public static void Push(RunQueue from)
    {
        CpuSet candidates = ~CpuSet.Of(from.Index);
        int moves = 0;
        while (moves < MostMoves && LeastBusy(candidates) is { } least && from.Count - least.Count >= 2)
        {
            if (Move(from, least))
            {
                moves++;
            }
            else
            {
                // Nothing that waits here may run there.
                candidates &= ~CpuSet.Of(least.Index);
            }
        }
    }

    private static RunQueue? LeastBusy(CpuSet candidates)
    {
        RunQueue? least = null;
        int limit = RunQueues.Limit;
        for (int cpu = 0; cpu < limit; cpu++)
        {
            if (candidates.Contains(cpu) && RunQueues.Get(cpu) is { } queue && (least is null || queue.Count < least.Count))
            {
                least = queue;
            }
        }

        return least;
    }

    // Moves the most urgent task that waits there and may run here.
    private static bool Move(RunQueue from, RunQueue to)
    {
        if (ReferenceEquals(from, to))
        {
            return false;
        }

        RunQueues.LockBoth(from, to);
        bool moved = false;
        bool push = false;
        if (from.Count > 1 && from.FindMovable(to.Index) is { } task && (to.Count == 0 || !from.IsAboutToRun(task)))
        {
            from.Remove(task);
            to.Enqueue(task, EnqueueReason.Migrated);
            push = !to.CheckPreemption(task) && RealTimeBalancer.MayMove(task);
            to.Pulled++;
            IdleCpus.Remove(to.Index);
            moved = true;
        }

        to.Lock.ReleaseWithInterruptsOff();
        from.Lock.ReleaseWithInterruptsOff();
        if (push)
        {
            // A CPU that looked meanwhile may have looked there too early and here too late.
            RealTimeBalancer.Push(to);
        }

        return moved;
    }
}
