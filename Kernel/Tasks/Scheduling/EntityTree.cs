using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>
/// A red-black tree of entities by <see cref="KernelEntity.Key"/>, where each member knows the least <see cref="KernelEntity.Value"/> below itself
/// (augmented as in Cormen et al., Introduction to Algorithms, chapters 13 and 17). Numbers are compared by their difference, so they may wrap around; equal keys stay in the order in which they came.
/// Adding and removing are O(log n) at worst, the first member is O(1), adding behind all others is O(1) on average. Nothing is allocated.
/// </summary>
[NoAllocation]
[Owned]
[RequiresLock(typeof(RunQueue), nameof(RunQueue.Lock))]
internal sealed class EntityTree
{
    private KernelEntity? _root;
    private KernelEntity? _last;

    /// <summary>The member with the lowest key, or null.</summary>
    public KernelEntity? First { get; private set; }

    /// <summary>The topmost member, or null.</summary>
    public KernelEntity? Root => _root;

    /// <summary>Adds an entity that is in no tree.</summary>
    public void Add(KernelEntity node)
    {
        node.LeastValue = node.Value;
        KernelEntity? at = _root;
        if (at is null)
        {
            node.IsRed = false;
            _root = node;
            First = node;
            _last = node;
            return;
        }

        KernelEntity parent;
        bool left = false;
        if (node.Key - _last!.Key >= 0)
        {
            // Behind all others, as most often: who was just served comes last.
            parent = _last;
            _last = node;
        }
        else
        {
            bool first = true;
            do
            {
                parent = at;
                left = node.Key - at.Key < 0;
                first &= left;
                at = left ? at.Left : at.Right;
            }
            while (at is not null);
            if (first)
            {
                First = node;
            }
        }

        node.Parent = parent;
        node.IsRed = true;
        if (left)
        {
            parent.Left = node;
        }
        else
        {
            parent.Right = node;
        }

        // Up to the first one that has something as small below it already.
        long value = node.Value;
        for (KernelEntity? above = parent; above is not null && value - above.LeastValue < 0; above = above.Parent)
        {
            above.LeastValue = value;
        }

        if (parent.IsRed)
        {
            BalanceAfterAdd(node);
        }
    }

    /// <summary>Removes a member.</summary>
    public void Remove(KernelEntity node)
    {
        if (ReferenceEquals(First, _last))
        {
            // The only member: it has no links.
            _root = null;
            _last = null;
            First = null;
            return;
        }

        if (ReferenceEquals(First, node))
        {
            First = Successor(node);
        }

        if (ReferenceEquals(_last, node))
        {
            _last = Predecessor(node);
        }

        KernelEntity? child;
        KernelEntity? parent;
        bool removedRed;
        if (node.Left is not null && node.Right is not null)
        {
            // The successor, which has no left child, takes the node's place.
            KernelEntity next = node.Right;
            while (next.Left is not null)
            {
                next = next.Left;
            }

            child = next.Right;
            removedRed = next.IsRed;
            if (ReferenceEquals(next.Parent, node))
            {
                parent = next;
            }
            else
            {
                parent = next.Parent!;
                parent.Left = child;
                if (child is not null)
                {
                    child.Parent = parent;
                }

                next.Right = node.Right;
                node.Right.Parent = next;
            }

            next.Left = node.Left;
            node.Left.Parent = next;
            next.IsRed = node.IsRed;
            ReplaceInParent(node, next);
        }
        else
        {
            child = node.Left ?? node.Right;
            parent = node.Parent;
            removedRed = node.IsRed;
            ReplaceInParent(node, child);
        }

        node.Parent = null;
        node.Left = null;
        node.Right = null;
        for (KernelEntity? above = parent; above is not null; above = above.Parent)
        {
            Update(above);
        }

        if (!removedRed)
        {
            BalanceAfterRemove(child, parent);
        }
    }

    /// <summary>The member after this one, or null.</summary>
    public KernelEntity? Successor(KernelEntity node)
    {
        if (node.Right is { } right)
        {
            while (right.Left is { } left)
            {
                right = left;
            }

            return right;
        }

        KernelEntity at = node;
        KernelEntity? parent = node.Parent;
        while (parent is not null && ReferenceEquals(at, parent.Right))
        {
            at = parent;
            parent = parent.Parent;
        }

        return parent;
    }

    /// <summary>Whether the tree is ordered, balanced and augmented as it should be: for tests.</summary>
    internal bool IsValid() => _root is not { IsRed: true } && BlackHeight(_root) >= 0;

    private KernelEntity? Predecessor(KernelEntity node)
    {
        if (node.Left is { } left)
        {
            while (left.Right is { } right)
            {
                left = right;
            }

            return left;
        }

        KernelEntity at = node;
        KernelEntity? parent = node.Parent;
        while (parent is not null && ReferenceEquals(at, parent.Left))
        {
            at = parent;
            parent = parent.Parent;
        }

        return parent;
    }

