using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Time;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>
/// The tasks of one class that are runnable on one CPU, the running one included: it stays in the queue while it runs.
/// Every method is called with the run queue's lock held and interrupts off: it allocates nothing, throws nothing, takes no lock, and is O(log n) at worst.
/// </summary>
[NoAllocation]
[InterruptContext]
[GuardedBy(typeof(RunQueue), nameof(RunQueue.Lock))]
[RequiresLock(typeof(RunQueue), nameof(RunQueue.Lock))]
public abstract class ClassQueue
{
    /// <summary>No end of the slice: the running task goes on until something happens.</summary>
    public const ulong NoSlice = ulong.MaxValue;

    [Immutable]
    private QueueTimer? _timer;

    // The class was taken away: the timer does nothing any more.
    private bool _isDetached;

    /// <summary>How many entities are in the queue. Kept by the run queue.</summary>
    public int Count { get; internal set; }

    /// <summary>
    /// A task of this queue runs that was held back (<see cref="PickHeldBack"/>): whatever else becomes runnable runs instead, whatever its rank.
    /// </summary>
    public bool HoldsBack { get; protected set; }

    /// <summary>The run queue that this is a part of.</summary>
    [Immutable]
    internal RunQueue Owner { get; private set; } = null!;

    /// <summary>The class that made it.</summary>
    [Immutable]
    internal SchedulingClass Policy { get; private set; } = null!;

    /// <summary>The entity that runs on this CPU now, if it is in this queue.</summary>
    protected SchedulingEntity? Running => Owner.Running.Entity is { } entity && ReferenceEquals(entity.Queue, this) ? entity : null;

    /// <summary>Takes in a task that became runnable, came from another CPU, or whose class or priority changed.</summary>
    public abstract void Enqueue(SchedulingEntity entity, EnqueueReason reason);

    /// <summary>Gives up a task: it sleeps, goes to another CPU, or its class or priority is about to change. It may be the running one.</summary>
    public abstract void Dequeue(SchedulingEntity entity);

    /// <summary>The task that should run now; may be the one that runs already. The queue is not empty. Null: none of them may run now, and classes of higher rank get their turn.</summary>
    public abstract SchedulingEntity? PickNext();

    /// <summary>
    /// The task that should run now although <see cref="PickNext"/> returned null, because no other class has anything for this CPU. Null: the CPU rather idles.
    /// A class that holds tasks back only for the sake of others returns one, and sets <see cref="HoldsBack"/> until it lets tasks run again.
    /// </summary>
    public virtual SchedulingEntity? PickHeldBack() => null;

    /// <summary>Accounts time that the task ran. Called before each decision that concerns a running task.</summary>
    /// <param name="entity">An entity of this queue.</param>
    /// <param name="nanoseconds">Time since the last call for this task, or since it was switched to.</param>
    /// <param name="now">Nanoseconds on the monotonic clock.</param>
    public abstract void Charge(SchedulingEntity entity, ulong nanoseconds, ulong now);

    /// <summary>The running task lets others of its kind run first.</summary>
    public abstract void Yield(SchedulingEntity entity);

    /// <summary>
    /// Nanoseconds until <see cref="SliceExpired"/> should be called for the running task, or <see cref="NoSlice"/>: then no timer is armed for it.
    /// Asked only while other tasks of any class are runnable on this CPU.
    /// </summary>
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

    /// <summary>The affinity of a member changed, and it stays here.</summary>
    public virtual void AffinityChanged(SchedulingEntity entity)
    {
    }

    /// <summary>The time for which <see cref="StartTimer"/> was called has come. Called with the run queue's lock held, in interrupt context.</summary>
    /// <param name="now">Nanoseconds on the monotonic clock.</param>
    protected virtual void OnTimer(ulong now)
    {
    }

    /// <summary>Has <see cref="OnTimer"/> called at a time; replaces the time that was asked for before. The run queue's lock is held.</summary>
    /// <param name="deadline">Nanoseconds on the monotonic clock.</param>
    protected void StartTimer(ulong deadline) => _timer!.Start(deadline);

    /// <summary>Has the CPU choose anew soon. The run queue's lock is held.</summary>
    protected void RequestReschedule() => Owner.Kick();

    /// <summary>Calls <see cref="Charge"/> for the running task if it is in this queue, so that what the queue knows is up to date. The run queue's lock is held.</summary>
    protected void ChargeRunning()
    {
        TaskStruct running = Owner.Running;
        if (ReferenceEquals(running.Entity.Queue, this) && running.IsQueued)
        {
            Owner.ChargeNow(running);
        }
    }

    /// <summary>The queue becomes part of a run queue. Once, before it is used. Allocates.</summary>
    [BeforePublication]
    internal void Attach(RunQueue owner, SchedulingClass policy)
    {
        Owner = owner;
        Policy = policy;
        _timer = new QueueTimer(this);
    }

    /// <summary>The empty queue is no part of the run queue any more: no method of it is called from here on.</summary>
    /// <returns>Its timer, which does nothing any more but may still fire.</returns>
    internal KernelTimer Detach()
    {
        _isDetached = true;
        return _timer!;
    }

    private sealed class QueueTimer(ClassQueue queue) : KernelTimer
    {
        [InterruptContext]
        protected override void OnExpired(ulong now)
        {
            queue.Owner.Lock.AcquireWithInterruptsOff();
            if (!queue._isDetached)
            {
                queue.OnTimer(now);
            }

            queue.Owner.Lock.ReleaseWithInterruptsOff();
        }
    }
}
