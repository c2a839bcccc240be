using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Memory;

/// <summary>
/// The areas of an address space by address: a treap (Seidel and Aragon, Algorithmica 16, 1996) whose nodes also know the largest gap below them, so that an area is
/// found by address, and a gap by size, in logarithmic time. Neighbours are linked, too. Nothing is allocated.
/// </summary>
[Owned]
[NoAllocation]
internal sealed class AreaTree
{
    /// <summary>What stays free below an area that grows down: 256 pages (the kernel parameter stack_guard_gap).</summary>
    public const ulong GuardGap = 256 * 4096;

    private MemoryArea? _root;
    private uint _random = 2463534242u;

    /// <summary>The area with the lowest address, or null.</summary>
    public MemoryArea? First { get; private set; }

    /// <summary>The area with the highest address, or null.</summary>
    public MemoryArea? Last { get; private set; }

    /// <summary>The topmost node, for checks.</summary>
    public MemoryArea? Root => _root;

    /// <summary>How many areas there are.</summary>
    public int Count { get; private set; }

    /// <summary>The area that contains an address, or null.</summary>
    public MemoryArea? Find([UserAddress] ulong address) => FindFrom(address) is { } area && area.Start <= address ? area : null;

    /// <summary>The first area that ends above an address: the one that contains it, or else the next higher one, or null.</summary>
    public MemoryArea? FindFrom([UserAddress] ulong address)
    {
        MemoryArea? best = null;
        MemoryArea? node = _root;
        while (node is not null)
        {
            if (node.End > address)
            {
                best = node;
                if (node.Start <= address)
                {
                    break;
                }

                node = node.Left;
            }
            else
            {
                node = node.Right;
            }
        }

        return best;
    }

    /// <summary>The first area that overlaps a range, or null.</summary>
    public MemoryArea? FindOverlap(ulong start, ulong end) => FindFrom(start) is { } area && area.Start < end ? area : null;

    /// <summary>Adds an area that overlaps none.</summary>
    public void Insert(MemoryArea area)
    {
        area.Left = null;
        area.Right = null;
        area.Priority = NextRandom();
        MemoryArea? parent = null;
        MemoryArea? below = null;
        MemoryArea? above = null;
        MemoryArea? node = _root;
        while (node is not null)
        {
            parent = node;
            if (area.Start < node.Start)
            {
                above = node;
                node = node.Left;
            }
            else
            {
                below = node;
                node = node.Right;
            }
        }

        Link(area, below, above);
        area.Parent = parent;
        if (parent is null)
        {
            _root = area;
        }
        else if (area.Start < parent.Start)
        {
            parent.Left = area;
        }
        else
        {
            parent.Right = area;
        }

        area.Gap = GapBelow(area);
        UpdateNode(area);
        while (area.Parent is { } up && up.Priority < area.Priority)
        {
            RotateUp(area);
        }

        UpdateAbove(area);
        Count++;
        if (above is not null)
        {
            UpdateGap(above);
        }
    }

    /// <summary>Takes an area out.</summary>
    public void Remove(MemoryArea area)
    {
        while (area.Left is not null || area.Right is not null)
        {
            bool left = area.Right is not { } right || (area.Left is { } other && other.Priority > right.Priority);
            RotateUp(left ? area.Left! : area.Right!);
        }

        MemoryArea? parent = area.Parent;
        Replace(area, null);
        if (parent is not null)
        {
            UpdateNode(parent);
            UpdateAbove(parent);
        }

        MemoryArea? above = area.Next;
        Unlink(area);
        area.Parent = null;
        Count--;
        if (above is not null)
        {
            UpdateGap(above);
        }
    }

    /// <summary>An area's start, end or growth has changed, without a change of the order: computes the gaps beside it anew.</summary>
    public void Changed(MemoryArea area)
    {
        UpdateGap(area);
        if (area.Next is { } above)
        {
            UpdateGap(above);
        }
    }

    /// <summary>The highest place for so many bytes.</summary>
    /// <param name="bytes">Size, 1 or more.</param>
    /// <param name="low">Lowest address that may be used.</param>
    /// <param name="high">End of the addresses that may be used.</param>
    /// <param name="start">The place.</param>
    /// <returns>False when there is none.</returns>
    public bool TryFindHighest(ulong bytes, ulong low, ulong high, out ulong start)
    {
        start = 0;
        return (Last is not { } last || last.End < high) && TryPlaceHigh(Last?.End ?? 0, high, bytes, low, high, out start)
            || TryHighest(_root, bytes, low, high, out start);
    }

    /// <summary>The lowest place for so many bytes.</summary>
    /// <param name="bytes">Size, 1 or more.</param>
    /// <param name="low">Lowest address that may be used.</param>
    /// <param name="high">End of the addresses that may be used.</param>
    /// <param name="start">The place.</param>
    /// <returns>False when there is none.</returns>
    public bool TryFindLowest(ulong bytes, ulong low, ulong high, out ulong start) =>
        TryLowest(_root, bytes, low, high, out start) || TryPlaceLow(Last?.End ?? 0, high, bytes, low, high, out start);

