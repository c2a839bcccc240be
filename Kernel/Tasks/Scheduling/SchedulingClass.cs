using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>
/// A scheduling policy: which of the tasks that chose it runs next, and for how long. The mechanism (run queues, locks, the switch, wake-ups,
/// balancing) is elsewhere and knows no policy; a class knows nothing of CPUs, locks and switches.
/// One file holds a policy: this class, made once, and its <see cref="ClassQueue"/>, made once a CPU.
/// Between classes the rank decides strictly: a task of a class is chosen only if no class of lower rank has one.
/// </summary>
public abstract class SchedulingClass
{
    /// <summary>How many ranks there are.</summary>
    public const int RankCount = 32;

    /// <summary>Makes a policy.</summary>
    /// <param name="name">Shown by <c>ps</c>.</param>
    /// <param name="rank">0 (always first) to 31 (idle); unique among the classes that are registered.</param>
    protected SchedulingClass(string name, int rank)
    {
        Name = name;
        Rank = rank;
    }

    /// <summary>Shown by <c>ps</c>.</summary>
    public string Name { get; }

    /// <summary>Place among the classes: 0 is always served first, 31 is idle.</summary>
    public int Rank { get; }

    /// <summary>Makes the queue of one CPU. Task context.</summary>
    /// <param name="cpu">CPU number.</param>
    public abstract ClassQueue CreateQueue(int cpu);

    /// <summary>Makes what the class keeps about a task. Task context; may allocate.</summary>
    public virtual SchedulingEntity CreateEntity(TaskStruct task) => new(task);
}

/// <summary>
/// The tasks of one class that are runnable on one CPU, the running one included: it stays in the queue while it runs.
/// Every method is called with the run queue's lock held and interrupts off: it allocates nothing, throws nothing, takes no lock, and is O(log n) at worst.
/// </summary>
[NoAllocation]
[InterruptContext]
public abstract class ClassQueue
{
    /// <summary>No end of the slice: the running task goes on until something happens.</summary>
    public const ulong NoSlice = ulong.MaxValue;

    /// <summary>How many entities are in the queue. Kept by the run queue.</summary>
    public int Count { get; internal set; }

    /// <summary>Takes in a task that became runnable, came from another CPU, or whose priority changed.</summary>
    public abstract void Enqueue(SchedulingEntity entity, EnqueueReason reason);

    /// <summary>Gives up a task: it sleeps, goes to another CPU, or its priority is about to change. It may be the running one.</summary>
    public abstract void Dequeue(SchedulingEntity entity);

    /// <summary>The task that should run now. The queue is not empty. May be the one that runs already.</summary>
    public abstract SchedulingEntity PickNext();

    /// <summary>Accounts time that the task ran. Called before each decision that concerns a running task.</summary>
    /// <param name="entity">An entity of this queue.</param>
    /// <param name="nanoseconds">Time since the last call for this task, or since it was switched to.</param>
    public abstract void Charge(SchedulingEntity entity, ulong nanoseconds);

    /// <summary>The running task lets others of its kind run first.</summary>
    public abstract void Yield(SchedulingEntity entity);

    /// <summary>Nanoseconds until <see cref="SliceExpired"/> should be called for the running task, or <see cref="NoSlice"/>: then no timer is armed for it.</summary>
    public abstract ulong SliceLeft(SchedulingEntity entity);

    /// <summary>The running task's slice ended, after <see cref="Charge"/>.</summary>
    /// <returns>True when another task should run now.</returns>
    public abstract bool SliceExpired(SchedulingEntity entity);

    /// <summary>Whether a task that was just queued should run instead of the running one of the same class.</summary>
    public abstract bool Preempts(SchedulingEntity queued, SchedulingEntity running);

    /// <summary>A task that another CPU may take over, the most urgent first: allowed there, and not the running one. Looks at a bounded number of tasks.</summary>
    /// <param name="cpu">Where it would go.</param>
    /// <param name="running">The task that runs here.</param>
    /// <returns>Null when there is none among those that were looked at.</returns>
    public abstract SchedulingEntity? FindMovable(int cpu, TaskStruct running);
}

/// <summary>Why a task is put into a queue.</summary>
public enum EnqueueReason
{
    /// <summary>It was started.</summary>
    Started,

    /// <summary>It slept and was woken.</summary>
    Woken,

    /// <summary>It came from another CPU.</summary>
    Migrated,

    /// <summary>Its priority or class changed while it was runnable.</summary>
    Changed,
}
