using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks.Time;

/// <summary>
/// A red-black tree through its members (Cormen et al., Introduction to Algorithms, chapter 13), ordered by <see cref="TreeNode{TNode}.Key"/>;
/// members of equal keys stay in the order in which they came. Adding and removing are O(log n) at worst, the first member is O(1), nothing is allocated.
/// The owner's lock guards the tree.
/// </summary>
/// <typeparam name="TNode">The members' class.</typeparam>
[NoAllocation]
[Owned]
public sealed class OrderedTree<TNode>
    where TNode : TreeNode<TNode>
{
    private TNode? _root;

    /// <summary>The member with the lowest key, or null.</summary>
    public TNode? First { get; private set; }

    /// <summary>How many members there are.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a node that is in no tree.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(TNode node)
    {
        Count++;
        if (_root is null)
        {
            // Alone, as most often: a root is black.
            node.IsRed = false;
            _root = node;
            First = node;
        }
        else
        {
            AddBelowRoot(node);
        }
    }

    /// <summary>Removes a member.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Remove(TNode node)
    {
        if (--Count == 0)
        {
            _root = null;
            First = null;
        }
        else
        {
            RemoveOneOfSeveral(node);
        }
    }

    /// <summary>The member after this one, or null.</summary>
    public TNode? Successor(TNode node)
    {
        if (node.Right is { } right)
        {
            while (right.Left is { } left)
            {
                right = left;
            }

            return right;
        }

        TNode at = node;
        TNode? parent = node.Parent;
        while (parent is not null && ReferenceEquals(at, parent.Right))
        {
            at = parent;
            parent = parent.Parent;
        }

        return parent;
    }

    /// <summary>Whether the tree is ordered and balanced as it should be: for tests.</summary>
    internal bool IsValid() => _root is not { IsRed: true } && BlackHeight(_root) >= 0;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AddBelowRoot(TNode node)
    {
        TNode? parent = null;
        TNode? at = _root;
        bool first = true;
        bool left = false;
        while (at is not null)
        {
            parent = at;
            left = node.Key < at.Key;
            if (left)
            {
                at = at.Left;
            }
            else
            {
                at = at.Right;
                first = false;
            }
        }

        // Removed nodes have no links left.
        node.Parent = parent;
        node.IsRed = true;
        if (left)
        {
            parent!.Left = node;
        }
        else
        {
            parent!.Right = node;
        }

        if (first)
        {
            First = node;
        }

        BalanceAfterAdd(node);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void RemoveOneOfSeveral(TNode node)
    {
        if (ReferenceEquals(First, node))
        {
            First = Successor(node);
        }

        TNode? child;
        TNode? parent;
        bool removedRed;
        if (node.Left is not null && node.Right is not null)
        {
            // The successor, which has no left child, takes the node's place.
            TNode next = node.Right;
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
        if (!removedRed)
        {
            BalanceAfterRemove(child, parent);
        }
    }

    // -1 when a rule is broken below.
    private static int BlackHeight(TNode? node)
    {
        if (node is null)
        {
            return 0;
        }

        bool redPair = node.IsRed && (node.Left is { IsRed: true } || node.Right is { IsRed: true });
        bool unordered = node.Left?.Key > node.Key || node.Right?.Key < node.Key;
        bool unlinked = (node.Left is { } l && !ReferenceEquals(l.Parent, node)) || (node.Right is { } r && !ReferenceEquals(r.Parent, node));
        int left = BlackHeight(node.Left);
        int right = BlackHeight(node.Right);
        return redPair || unordered || unlinked || left < 0 || left != right ? -1 : left + (node.IsRed ? 0 : 1);
    }

    private void BalanceAfterAdd(TNode node)
    {
        while (node.Parent is { IsRed: true } parent)
        {
            // A red node has a parent: the root is black.
            TNode grandparent = parent.Parent!;
            bool parentIsLeft = ReferenceEquals(parent, grandparent.Left);
            TNode? uncle = parentIsLeft ? grandparent.Right : grandparent.Left;
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

    private void BalanceAfterRemove(TNode? node, TNode? parent)
    {
        while (parent is not null && node is not { IsRed: true })
        {
            bool isLeft = ReferenceEquals(node, parent.Left);

            // The side of node lacks one black: its sibling's side has at least one, so the sibling exists.
            TNode sibling = (isLeft ? parent.Right : parent.Left)!;
            if (sibling.IsRed)
            {
                sibling.IsRed = false;
                parent.IsRed = true;
                Rotate(parent, isLeft);
                sibling = (isLeft ? parent.Right : parent.Left)!;
            }

            TNode? near = isLeft ? sibling.Left : sibling.Right;
            TNode? far = isLeft ? sibling.Right : sibling.Left;
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

    // The child on the other side comes up; the node goes down to the side given.
    private void Rotate(TNode node, bool toLeft)
    {
        TNode up = (toLeft ? node.Right : node.Left)!;
        TNode? moved;
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
    }

    private void ReplaceInParent(TNode node, TNode? by)
    {
        TNode? parent = node.Parent;
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