    private static bool TryHighest(MemoryArea? node, ulong bytes, ulong low, ulong high, out ulong start)
    {
        start = 0;
        if (node is null || node.LargestGap < bytes)
        {
            return false;
        }

        // Where the limits cut nothing off, the largest gap is there: so the search fails only along the two limits.
        return (node.End < high && TryHighest(node.Right, bytes, low, high, out start))
            || TryPlaceHigh(node.GapEnd - node.Gap, node.GapEnd, bytes, low, high, out start)
            || (node.Start > low && TryHighest(node.Left, bytes, low, high, out start));
    }

    private static bool TryLowest(MemoryArea? node, ulong bytes, ulong low, ulong high, out ulong start)
    {
        start = 0;
        if (node is null || node.LargestGap < bytes)
        {
            return false;
        }

        return (node.Start > low && TryLowest(node.Left, bytes, low, high, out start))
            || TryPlaceLow(node.GapEnd - node.Gap, node.GapEnd, bytes, low, high, out start)
            || (node.End < high && TryLowest(node.Right, bytes, low, high, out start));
    }

    private static bool TryPlaceHigh(ulong gapStart, ulong gapEnd, ulong bytes, ulong low, ulong high, out ulong start)
    {
        ulong from = gapStart > low ? gapStart : low;
        ulong to = gapEnd < high ? gapEnd : high;
        start = to - bytes;
        return to > from && to - from >= bytes;
    }

    private static bool TryPlaceLow(ulong gapStart, ulong gapEnd, ulong bytes, ulong low, ulong high, out ulong start)
    {
        start = gapStart > low ? gapStart : low;
        ulong to = gapEnd < high ? gapEnd : high;
        return to > start && to - start >= bytes;
    }

    private static ulong GapBelow(MemoryArea area)
    {
        ulong from = area.Previous?.End ?? 0;
        ulong to = area.GapEnd;
        return to > from ? to - from : 0;
    }

    private static void UpdateGap(MemoryArea area)
    {
        area.Gap = GapBelow(area);
        UpdateNode(area);
        UpdateAbove(area);
    }

    private static void UpdateAbove(MemoryArea area)
    {
        for (MemoryArea? node = area.Parent; node is not null; node = node.Parent)
        {
            UpdateNode(node);
        }
    }

    private static void UpdateNode(MemoryArea node)
    {
        ulong largest = node.Gap;
        if (node.Left is { } left && left.LargestGap > largest)
        {
            largest = left.LargestGap;
        }

        if (node.Right is { } right && right.LargestGap > largest)
        {
            largest = right.LargestGap;
        }

        node.LargestGap = largest;
    }

    // The node takes its parent's place, and the parent becomes its child.
    private void RotateUp(MemoryArea node)
    {
        MemoryArea parent = node.Parent!;
        Replace(parent, node);
        if (ReferenceEquals(parent.Left, node))
        {
            parent.Left = node.Right;
            if (node.Right is { } right)
            {
                right.Parent = parent;
            }

            node.Right = parent;
        }
        else
        {
            parent.Right = node.Left;
            if (node.Left is { } left)
            {
                left.Parent = parent;
            }

            node.Left = parent;
        }

        parent.Parent = node;
        UpdateNode(parent);
        UpdateNode(node);
    }

    private void Replace(MemoryArea node, MemoryArea? with)
    {
        MemoryArea? parent = node.Parent;
        if (parent is null)
        {
            _root = with;
        }
        else if (ReferenceEquals(parent.Left, node))
        {
            parent.Left = with;
        }
        else
        {
            parent.Right = with;
        }

        if (with is not null)
        {
            with.Parent = parent;
        }
    }

    private void Link(MemoryArea area, MemoryArea? below, MemoryArea? above)
    {
        area.Previous = below;
        area.Next = above;
        if (below is null)
        {
            First = area;
        }
        else
        {
            below.Next = area;
        }

        if (above is null)
        {
            Last = area;
        }
        else
        {
            above.Previous = area;
        }
    }

    private void Unlink(MemoryArea area)
    {
        if (area.Previous is { } below)
        {
            below.Next = area.Next;
        }
        else
        {
            First = area.Next;
        }

        if (area.Next is { } above)
        {
            above.Previous = area.Previous;
        }
        else
        {
            Last = area.Previous;
        }

        area.Next = null;
        area.Previous = null;
    }

    // Marsaglia's xorshift (Journal of Statistical Software 8, 2003); the seed is not a secret.
    private uint NextRandom()
    {
        uint x = _random;
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        _random = x;
        return x;
    }
}
