using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Memory;

// Areas: entering and leaving, cutting and joining.
public sealed partial class AddressSpace
{
    // A new area, or a part of one, becomes a part of the address space. All that can fail is done.
    [RequiresLock(nameof(_lock))]
    [MightSleep]
    private void Enter(MemoryArea area)
    {
        _areas.Insert(area);
        Count(area, area.Pages, add: true);
        area.Object?.Add(area);
    }

    // An area goes as a whole. Its pages are the caller's affair.
    [RequiresLock(nameof(_lock))]
    [MightSleep]
    private void Leave(MemoryArea area, ref DroppedAreas dropped)
    {
        _areas.Remove(area);
        Count(area, area.Pages, add: false);
        Uncommit(area, area.Pages);
        area.Object?.Remove(area);
        dropped.Add(area);
    }

    // The upper part becomes an area of its own. At each moment every page is in an area of its object's list, so that none is missed when the object loses pages.
    [RequiresLock(nameof(_lock))]
    [MightSleep]
    private void Split(MemoryArea area, ulong at, MemoryArea upper)
    {
        upper.CopyFrom(area);
        upper.Place(at, area.End, area.ObjectPageOf(at));
        upper.Object?.Add(upper);
        area.Resize(area.Start, at);
        _areas.Changed(area);
        _areas.Insert(upper);
    }

    // Cuts an area to its part within a range; the rest on both sides are areas of their own. ENOMEM: too many areas.
    [RequiresLock(nameof(_lock))]
    [MightSleep]
    private Errno Isolate(ref MemoryArea area, ulong start, ulong end)
    {
        if (area.Start < start)
        {
            if (_areas.Count >= MaximumAreas)
            {
                return Errno.ENOMEM;
            }

            MemoryArea upper = new(this);
            Split(area, start, upper);
            area = upper;
        }

        if (area.End > end)
        {
            if (_areas.Count >= MaximumAreas)
            {
                return Errno.ENOMEM;
            }

            Split(area, end, new MemoryArea(this));
        }

        return Errno.Ok;
    }

    // Joins an area with its neighbours where they are alike, and tells which one is there now.
    [RequiresLock(nameof(_lock))]
    [MightSleep]
    private MemoryArea Join(MemoryArea area, ref DroppedAreas dropped)
    {
        if (area.Next is { } next && area.CanJoin(next))
        {
            Absorb(area, next, ref dropped);
        }

        if (area.Previous is { } previous && previous.CanJoin(area))
        {
            Absorb(previous, area, ref dropped);
            return previous;
        }

        return area;
    }

    [RequiresLock(nameof(_lock))]
    [MightSleep]
    private void Absorb(MemoryArea area, MemoryArea next, ref DroppedAreas dropped)
    {
        ulong end = next.End;
        if (next.HasOwnPages)
        {
            area.HasOwnPages = true;
        }

        // First the one grows, then the other one goes: see Split.
        area.ResizeTo(end);
        _areas.Remove(next);
        _areas.Changed(area);
        next.Object?.Remove(next);
        dropped.Add(next);
    }

    // Takes a range out of all areas, and its pages out of the page table. ENOMEM: it would take one area more than there may be. EINVAL: it would cut an area that cannot be. Then nothing is done.
    [RequiresLock(nameof(_lock))]
    [MightSleep]
    private Errno RemoveRange(ulong start, ulong end, ref DroppedAreas dropped)
    {
        MemoryArea? area = _areas.FindOverlap(start, end);
        if (area is null)
        {
            return Errno.Ok;
        }

        if (IsUncuttable(area, start, end) || (_areas.Find(end - 1) is { } last && IsUncuttable(last, start, end)))
        {
            return Errno.EINVAL;
        }

        if (area.Start < start && area.End > end)
        {
            if (_areas.Count >= MaximumAreas)
            {
                return Errno.ENOMEM;
            }

            Split(area, end, new MemoryArea(this));
        }

        NotePeaks();
        while (area is not null && area.Start < end)
        {
            MemoryArea? next = area.Next;
            if (area.Start < start)
            {
                Shrink(area, area.Start, start);
            }
            else if (area.End > end)
            {
                Shrink(area, end, area.End);
            }
            else
            {
                Leave(area, ref dropped);
            }

            area = next;
        }

        _pages.Unmap(start, end);
        return Errno.Ok;
    }

    [RequiresLock(nameof(_lock))]
    [MightSleep]
    private void Shrink(MemoryArea area, ulong start, ulong end)
    {
        ulong gone = area.Pages - ((end - start) >> PageShift);
        Count(area, gone, add: false);
        Uncommit(area, gone);
        area.Resize(start, end);
        _areas.Changed(area);
    }

    private static bool IsUncuttable(MemoryArea area, ulong start, ulong end) =>
        (area.Flags & AreaFlags.Special) != 0 && (area.Start < start || area.End > end);
}
