using System.Text;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Locking;

/// <summary>
/// Who waits for whom through locks with priority inheritance, as a graph: a task waits for at most one mutex (<see cref="TaskStruct.UrgencyLink"/>), a mutex has at most one holder, and a task
/// may hold several that others wait for (<see cref="TaskStruct.HeldLinks"/>). So from each task one chain leads on, and it ends.
/// <para>One lock guards the whole graph, so that a chain is seen and changed as it is at one moment: no step-by-step walk with locks of single mutexes, whose every
/// step has to be checked for what happened meanwhile. The price is that contended operations on different mutexes wait for each other, for some hundred instructions
/// and a step a link of the chain; uncontended ones do not come here.</para>
/// </summary>
internal static class PriorityInheritance
{
    /// <summary>Guards the graph. Taken before wake locks and run queue locks.</summary>
    public static IrqSpinLock Lock = new(LockClass.PriorityInheritance);

    // The longest chain that a report shows.
    private const int MostShown = 64;

    /// <summary>True when a chain leads from one task to the other: so when the second one waited for the first, it would wait for itself.</summary>
    [NoAllocation]
    [RequiresLock(nameof(Lock))]
    public static bool LeadsTo(TaskStruct from, TaskStruct to)
    {
        TaskStruct? task = from;
        while (task is not null)
        {
            if (ReferenceEquals(task, to))
            {
                return true;
            }

            task = (task.UrgencyLink as InheritingLock)?.Holder;
        }

        return false;
    }

    /// <summary>Adds a mutex to those of the task that others wait for. Its first waiter is added after this.</summary>
    [NoAllocation]
    [RequiresLock(nameof(Lock))]
    public static void Attach(InheritingLock mutex, TaskStruct holder)
    {
        mutex.Holder = holder;
        mutex.NextHeld = holder.HeldLinks as InheritingLock;
        holder.HeldLinks = mutex;
    }

    /// <summary>Takes a mutex out of those of the task that others wait for.</summary>
    [NoAllocation]
    [RequiresLock(nameof(Lock))]
    public static void Detach(InheritingLock mutex, TaskStruct holder)
    {
        InheritingLock? previous = null;
        InheritingLock? held = holder.HeldLinks as InheritingLock;
        while (held is not null && !ReferenceEquals(held, mutex))
        {
            previous = held;
            held = held.NextHeld;
        }

        if (previous is null)
        {
            holder.HeldLinks = mutex.NextHeld;
        }
        else
        {
            previous.NextHeld = mutex.NextHeld;
        }

        mutex.NextHeld = null;
        mutex.Holder = null;
    }

    /// <summary>Lends a task what those lend who wait for it now, and passes a change of its own urgency on along the chain. For boosting and for taking back alike.</summary>
    [NoAllocation]
    [RequiresLock(nameof(Lock))]
    public static void Update(TaskStruct? task)
    {
        while (task is not null && task.Lend(LentTo(task)) && task.UrgencyLink is InheritingLock next)
        {
            next.MoveToPlace(task);
            task = next.Holder;
        }
    }

    /// <summary>Says who waits for whom, for a task that was refused a mutex. Task context; allocates. The circle itself stands still, so it is read without the lock.</summary>
    public static string Describe(TaskStruct task, InheritingLock mutex)
    {
        var text = new StringBuilder($"Deadlock: {task} would wait for itself. It waits for '{mutex.Name}'");
        InheritingLock? next = mutex;
        for (int shown = 0; next is not null && shown < MostShown; shown++)
        {
            TaskStruct? owner = next.Owner;
            text.Append($", held by {owner?.ToString() ?? "nobody any more"}");
            next = ReferenceEquals(owner, task) ? null : owner?.UrgencyLink as InheritingLock;
            if (next is not null)
            {
                text.Append($", which waits for '{next.Name}'");
            }
        }

        return text.Append('.').ToString();
    }

    [RequiresLock(nameof(Lock))]
    private static SchedulingUrgency LentTo(TaskStruct task)
    {
        SchedulingUrgency most = SchedulingUrgency.Ordinary;
        for (InheritingLock? mutex = task.HeldLinks as InheritingLock; mutex is not null; mutex = mutex.NextHeld)
        {
            if (mutex.FirstWaiter is { } waiter && waiter.EffectiveUrgency < most)
            {
                most = waiter.EffectiveUrgency;
            }
        }

        return most;
    }
}
