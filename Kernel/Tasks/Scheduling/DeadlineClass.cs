namespace CosmosKernel.Tasks.Scheduling;

/// <summary>
/// Earliest deadline first with constant-bandwidth servers, as SCHED_DEADLINE (sched(7); Abeni, Buttazzo, "Integrating Multimedia Applications in Hard Real-Time Systems", 1998).
/// A task asks for a runtime within a deadline, in each period. The one whose deadline comes first runs (Liu, Layland 1973: on one CPU this meets all deadlines whenever that is possible).
/// Who has used its runtime up waits for its next period, whatever else is idle: an overrunner takes nothing from others. Who wakes with more runtime left than it could use
/// by its deadline at its bandwidth begins a new period.
/// <para>
/// Partitioned: each task belongs to one CPU, chosen when the policy is set, and stays there. A CPU's tasks are promised 95 % of it at most (<see cref="DeadlineBandwidth"/>),
/// so every deadline is met. A global queue could promise the same sum over all CPUs, but not the deadlines: with m CPUs, m short tasks can make
/// a long one miss at a utilisation of little more than 1 (Dhall, Liu 1978), and each choice would cross CPUs.
/// </para>
/// The queue itself is in <see cref="DeadlineQueue"/>.
/// </summary>
public sealed class DeadlineClass : SchedulingClass
{
    /// <summary>The rank of this class.</summary>
    public const int DefaultRank = 4;

    /// <summary>Makes the policy.</summary>
    public DeadlineClass()
        : base("deadline", DefaultRank)
    {
    }

    /// <inheritdoc/>
    public override ClassQueue CreateQueue(int cpu) => new DeadlineQueue();

    /// <inheritdoc/>
    public override void Configure(SchedulingEntity entity, in SchedulingParameters parameters)
    {
        KernelEntity server = (entity as KernelEntity)!;
        bool owns = parameters.Policy == SchedulingPolicy.Deadline;
        long runtime = owns ? (long)parameters.Runtime : 0;
        long deadline = owns ? (long)parameters.Deadline : 0;
        long period = owns ? (long)parameters.EffectivePeriod : 0;
        if (runtime != server.Runtime || deadline != server.RelativeDeadline || period != server.Period)
        {
            // A new contract begins with a period of its own.
            server.Runtime = runtime;
            server.RelativeDeadline = deadline;
            server.Period = period;
            server.Budget = 0;
            server.AbsoluteDeadline = 0;
        }
    }
}
