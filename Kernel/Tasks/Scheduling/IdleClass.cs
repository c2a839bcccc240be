using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>The last class: each CPU's queue holds that CPU's idle task for ever, and is asked only when no other class has a task.</summary>
public sealed class IdleClass : SchedulingClass
{
    /// <summary>Makes the policy.</summary>
    public IdleClass()
        : base("cpu-idle", RankCount - 1)
    {
    }

    /// <inheritdoc/>
    public override ClassQueue CreateQueue(int cpu) => new IdleQueue();

    private sealed class IdleQueue : ClassQueue
    {
        [GuardedBy(typeof(RunQueue), nameof(RunQueue.Lock))]
        private SchedulingEntity? _idle;

        public override void Enqueue(SchedulingEntity entity, EnqueueReason reason) => _idle = entity;

        public override void Dequeue(SchedulingEntity entity) => _idle = null;

        public override SchedulingEntity? PickNext() => _idle;

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
