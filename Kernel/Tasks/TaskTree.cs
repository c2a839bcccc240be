using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks;

/// <summary>Who created whom, and who is a thread of whose process. When a task ends, its children belong to nobody who could join them: they are detached and hang on the first task.</summary>
public static class TaskTree
{
    private static IrqSpinLock s_lock = new(LockClass.TaskTree);

    /// <summary>The task that booted the kernel, pid 1. It never ends.</summary>
    [Immutable]
    public static TaskStruct Root { get; internal set; } = null!;

    /// <summary>A child of <paramref name="parent"/>: the one created after <paramref name="after"/>, or the first one when that is null; null when there is no more.</summary>
    public static TaskStruct? Child(TaskStruct parent, TaskStruct? after)
    {
        using (s_lock.Enter())
        {
            if (after is null)
            {
                return parent.FirstChild;
            }

            return ReferenceEquals(after.Parent, parent) ? after.NextSibling : null;
        }
    }

    /// <summary>A member of a thread group: the first one when <paramref name="after"/> is null; null when there is no more. A task that is alone has no group.</summary>
    public static TaskStruct? Member(ThreadGroup group, TaskStruct? after)
    {
        using (s_lock.Enter())
        {
            if (after is null)
            {
                return group.First;
            }

            return ReferenceEquals(after.Group, group) ? after.NextInGroup : null;
        }
    }

    /// <summary>Time on CPUs of the members of a group, collected ones too, in nanoseconds. Any context but NMI.</summary>
    internal static ulong ReadCpuTime(ThreadGroup group)
    {
        using (s_lock.Enter())
        {
            ulong time = group.EndedCpuTime;
            for (TaskStruct? member = group.First; member is not null; member = member.NextInGroup)
            {
                time += member.ReadCpuTime();
            }

            return time;
        }
    }

    internal static void Add(TaskStruct child, TaskStruct parent)
    {
        using (s_lock.Enter())
        {
            Link(child, parent);
        }
    }

    /// <summary>Makes a new task a member of another task's group. It has a pid and was not started.</summary>
    /// <param name="task">The new one.</param>
    /// <param name="sibling">A task that runs: the caller, or one that it keeps from ending.</param>
    /// <param name="spare">A group led by <paramref name="sibling"/>, used if it has none yet.</param>
    internal static void JoinGroup(TaskStruct task, TaskStruct sibling, ThreadGroup spare)
    {
        using (s_lock.Enter())
        {
            if (sibling.Group is null)
            {
                LinkMember(sibling, spare);
            }

            LinkMember(task, sibling.Group!);
        }
    }

    /// <summary>Takes a task that was collected away from its parent and its group.</summary>
    internal static void Remove(TaskStruct task)
    {
        using (s_lock.Enter())
        {
            Unlink(task);
            if (task.Group is { } group)
            {
                UnlinkMember(task, group);
            }
        }
    }

    /// <summary>Takes one child away from a task that ends and gives it to the first task.</summary>
    /// <returns>Null when there is no more.</returns>
    internal static TaskStruct? Disown(TaskStruct parent)
    {
        using (s_lock.Enter())
        {
            if (parent.FirstChild is not { } child)
            {
                return null;
            }

            Unlink(child);
            Link(child, Root);
            return child;
        }
    }

    [RequiresLock(nameof(s_lock))]
    private static void Link(TaskStruct child, TaskStruct parent)
    {
        child.Parent = parent;
        child.PreviousSibling = null;
        child.NextSibling = parent.FirstChild;
        if (parent.FirstChild is { } first)
        {
            first.PreviousSibling = child;
        }

        parent.FirstChild = child;
    }

    [RequiresLock(nameof(s_lock))]
    private static void LinkMember(TaskStruct task, ThreadGroup group)
    {
        task.Group = group;
        task.PreviousInGroup = null;
        task.NextInGroup = group.First;
        if (group.First is { } first)
        {
            first.PreviousInGroup = task;
        }

        group.First = task;
        group.Count++;
    }

    // The task keeps the reference to its group: whoever still looks at it finds the right id.
    [RequiresLock(nameof(s_lock))]
    private static void UnlinkMember(TaskStruct task, ThreadGroup group)
    {
        group.EndedCpuTime += task.CpuTimeNanoseconds;
        group.Count--;
        if (task.PreviousInGroup is { } previous)
        {
            previous.NextInGroup = task.NextInGroup;
        }
        else
        {
            group.First = task.NextInGroup;
        }

        if (task.NextInGroup is { } next)
        {
            next.PreviousInGroup = task.PreviousInGroup;
        }

        task.NextInGroup = null;
        task.PreviousInGroup = null;
    }

    [RequiresLock(nameof(s_lock))]
    private static void Unlink(TaskStruct child)
    {
        if (child.PreviousSibling is { } previous)
        {
            previous.NextSibling = child.NextSibling;
        }
        else if (child.Parent is { } parent && ReferenceEquals(parent.FirstChild, child))
        {
            parent.FirstChild = child.NextSibling;
        }

        if (child.NextSibling is { } next)
        {
            next.PreviousSibling = child.PreviousSibling;
        }

        child.NextSibling = null;
        child.PreviousSibling = null;
    }
}
