namespace CosmosKernel.Tasks.Scheduling;

/// <summary>
/// The real-time policies SCHED_FIFO and SCHED_RR with 99 priorities, by the rules of sched(7): the first task of the highest priority runs until it sleeps, yields, or a
/// higher one comes. Preempted it stays the first of its priority; woken, yielded or raised it becomes the last; lowered, the first; a change that leaves the priority
/// leaves the place. A round-robin task becomes the last when its slice is over (100 ms, <see cref="SchedulingLimits.RoundRobinSlice"/>); preempted it keeps the rest of it.
/// <para>
/// All together may use 950 ms of each second of a CPU (<see cref="SchedulingLimits.RealTimeRuntime"/>) as long as others wait there, so that a task that never sleeps cannot freeze the machine.
/// If nobody waits, nothing is held back. A task that runs with a loan counts, but is not held back: who waits for it must not wait longer because of the limit.
/// </para>
/// The queue itself is in <see cref="RealTimeQueue"/>.
/// </summary>
public sealed class RealTimeClass : SchedulingClass
{
    /// <summary>The rank of this class.</summary>
    public const int DefaultRank = 8;

    /// <summary>Makes the policy.</summary>
    public RealTimeClass()
        : base("real-time", DefaultRank)
    {
    }

    /// <inheritdoc/>
    public override bool KeepsPlace => true;

    /// <inheritdoc/>
    public override ClassQueue CreateQueue(int cpu) => new RealTimeQueue();

    /// <inheritdoc/>
    public override void Configure(SchedulingEntity entity, in SchedulingParameters parameters)
    {
        // Whoever runs on a loan runs until it has given the lock back.
        bool before = entity.IsRoundRobin;
        entity.IsRoundRobin = parameters.Policy == SchedulingPolicy.RoundRobin;
        if (entity.IsRoundRobin && !before)
        {
            // Time was not counted while it was in turns with nobody.
            entity.SliceLeft = SchedulingLimits.RoundRobinSlice;
        }
    }
}
