using System;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>
/// The default class: each task gets a share of the CPU by the weight of its nice value, and gets it soon: Earliest Eligible Virtual Deadline First
/// (Stoica, Abdel-Wahab, "Earliest Eligible Virtual Deadline First: A Flexible and Accurate Mechanism for Proportional Share Resource Allocation", 1995).
/// <para>
/// A task's virtual runtime grows with the time that it runs, divided by its weight. The average of all virtual runtimes, weighted, is the virtual time of the queue: what each
/// task would have if all had run at once, each at its share. What a task has less than that is its lag: what it is owed. A task asks for one slice at a time;
/// its virtual deadline is when it would have that slice at its share. Of the tasks that are not ahead of their share (eligible), the one with the earliest deadline runs.
/// So a task with short slices is served sooner, but not more. The sum of all lags is 0, so somebody is always eligible.
/// </para>
/// The queue itself is in <see cref="FairQueue"/>.
/// </summary>
public sealed class FairClass : SchedulingClass
{
    /// <summary>The rank of this class.</summary>
    public const int DefaultRank = 16;

    /// <summary>The slice of a task that asked for none, in nanoseconds.</summary>
    public const ulong DefaultSlice = 3_000_000;

    /// <summary>The weight of nice 0.</summary>
    public const int NormalWeight = 1024;

    // Linux's for SCHED_IDLE, a fifth of nice 19's.
    private const int IdleWeight = 3;

    // How much the weight grows from a nice value to the next lower one: sched(7).
    private const double WeightStep = 1.25;

    [Immutable]
    private readonly int[] _weights = new int[TaskPriority.MaximumNice - TaskPriority.MinimumNice + 1];

    /// <summary>Makes the policy.</summary>
    public FairClass()
        : base("fair", DefaultRank)
    {
        double weight = NormalWeight;
        for (int i = 0; i < -TaskPriority.MinimumNice; i++)
        {
            weight *= WeightStep;
        }

        for (int i = 0; i < _weights.Length; i++)
        {
            _weights[i] = (int)(weight + 0.5);
            weight /= WeightStep;
        }
    }

    /// <inheritdoc/>
    public override ClassQueue CreateQueue(int cpu) => new FairQueue();

    /// <summary>The weight of a nice value: 1024 for 0, and 1.25 times as much for each step down (sched(7)).</summary>
    /// <param name="nice">-20 to 19.</param>
    public int WeightOf(int nice) => _weights[nice - TaskPriority.MinimumNice];

    /// <summary>The slice that parameters mean: what was asked for or the default, scaled by the latency-nice value as the weight is by the nice value, and kept between 0.1 and 100 ms.</summary>
    public ulong SliceOf(in SchedulingParameters parameters)
    {
        ulong slice = parameters.Slice == 0 ? DefaultSlice : parameters.Slice;
        slice = slice * NormalWeight / (uint)WeightOf(parameters.LatencyNice);
        slice = Math.Min(slice, SchedulingParameters.LongestSlice);
        return Math.Max(slice, SchedulingParameters.ShortestSlice);
    }

    /// <inheritdoc/>
    public override void Configure(SchedulingEntity entity, in SchedulingParameters parameters)
    {
        KernelEntity fair = (entity as KernelEntity)!;
        int weight = parameters.Policy == SchedulingPolicy.Idle ? IdleWeight : WeightOf(parameters.Nice);
        fair.Weight = weight;
        fair.InverseWeight = ((1ul << 32) + ((uint)weight / 2)) / (uint)weight;
        fair.Slice = SliceOf(parameters);
        fair.IsIdlePolicy = parameters.Policy == SchedulingPolicy.Idle;
        fair.IsBatch = parameters.Policy is SchedulingPolicy.Batch or SchedulingPolicy.Idle;
    }
}
