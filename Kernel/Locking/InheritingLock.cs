using System;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Locking;

/// <summary>
/// What locks with priority inheritance have in common: who waits, in the order of urgency, and the holder, to whom the waiters lend theirs. What says who holds the lock while nobody
/// waits is the derived class's matter: a word of the kernel (<see cref="RtMutex"/>) or of user space (<see cref="InheritingQueue"/>).
/// </summary>
public abstract class InheritingLock : UrgencyLink
{
    /// <summary>Who waits, the most urgent first.</summary>
    [GuardedBy(typeof(PriorityInheritance), nameof(PriorityInheritance.Lock))]
    internal WaiterList Waiting;

    private protected InheritingLock(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        Name = name;
    }

    /// <summary>Shown by <c>ps</c> for tasks that wait.</summary>
    public string Name { get; }

    /// <summary>Who holds it; for reports, since it may change at once.</summary>
    public abstract TaskStruct? Owner { get; }

    /// <summary>The owner, while somebody waits.</summary>
    [GuardedBy(typeof(PriorityInheritance), nameof(PriorityInheritance.Lock))]
    internal TaskStruct? Holder { get; set; }

    /// <summary>The next of the contended locks of the same holder.</summary>
    [GuardedBy(typeof(PriorityInheritance), nameof(PriorityInheritance.Lock))]
    internal InheritingLock? NextHeld { get; set; }

    /// <summary>The most urgent task that waits, or null.</summary>
    internal TaskStruct? FirstWaiter
    {
        [RequiresLock(typeof(PriorityInheritance), nameof(PriorityInheritance.Lock))]
        get => Waiting.First?.Task;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <inheritdoc/>
    [NoAllocation]
    internal override void UrgencyChanged(TaskStruct waiter)
    {
        using (PriorityInheritance.Lock.Enter())
        {
            // It may have stopped waiting since the change.
            if (ReferenceEquals(waiter.UrgencyLink, this))
            {
                MoveToPlace(waiter);
                PriorityInheritance.Update(Holder);
            }
        }
    }

    /// <summary>Puts a task that waits here where its urgency now belongs.</summary>
    [NoAllocation]
    [RequiresLock(typeof(PriorityInheritance), nameof(PriorityInheritance.Lock))]
    internal void MoveToPlace(TaskStruct waiter)
    {
        Waiting.Remove(waiter.Waiter);
        Waiting.AddByUrgency(waiter.Waiter);
    }

    /// <summary>Adds a task to those that wait, and lends the holder its urgency. It may be the running task or one that sleeps already.</summary>
    [NoAllocation]
    [RequiresLock(typeof(PriorityInheritance), nameof(PriorityInheritance.Lock))]
    internal void Add(TaskStruct waiter, TaskStruct? holder)
    {
        if (Waiting.IsEmpty && holder is not null)
        {
            PriorityInheritance.Attach(this, holder);
        }

        waiter.UrgencyLink = this;

        // Whoever changes the urgency from here on sees the link; who changed it before is seen in the place that the task takes now.
        Interlocked.MemoryBarrier();
        Waiting.AddByUrgency(waiter.Waiter);
    }

    /// <summary>Takes off the list who gets the lock now, and has the others lend to it what they lent to the old holder. The new one is not woken yet.</summary>
    [NoAllocation]
    [RequiresLock(typeof(PriorityInheritance), nameof(PriorityInheritance.Lock))]
    internal void HandOver(TaskStruct? from, TaskStruct to)
    {
        if (from is not null)
        {
            PriorityInheritance.Detach(this, from);
        }

        to.UrgencyLink = null;
        Waiting.Remove(to.Waiter);
        if (!Waiting.IsEmpty)
        {
            PriorityInheritance.Attach(this, to);
            PriorityInheritance.Update(to);
        }

        PriorityInheritance.Update(from);
    }
}
