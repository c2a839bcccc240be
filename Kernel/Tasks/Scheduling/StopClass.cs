using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>Above all other classes: the tasks of <see cref="CpuStopper"/>. First in, first out; nothing takes a CPU from one.</summary>
public sealed class StopClass : SchedulingClass
{
    /// <summary>The rank of this class.</summary>
    public const int DefaultRank = 0;

    /// <summary>Makes the policy.</summary>
    public StopClass()
        : base("stop", DefaultRank)
    {
    }

    /// <inheritdoc/>
    public override ClassQueue CreateQueue(int cpu) => new StopQueue();

    private sealed class StopQueue : ClassQueue
    {
        [GuardedBy(typeof(RunQueue), nameof(RunQueue.Lock))]
        private EntityRing _ring;

        public override void Enqueue(SchedulingEntity entity, EnqueueReason reason) => _ring.AddLast(entity);

        public override void Dequeue(SchedulingEntity entity) => _ring.Remove(entity);

        public override SchedulingEntity? PickNext() => _ring.Head;

        public override void Charge(SchedulingEntity entity, ulong nanoseconds, ulong now)
        {
        }

        public override void Yield(SchedulingEntity entity)
        {
        }

        public override ulong SliceLeft(SchedulingEntity entity) => NoSlice;

        public override bool SliceExpired(SchedulingEntity entity) => false;

        public override bool Preempts(SchedulingEntity queued, SchedulingEntity running) => false;

        public override SchedulingEntity? FindMovable(int cpu, TaskStruct running) => null;
    }
}
