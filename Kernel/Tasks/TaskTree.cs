using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks;

/// <summary>Who created whom. When a task ends, its children belong to nobody who could join them: they are detached and hang on the first task.</summary>
public static class TaskTree
{
    private static IrqSpinLock s_lock;

    /// <summary>The task that booted the kernel, pid 1. It never ends.</summary>
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

    internal static void Add(TaskStruct child, TaskStruct parent)
    {
        using (s_lock.Enter())
        {
            Link(child, parent);
        }
    }

    internal static void Remove(TaskStruct child)
    {
        using (s_lock.Enter())
        {
            Unlink(child);
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
