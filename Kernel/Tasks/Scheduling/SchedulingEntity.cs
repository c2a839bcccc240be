using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>
/// What a scheduling class keeps about one task. A class that needs more derives from it and makes its own in
/// <see cref="SchedulingClass.CreateEntity"/>. Guarded by the lock of the run queue that the task is on.
/// </summary>
[GuardedBy(typeof(RunQueue), nameof(RunQueue.Lock))]
public class SchedulingEntity
{
    /// <summary>Makes the entity of a task.</summary>
    public SchedulingEntity(TaskStruct task)
    {
        Task = task;
    }

    /// <summary>Whose entity it is.</summary>
    public TaskStruct Task { get; }

    /// <summary>The queue that holds it; meaningful while <see cref="TaskStruct.IsQueued"/>.</summary>
    public ClassQueue? Queue { get; internal set; }

    /// <summary>Following entity, for the class's own lists.</summary>
    [GuardedBy(typeof(RunQueue), nameof(RunQueue.Lock), LockFreeReads = true)]
    public SchedulingEntity? Next { get; set; }

    /// <summary>Preceding entity, for the class's own lists.</summary>
    public SchedulingEntity? Previous { get; set; }

    /// <summary>Nanoseconds of the time slice that are left.</summary>
    public ulong SliceLeft { get; set; }

    /// <summary>Round-robin policy: in turns with its equals. Here and not in <see cref="KernelEntity"/>, so that each switch needs no cast to see it.</summary>
    internal bool IsRoundRobin { get; set; }

    /// <summary>The priority that it was queued with.</summary>
    [GuardedBy(typeof(RunQueue), nameof(RunQueue.Lock), LockFreeReads = true)]
    public int Level { get; set; }
}
