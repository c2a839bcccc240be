using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>
/// Sees that of all real-time tasks the highest run, on whichever CPUs that may be. Two events can leave one waiting that should run, and each is followed by a look:
/// a CPU switches or chooses the same task again, which may be less urgent now (<see cref="Balance"/>); a task begins to wait in a queue, or may run on more CPUs than before (<see cref="Push"/>).
/// Who changes a queue does so first and looks at the others afterwards, with a fence between: of two CPUs that change at the same time at least one sees what the other did.
/// Costs one comparison where no real-time task may move.
/// </summary>
[NoAllocation]
internal static class RealTimeBalancer
{
    // Real-time tasks in run queues that may run on more than one CPU.
    [Atomic]
    private static int s_pushable;

    /// <summary>There may be something to do after a switch or a wake-up.</summary>
    public static bool IsNeeded
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Volatile.Read(ref s_pushable) != 0;
    }

    /// <summary>The task is in a real-time queue, whose run queue is locked, and may run on other CPUs: if it has to wait, it is up to <see cref="Push"/>.</summary>
    [RequiresLock(typeof(RunQueue), nameof(RunQueue.Lock))]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool MayMove(TaskStruct task) => task.KernelEntity.IsPushable;

    /// <summary>A task enters a real-time queue, whose run queue is locked.</summary>
    /// <returns>1 if it may run on other CPUs, else 0.</returns>
    [RequiresLock(typeof(RunQueue), nameof(RunQueue.Lock))]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Enter(KernelEntity entity) => RunQueues.Count < 2 ? 0 : EnterOneOfMany(entity);

    [RequiresLock(typeof(RunQueue), nameof(RunQueue.Lock))]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int EnterOneOfMany(KernelEntity entity)
    {
        if (entity.Task.AllowedCpus.Count < 2)
        {
            return 0;
        }

        entity.IsPushable = true;
        Interlocked.Increment(ref s_pushable);
        return 1;
    }

    /// <summary>A task leaves a real-time queue, whose run queue is locked.</summary>
    /// <returns>1 if it counted as one that may run on other CPUs, else 0.</returns>
    [RequiresLock(typeof(RunQueue), nameof(RunQueue.Lock))]
    public static int Leave(KernelEntity entity)
    {
        if (!entity.IsPushable)
        {
            return 0;
        }

        entity.IsPushable = false;
        Interlocked.Decrement(ref s_pushable);
        return 1;
    }

    /// <summary>
    /// What this CPU runs changed: gives away what waits here and is more urgent than what others run, and takes the most urgent task that waits elsewhere if it is more urgent than
    /// what runs here. Interrupts are off, no run queue is locked.
    /// </summary>
    /// <param name="here">This CPU's queue.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Balance(RunQueue here)
    {
        Push(here);
        Pull(here);
    }

    /// <summary>
    /// A task waits in this queue, of any CPU, that did not before, or that may run on more CPUs than before: gives what waits there and is more urgent than what other CPUs run to those,
    /// at most one to each, whose switch looks again. Interrupts are off, no run queue is locked.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Push(RunQueue from)
    {
        Interlocked.MemoryBarrier();
        CpuSet candidates = ~CpuSet.Of(from.Index);
        while (LeastUrgent(candidates) is { } least && from.WaitingRealTimeUrgency < least.RunningUrgency)
        {
            // If it moves nothing: what waits may not run there, or is not more urgent than what does. Another one may be.
            MoveMoreUrgent(from, least);
            candidates &= ~CpuSet.Of(least.Index);
        }
    }

    // One at most: the switch to it looks again.
    private static void Pull(RunQueue here)
    {
        CpuSet candidates = ~CpuSet.Of(here.Index);
        while (MostUrgentWaits(candidates) is { } most && most.WaitingRealTimeUrgency < here.RunningUrgency && !MoveMoreUrgent(most, here))
        {
            candidates &= ~CpuSet.Of(most.Index);
        }
    }

    private static RunQueue? LeastUrgent(CpuSet candidates)
    {
        RunQueue? least = null;
        int limit = RunQueues.Limit;
        for (int cpu = 0; cpu < limit; cpu++)
        {
            if (candidates.Contains(cpu) && RunQueues.Get(cpu) is { } queue && (least is null || queue.RunningUrgency > least.RunningUrgency))
            {
                least = queue;
            }
        }

        return least;
    }

    private static RunQueue? MostUrgentWaits(CpuSet candidates)
    {
        RunQueue? most = null;
        int urgency = int.MaxValue;
        int limit = RunQueues.Limit;
        for (int cpu = 0; cpu < limit; cpu++)
        {
            if (candidates.Contains(cpu) && RunQueues.Get(cpu) is { } queue && queue.WaitingRealTimeUrgency < urgency)
            {
                most = queue;
                urgency = queue.WaitingRealTimeUrgency;
            }
        }

        return most;
    }

    private static bool MoveMoreUrgent(RunQueue from, RunQueue to)
    {
        RunQueues.LockBoth(from, to);
        bool moves = false;
        if (from.FindMovableRealTime(to.Index) is { } task && task.Urgency < to.Running.Urgency && !from.IsAboutToRun(task) && to.LetsRealTimeRun(task))
        {
            from.Remove(task);
            to.Enqueue(task, EnqueueReason.Migrated);
            to.CheckPreemption(task);
            to.Pulled++;
            IdleCpus.Remove(to.Index);
            moves = true;
        }

        to.Lock.ReleaseWithInterruptsOff();
        from.Lock.ReleaseWithInterruptsOff();
        return moves;
    }
}
