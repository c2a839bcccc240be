using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Locking;

/// <summary>
/// The waiters and the owner of a lock with priority inheritance whose word is in user space: a PI futex. The user keeps word and queue together under a spin lock of its own, which
/// is held around every call and comes before <see cref="LockClass.PriorityInheritance"/>. Only <see cref="FirstUrgent"/> changes by itself, when a waiter's urgency does.
/// </summary>
[NoAllocation]
public sealed class InheritingQueue : InheritingLock
{
    [GuardedBy(typeof(PriorityInheritance), nameof(PriorityInheritance.Lock), LockFreeReads = true)]
    private TaskStruct? _owner;

    /// <summary>Makes a queue without owner and waiters.</summary>
    /// <param name="name">Shown by <c>ps</c> for tasks that wait.</param>
    public InheritingQueue(string name)
        : base(name)
    {
    }

    /// <inheritdoc/>
    public override TaskStruct? Owner => System.Threading.Volatile.Read(ref _owner);

    /// <summary>The waiter that is to get the lock next, or null.</summary>
    public TaskStruct? FirstUrgent
    {
        get
        {
            using (PriorityInheritance.Lock.Enter())
            {
                return FirstWaiter;
            }
        }
    }

    /// <summary>Says who owns the lock. Nobody waits.</summary>
    public void SetOwner(TaskStruct? owner)
    {
        using (PriorityInheritance.Lock.Enter())
        {
            _owner = owner;
        }
    }

    /// <summary>Adds a task to those that wait; from now on it lends its urgency to the owner and whom that waits for. It is the running task, or one that sleeps on the same user's list.</summary>
    /// <returns>False, and nothing was done, when the owner waits for the task, directly or through others, or is the task.</returns>
    public bool TryAdd(TaskStruct waiter)
    {
        using (PriorityInheritance.Lock.Enter())
        {
            if (_owner is { } owner && PriorityInheritance.LeadsTo(owner, waiter))
            {
                return false;
            }

            Add(waiter, _owner);
            PriorityInheritance.Update(_owner);
            return true;
        }
    }

    /// <summary>A waiter gives up: what it lent is given back along the chain.</summary>
    public void Remove(TaskStruct waiter)
    {
        using (PriorityInheritance.Lock.Enter())
        {
            Waiting.Remove(waiter.Waiter);
            waiter.UrgencyLink = null;
            if (_owner is { } owner)
            {
                if (Waiting.IsEmpty)
                {
                    PriorityInheritance.Detach(this, owner);
                }

                PriorityInheritance.Update(owner);
            }
        }
    }

    /// <summary>A waiter becomes the owner; the loans go over to it. It is not woken.</summary>
    /// <param name="waiter">Who waits here; <see cref="FirstUrgent"/>, unless the user wants another.</param>
    public void HandOverTo(TaskStruct waiter)
    {
        using (PriorityInheritance.Lock.Enter())
        {
            TaskStruct? from = _owner;
            _owner = waiter;
            HandOver(from, waiter);
        }
    }
}
