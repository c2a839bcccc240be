using System;
using System.Threading;
using CosmosKernel.Machine.Locking;
using SpinLock = CosmosKernel.Machine.Locking.SpinLock;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>
/// The policies that the kernel knows, by rank: stop 0, deadline 4, real-time 8, fair 16, idle 31. Those of modules come and go; the kernel's own stay.
/// A class reaches all CPUs, those that are just starting too.
/// </summary>
public static class SchedulingClasses
{
    // Made by Initialize and not by a class constructor, which the scheduler's paths must not run.
    [Atomic]
    private static SchedulingClass?[] s_classes = null!;

    // Classes that are known, on their way to all CPUs, or on their way out: CPUs that start make queues for these, and nobody else gets their ranks.
    [GuardedBy(nameof(s_lock))]
    private static SchedulingClass?[] s_claimed = null!;

    private static SpinLock s_lock = new(LockClass.SchedulingClasses);

    /// <summary>What schedules tasks that ask for nothing else: the fair class.</summary>
    [Immutable]
    public static FairClass Default { get; private set; } = null!;

    /// <summary>What schedules deadline tasks.</summary>
    [Immutable]
    internal static DeadlineClass Deadline { get; private set; } = null!;

    /// <summary>What schedules FIFO and round-robin tasks.</summary>
    [Immutable]
    internal static RealTimeClass RealTime { get; private set; } = null!;

    /// <summary>What schedules the tasks of <see cref="CpuStopper"/>.</summary>
    [Immutable]
    internal static StopClass Stop { get; private set; } = null!;

    /// <summary>What schedules the idle tasks.</summary>
    [Immutable]
    internal static IdleClass Idle { get; private set; } = null!;

    /// <summary>The class of a rank, or null.</summary>
    public static SchedulingClass? Get(int rank) => (uint)rank < SchedulingClass.RankCount ? Volatile.Read(ref s_classes[rank]) : null;

    /// <summary>Makes a policy known on all CPUs. Task context.</summary>
    /// <exception cref="ArgumentException">Its rank is out of range or taken.</exception>
    public static void Register(SchedulingClass policy)
    {
        if (policy.Rank is < 0 or >= SchedulingClass.RankCount)
        {
            throw new ArgumentException($"Rank {policy.Rank} of class '{policy.Name}' is not in 0 to {SchedulingClass.RankCount - 1}.", nameof(policy));
        }

        SchedulingClass? taken;
        using (s_lock.Enter())
        {
            taken = s_claimed[policy.Rank];
            s_claimed[policy.Rank] = taken ?? policy;
        }

        if (taken is not null)
        {
            throw new ArgumentException($"Rank {policy.Rank} of class '{policy.Name}' is taken by '{taken.Name}'.", nameof(policy));
        }

        try
        {
            // A CPU that starts meanwhile either finds the class claimed, or is found here.
            do
            {
                AddToCpus(policy);
            }
            while (!TryPublish(policy));
        }
        catch
        {
            Forget(policy);
            throw;
        }
    }

    /// <summary>
    /// Takes a class of a module out of the kernel. Tasks that it schedules go on under the ordinary policy with their nice values. When this returns, no CPU is in one of the class's methods, none will be, and
    /// its rank is free. Task context; waits for tasks that are just about to take the class.
    /// </summary>
    /// <exception cref="ArgumentException">It is not registered, or is the kernel's own.</exception>
    [MightSleep]
    public static void Unregister(SchedulingClass policy)
    {
        bool known = false;
        using (s_lock.Enter())
        {
            if (ReferenceEquals(Get(policy.Rank), policy) && !IsOfKernel(policy))
            {
                Volatile.Write(ref s_classes[policy.Rank], null);
                known = true;
            }
        }

        if (!known)
        {
            throw new ArgumentException($"The scheduling class '{policy.Name}' is not registered by a module.", nameof(policy));
        }

        // From here on no task can take the class, and those that were about to have it and are in the table.
        policy.EndUses();
        for (TaskStruct? task = TaskTable.Next(0); task is not null; task = TaskTable.Next(task.Pid))
        {
            task.LeaveClass(policy);
        }

        // Its queues are empty and stay so.
        Forget(policy);
    }

