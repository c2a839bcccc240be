using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>
/// Where a task that becomes runnable goes: to the CPU where it ran, if that is idle; to any idle one; to one whose running task is less urgent,
/// the least urgent of all; otherwise to the least busy. Always to one that its affinity allows.
/// What it reads of other CPUs is not locked: a choice can be outdated, never wrong, and balancing corrects it.
/// </summary>
[NoAllocation]
internal static class Placement
{
    /// <summary>Chooses. The task's wake lock is held.</summary>
    [RequiresLock("task.WakeLock")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RunQueue Choose(TaskStruct task) => RunQueues.Only ?? ChooseOfSeveral(task);

    [RequiresLock("task.WakeLock")]
    private static RunQueue ChooseOfSeveral(TaskStruct task)
    {
        CpuSet allowed = task.AllowedCpus;
        int last = task.Cpu;
        if (!IdleCpus.IsEmpty && ChooseIdle(allowed, last) is { } idle)
        {
            return idle;
        }

        return ChooseBusy(task, allowed, last);
    }

    private static RunQueue? ChooseIdle(CpuSet allowed, int last)
    {
        if (allowed.Contains(last) && IdleCpus.Contains(last) && IdleCpus.Remove(last))
        {
            return RunQueues.Get(last);
        }

        CpuSet idle = IdleCpus.Members & allowed;
        for (int cpu = idle.First; cpu >= 0; cpu = idle.Next(cpu))
        {
            if (IdleCpus.Remove(cpu))
            {
                return RunQueues.Get(cpu);
            }
        }

        return null;
    }

    private static RunQueue ChooseBusy(TaskStruct task, CpuSet allowed, int last)
    {
        int urgency = task.Urgency;
        int limit = RunQueues.Limit;
        RunQueue? best = null;
        int bestUrgency = 0;
        int bestLoad = 0;

        // Starts where the task ran, so that of equals that one wins: its caches may still be warm.
        for (int i = 0; i < limit; i++)
        {
            int cpu = last + i < limit ? last + i : last + i - limit;
            if (!allowed.Contains(cpu) || RunQueues.Get(cpu) is not { } queue)
            {
                continue;
            }

            // A running task that is as urgent or more is like any other such: only the number counts then.
            int running = queue.RunningUrgency > urgency ? queue.RunningUrgency : 0;
            int load = queue.Count;
            if (best is null || running > bestUrgency || (running == bestUrgency && load < bestLoad))
            {
                best = queue;
                bestUrgency = running;
                bestLoad = load;
            }
        }

        // Affinities always hold a CPU that schedules: TaskStruct checks it when they are set.
        return best!;
    }
}
