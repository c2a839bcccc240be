using System;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>The policies that the kernel knows. Classes are added, by the kernel at boot and by modules later, and stay.</summary>
public static class SchedulingClasses
{
    // Made by Initialize and not by a class constructor, which the scheduler's paths must not run.
    private static SchedulingClass?[] s_classes = null!;

    private static SpinLock s_lock;

    /// <summary>What schedules tasks that ask for nothing else.</summary>
    public static SchedulingClass Default { get; private set; } = null!;

    /// <summary>What schedules the idle tasks.</summary>
    internal static SchedulingClass Idle { get; private set; } = null!;

    /// <summary>The class of a rank, or null.</summary>
    public static SchedulingClass? Get(int rank) => (uint)rank < (uint)s_classes.Length ? s_classes[rank] : null;

    /// <summary>Makes a policy known on all CPUs. Task context, after all CPUs have started.</summary>
    /// <exception cref="ArgumentException">Its rank is out of range or taken.</exception>
    public static void Register(SchedulingClass policy)
    {
        if (policy.Rank is < 0 or >= SchedulingClass.RankCount)
        {
            throw new ArgumentException($"Rank {policy.Rank} of class '{policy.Name}' is not in 0 to {SchedulingClass.RankCount - 1}.", nameof(policy));
        }

        // Queues first: once the class can be found, tasks may choose it.
        for (int cpu = 0; cpu < RunQueues.Limit; cpu++)
        {
            if (Get(policy.Rank) is null)
            {
                RunQueues.Get(cpu)?.AddClass(policy);
            }
        }

        SchedulingClass? taken;
        using (s_lock.Enter())
        {
            taken = s_classes[policy.Rank];
            s_classes[policy.Rank] = taken ?? policy;
        }

        if (taken is not null)
        {
            throw new ArgumentException($"Rank {policy.Rank} of class '{policy.Name}' is taken by '{taken.Name}'.", nameof(policy));
        }
    }

    /// <summary>Throws for a class that is not registered.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    internal static void ThrowIfUnknown(SchedulingClass policy)
    {
        if (!ReferenceEquals(Get(policy.Rank), policy))
        {
            throw new ArgumentException($"The scheduling class '{policy.Name}' is not registered.", nameof(policy));
        }
    }

    /// <summary>Makes the two classes that the kernel itself needs. Once, before the first run queue.</summary>
    internal static void Initialize()
    {
        s_classes = new SchedulingClass?[SchedulingClass.RankCount];
        Default = new PriorityRoundRobinClass();
        Idle = new IdleClass();
        s_classes[Default.Rank] = Default;
        s_classes[Idle.Rank] = Idle;
    }
}
