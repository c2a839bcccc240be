using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>
/// A scheduling policy: which of the tasks that chose it runs next, and for how long. The mechanism (run queues, locks, the switch, wake-ups,
/// balancing) is elsewhere and knows no policy; a class knows nothing of CPUs, locks and switches.
/// One file holds a policy: this class, made once, and its <see cref="ClassQueue"/>, made once a CPU.
/// Between classes the rank decides: a task of a class is chosen only if no class of lower rank has one that it lets run.
/// See docs/scheduling-class.md.
/// </summary>
public abstract class SchedulingClass
{
    /// <summary>How many ranks there are.</summary>
    public const int RankCount = 32;

    // Completed when a class of a module has no user left.
    private readonly Completion _unused = new("class");

    // Those who call methods of a module's class in task context, and give a task what comes of it; one more while it is registered.
    [Atomic]
    private int _users;

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

    /// <summary>What the class keeps about a task; null when something else schedules the task at the moment. Outdated at once unless the caller excludes changes.</summary>
    protected SchedulingEntity? EntityOf(TaskStruct task) => task.Entity is { } entity && ReferenceEquals(task.Class, this) ? entity : null;

    /// <summary>Throws for parameters that the class cannot obey; what holds for all policies is checked before. Task context.</summary>
    /// <exception cref="System.ArgumentException">It cannot.</exception>
    public virtual void Validate(in SchedulingParameters parameters)
    {
    }

    /// <summary>Takes parameters over into an entity that is in no queue, or in one if <see cref="KeepsPlace"/>. The task's wake lock is held, and its run queue's once it is started.</summary>
    [RequiresLock(typeof(RunQueue), nameof(RunQueue.Lock))]
    [NoAllocation]
    [InterruptContext]
    public virtual void Configure(SchedulingEntity entity, in SchedulingParameters parameters)
    {
    }

    /// <summary>Lets the class be used. Its rank is its own, and nobody finds it yet.</summary>
    internal void BeginUses() => Volatile.Write(ref _users, 1);

    /// <summary>Whether the class of a module is registered, and stays so until <see cref="EndUse"/>.</summary>
    [NoAllocation]
    internal bool TryUse()
    {
        int users = Volatile.Read(ref _users);
        while (users > 0)
        {
            int seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users)
            {
                // One that is about to go has users, and gets no new ones.
                if (ReferenceEquals(SchedulingClasses.Get(Rank), this))
                {
                    return true;
                }

                EndUse();
                return false;
            }

            users = seen;
        }

        return false;
    }

    /// <summary>Ends what <see cref="TryUse"/> began.</summary>
    [NoAllocation]
    internal void EndUse()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            _unused.Complete();
        }
    }

    /// <summary>Returns when nobody uses the class any more, and nobody will.</summary>
    [MightSleep]
    internal void EndUses()
    {
        EndUse();
        _unused.Wait();
    }

    /// <summary>A queued task whose class and priority stay the same stays where it is in the queue when other parameters of it change; otherwise it is taken out and comes in again.</summary>
    public virtual bool KeepsPlace => false;
}