    /// <summary>Makes queues of all classes for a CPU that starts, and adds it to those that schedule. On that CPU; allocates.</summary>
    internal static void AddCpu(RunQueue queue)
    {
        do
        {
            for (int rank = 0; rank < SchedulingClass.RankCount; rank++)
            {
                SchedulingClass? policy = Claimed(rank);
                if (ReferenceEquals(queue.QueueOf(rank)?.Policy, policy))
                {
                    continue;
                }

                // What another class left here went before this CPU was known.
                queue.RemoveClass(rank);
                if (policy is not null)
                {
                    queue.AddClass(policy);
                }
            }
        }
        while (!TryAdd(queue));
    }

    /// <summary>The class that serves parameters that are valid.</summary>
    [NoAllocation]
    internal static SchedulingClass For(in SchedulingParameters parameters) => parameters.Policy switch
    {
        SchedulingPolicy.Fifo or SchedulingPolicy.RoundRobin => RealTime,
        SchedulingPolicy.Deadline => Deadline,
        SchedulingPolicy.Module => parameters.Class!,
        SchedulingPolicy.Stop => Stop,
        SchedulingPolicy.CpuIdle => Idle,
        _ => Default,
    };

    /// <summary>The class that serves a task with an urgency that it was lent.</summary>
    [NoAllocation]
    internal static SchedulingClass For(SchedulingUrgency lent) => lent.IsRealTime ? RealTime : Deadline;

    /// <summary>Makes the classes of the kernel. Once, before the first run queue.</summary>
    [BeforePublication]
    internal static void Initialize()
    {
        Stop = new StopClass();
        Deadline = new DeadlineClass();
        RealTime = new RealTimeClass();
        Default = new FairClass();
        Idle = new IdleClass();
        DeadlineBandwidth.Initialize();
        SchedulingLimits.Initialize();
        CpuStopper.Initialize();
        s_classes = new SchedulingClass?[SchedulingClass.RankCount];
        s_claimed = new SchedulingClass?[SchedulingClass.RankCount];
        foreach (SchedulingClass policy in new SchedulingClass[] { Stop, Deadline, RealTime, Default, Idle })
        {
            s_classes[policy.Rank] = policy;
            s_claimed[policy.Rank] = policy;
        }
    }

    private static bool IsOfKernel(SchedulingClass policy) =>
        ReferenceEquals(policy, Stop) || ReferenceEquals(policy, Deadline) || ReferenceEquals(policy, RealTime) || ReferenceEquals(policy, Default) || ReferenceEquals(policy, Idle);

    private static SchedulingClass? Claimed(int rank)
    {
        using (s_lock.Enter())
        {
            return s_claimed[rank];
        }
    }

    private static void AddToCpus(SchedulingClass policy)
    {
        for (int cpu = 0; cpu < RunQueues.Limit; cpu++)
        {
            if (RunQueues.Get(cpu) is { } queue && queue.QueueOf(policy.Rank) is null)
            {
                queue.AddClass(policy);
            }
        }
    }

    // Once tasks can find the class, every CPU that they could be put on knows it.
    private static bool TryPublish(SchedulingClass policy)
    {
        using (s_lock.Enter())
        {
            for (int cpu = 0; cpu < RunQueues.Limit; cpu++)
            {
                if (RunQueues.Get(cpu) is { } queue && queue.QueueOf(policy.Rank) is null)
                {
                    return false;
                }
            }

            policy.BeginUses();
            Volatile.Write(ref s_classes[policy.Rank], policy);
            return true;
        }
    }

    // Takes empty queues of a class away, and frees its rank.
    private static void Forget(SchedulingClass policy)
    {
        // A CPU that starts meanwhile either finds the rank free, or is found here.
        do
        {
            for (int cpu = 0; cpu < RunQueues.Limit; cpu++)
            {
                RunQueues.Get(cpu)?.RemoveClass(policy.Rank);
            }
        }
        while (!TryFree(policy));
    }

    private static bool TryFree(SchedulingClass policy)
    {
        using (s_lock.Enter())
        {
            for (int cpu = 0; cpu < RunQueues.Limit; cpu++)
            {
                if (RunQueues.Get(cpu) is { } queue && queue.QueueOf(policy.Rank) is not null)
                {
                    return false;
                }
            }

            s_claimed[policy.Rank] = null;
            return true;
        }
    }

    // Once tasks can be put on the CPU, it knows every class that one of them could have, and no other.
    private static bool TryAdd(RunQueue queue)
    {
        using (s_lock.Enter())
        {
            for (int rank = 0; rank < SchedulingClass.RankCount; rank++)
            {
                if (!ReferenceEquals(queue.QueueOf(rank)?.Policy, s_claimed[rank]))
                {
                    return false;
                }
            }

            RunQueues.Add(queue);
            return true;
        }
    }
}