    // -1 when a rule is broken below.
    private static int BlackHeight(KernelEntity? node)
    {
        if (node is null)
        {
            return 0;
        }

        bool redPair = node.IsRed && (node.Left is { IsRed: true } || node.Right is { IsRed: true });
        bool unordered = node.Left is { } left && node.Key - left.Key < 0;
        unordered |= node.Right is { } right && right.Key - node.Key < 0;
        bool unlinked = (node.Left is { } l && !ReferenceEquals(l.Parent, node)) || (node.Right is { } r && !ReferenceEquals(r.Parent, node));
        long least = node.LeastValue;
        Update(node);
        int leftHeight = BlackHeight(node.Left);
        int rightHeight = BlackHeight(node.Right);
        return redPair || unordered || unlinked || least != node.LeastValue || leftHeight < 0 || leftHeight != rightHeight ? -1 : leftHeight + (node.IsRed ? 0 : 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Update(KernelEntity node)
    {
        long least = node.Value;
        if (node.Left is { } left && left.LeastValue - least < 0)
        {
            least = left.LeastValue;
        }

        if (node.Right is { } right && right.LeastValue - least < 0)
        {
            least = right.LeastValue;
        }

        node.LeastValue = least;
    }

    private void BalanceAfterAdd(KernelEntity node)
    {
        while (node.Parent is { IsRed: true } parent)
        {
            // A red node has a parent: the root is black.
            KernelEntity grandparent = parent.Parent!;
            bool parentIsLeft = ReferenceEquals(parent, grandparent.Left);
            KernelEntity? uncle = parentIsLeft ? grandparent.Right : grandparent.Left;
            if (uncle is { IsRed: true })
            {
                parent.IsRed = false;
                uncle.IsRed = false;
                grandparent.IsRed = true;
                node = grandparent;
                continue;
            }

            if (ReferenceEquals(node, parentIsLeft ? parent.Right : parent.Left))
            {
                Rotate(parent, parentIsLeft);
                node = parent;
                parent = node.Parent!;
            }

            parent.IsRed = false;
            grandparent.IsRed = true;
            Rotate(grandparent, !parentIsLeft);
        }

        _root!.IsRed = false;
    }

    private void BalanceAfterRemove(KernelEntity? node, KernelEntity? parent)
    {
        while (parent is not null && node is not { IsRed: true })
        {
            bool isLeft = ReferenceEquals(node, parent.Left);

            // The side of node lacks one black: its sibling's side has at least one, so the sibling exists.
            KernelEntity sibling = (isLeft ? parent.Right : parent.Left)!;
            if (sibling.IsRed)
            {
                sibling.IsRed = false;
                parent.IsRed = true;
                Rotate(parent, isLeft);
                sibling = (isLeft ? parent.Right : parent.Left)!;
            }

            KernelEntity? near = isLeft ? sibling.Left : sibling.Right;
            KernelEntity? far = isLeft ? sibling.Right : sibling.Left;
            if (near is not { IsRed: true } && far is not { IsRed: true })
            {
                sibling.IsRed = true;
                node = parent;
                parent = node.Parent;
                continue;
            }

            if (far is not { IsRed: true })
            {
                near!.IsRed = false;
                sibling.IsRed = true;
                Rotate(sibling, !isLeft);
                sibling = (isLeft ? parent.Right : parent.Left)!;
                far = isLeft ? sibling.Right : sibling.Left;
            }

            sibling.IsRed = parent.IsRed;
            parent.IsRed = false;
            far!.IsRed = false;
            Rotate(parent, isLeft);
            return;
        }

        if (node is not null)
        {
            node.IsRed = false;
        }
    }

    // The child on the other side comes up; the node goes down to the side given. What is below both together stays the same.
    private void Rotate(KernelEntity node, bool toLeft)
    {
        KernelEntity up = (toLeft ? node.Right : node.Left)!;
        KernelEntity? moved;
        if (toLeft)
        {
            moved = up.Left;
            node.Right = moved;
            up.Left = node;
        }
        else
        {
            moved = up.Right;
            node.Left = moved;
            up.Right = node;
        }

        if (moved is not null)
        {
            moved.Parent = node;
        }

        ReplaceInParent(node, up);
        node.Parent = up;
        up.LeastValue = node.LeastValue;
        Update(node);
    }

    private void ReplaceInParent(KernelEntity node, KernelEntity? by)
    {
        KernelEntity? parent = node.Parent;
        if (by is not null)
        {
            by.Parent = parent;
        }

        if (parent is null)
        {
            _root = by;
        }
        else if (ReferenceEquals(parent.Left, node))
        {
            parent.Left = by;
        }
        else
        {
            parent.Right = by;
        }
    }
}
