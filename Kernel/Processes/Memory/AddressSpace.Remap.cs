using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Memory;

// mremap(2).
public sealed partial class AddressSpace
{
    /// <summary>Makes a mapping larger or smaller, or moves it (mremap(2)). Task context.</summary>
    /// <param name="start">Where it is; a multiple of 4096.</param>
    /// <param name="oldBytes">Its size; 0: a shared mapping is mapped once more.</param>
    /// <param name="newBytes">The new size.</param>
    /// <param name="flags">MREMAP_*.</param>
    /// <param name="target">With MREMAP_FIXED: where to.</param>
    /// <returns>The address, or a negative errno.</returns>
    [MightSleep]
    public long Remap(ulong start, ulong oldBytes, ulong newBytes, RemapFlags flags, ulong target)
    {
        bool mayMove = (flags & RemapFlags.MayMove) != 0;
        bool isFixed = (flags & RemapFlags.Fixed) != 0;
        bool keep = (flags & RemapFlags.DontUnmap) != 0;
        if ((flags & ~RemapFlags.All) != 0 || (!mayMove && (isFixed || keep)) || !IsAligned(start))
        {
            return -(long)Errno.EINVAL;
        }

        if (keep && oldBytes != newBytes)
        {
            return -(long)Errno.EINVAL;
        }

        ulong oldLength = PageUp(oldBytes);
        ulong newLength = PageUp(newBytes);
        if (newLength == 0 || (oldBytes != 0 && oldLength == 0) || newLength > Limit || start > Limit || oldLength > Limit - start)
        {
            return -(long)Errno.EINVAL;
        }

        if (isFixed && (!IsAligned(target) || target > Limit - newLength || (start < target + newLength && target < start + oldLength)))
        {
            return -(long)Errno.EINVAL;
        }

        MemoryLimits limits = MemoryLimits.Current;
        if (isFixed && target < (limits.MayMapLow ? PageBytes : LowestAddress))
        {
            return -(long)Errno.EPERM;
        }

        DroppedAreas dropped = default;
        ulong result = start;
        ulong populateFrom = 0;
        Errno error;
        using (_lock.EnterWrite())
        {
            error = isFixed || keep
                ? RemapTo(start, oldLength, newLength, flags, target, limits, ref result, ref populateFrom, ref dropped)
                : RemapHere(start, oldLength, newLength, mayMove, limits, ref result, ref populateFrom, ref dropped);
        }

        dropped.Release();
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        if (populateFrom != 0)
        {
            _ = Populate(populateFrom, result + newLength, PopulateKind.Best);
        }

        return (long)result;
    }

    // Without a given place.
    [RequiresLock(nameof(_lock))]
    [MightSleep]
    private Errno RemapHere(
        ulong start,
        ulong oldLength,
        ulong newLength,
        bool mayMove,
        in MemoryLimits limits,
        ref ulong result,
        ref ulong populateFrom,
        ref DroppedAreas dropped)
    {
        if (_areas.Find(start) is null)
        {
            return Errno.EFAULT;
        }

        if (oldLength >= newLength)
        {
            return oldLength == newLength ? Errno.Ok : RemoveRange(start + newLength, start + oldLength, ref dropped);
        }

        Errno error = CheckRemap(start, oldLength, newLength, keep: false, limits, out MemoryArea? area);
        if (error != Errno.Ok)
        {
            return error;
        }

        ulong oldEnd = start + oldLength;
        if (oldLength != 0 && oldEnd == area!.End && CanExtend(area, start + newLength))
        {
            ulong pages = (newLength - oldLength) >> PageShift;
            if ((area.Flags & AreaFlags.Committed) != 0 && !CommittedMemory.TryCharge(pages, _totalPages, limits.IsAdministrator))
            {
                return Errno.ENOMEM;
            }

            area.ResizeTo(start + newLength);
            _areas.Changed(area);
            Count(area, pages, add: true);
            area = Join(area, ref dropped);
            populateFrom = MustPopulate(area) ? oldEnd : 0;
            return Errno.Ok;
        }

        if (!mayMove)
        {
            return Errno.ENOMEM;
        }

        return TryFindGap(newLength, PageBytes, low: false, guard: 0, out result)
            ? Move(area!, start, oldLength, result, newLength, keep: false, limits, ref populateFrom, ref dropped)
            : Errno.ENOMEM;
    }

    // To a given place, or away from one that stays.
    [RequiresLock(nameof(_lock))]
    [MightSleep]
    private Errno RemapTo(
        ulong start,
        ulong oldLength,
        ulong newLength,
        RemapFlags flags,
        ulong target,
        in MemoryLimits limits,
        ref ulong result,
        ref ulong populateFrom,
        ref DroppedAreas dropped)
    {
        bool keep = (flags & RemapFlags.DontUnmap) != 0;
        if (_areas.Count + 2 > MaximumAreas)
        {
            return Errno.ENOMEM;
        }

        // What cannot be done is found out before what is at the target goes. (Linux unmaps it first.)
        ulong moved = oldLength < newLength ? oldLength : newLength;
        Errno error = CheckRemap(start, moved, newLength, keep, limits, out MemoryArea? area);
        if (error == Errno.Ok && oldLength > newLength)
        {
            error = RemoveRange(start + newLength, start + oldLength, ref dropped);
            area = _areas.Find(start);
        }

        if (error == Errno.Ok && (flags & RemapFlags.Fixed) != 0)
        {
            error = RemoveRange(target, target + newLength, ref dropped);
            area = _areas.Find(start);
            result = target;
        }
        else if (error == Errno.Ok)
        {
            error = TryFindGap(newLength, PageBytes, low: false, guard: 0, out result) ? Errno.Ok : Errno.ENOMEM;
        }

        return error == Errno.Ok ? Move(area!, start, moved, result, newLength, keep, limits, ref populateFrom, ref dropped) : error;
    }

    // What must hold before anything is changed.
    [RequiresLock(nameof(_lock))]
    private Errno CheckRemap(ulong start, ulong oldLength, ulong newLength, bool keep, in MemoryLimits limits, out MemoryArea? area)
    {
        area = _areas.Find(start);
        if (area is null)
        {
            return Errno.EFAULT;
        }

        if ((oldLength == 0 && !area.IsShared) || (keep && (area.Flags & AreaFlags.Special) != 0))
        {
            return Errno.EINVAL;
        }

        if (oldLength > area.End - start || ((area.Flags & AreaFlags.Special) != 0 && (oldLength != newLength || oldLength != area.Bytes)))
        {
            return Errno.EFAULT;
        }

        if (area.Object is not null && area.ObjectPageOf(start) + (newLength >> PageShift) < area.ObjectPageOf(start))
        {
            return Errno.EINVAL;
        }

        ulong more = (keep ? newLength : newLength - oldLength) >> PageShift;
        if ((area.Flags & AreaFlags.Locked) != 0 && !MayLock(limits, keep ? 0 : more))
        {
            return Errno.EAGAIN;
        }

        return MayGrow(limits, more, area.IsData) ? Errno.Ok : Errno.ENOMEM;
    }

    // The area's end can move up: nothing is there, nor the guard gap of what is above.
    private static bool CanExtend(MemoryArea area, ulong end) => end <= Limit && (area.Next is not { } next || end <= next.GapEnd);

    private static bool MustPopulate(MemoryArea area) =>
        (area.Flags & (AreaFlags.Locked | AreaFlags.LockOnFault)) == AreaFlags.Locked && area.Protection != MemoryProtection.None;

    [RequiresLock(nameof(_lock))]
    [MightSleep]
    private Errno Move(
        MemoryArea area,
        ulong start,
        ulong oldLength,
        ulong target,
        ulong newLength,
        bool keep,
        in MemoryLimits limits,
        ref ulong populateFrom,
        ref DroppedAreas dropped)
    {
        // The old area may have to be cut twice.
        if (_areas.Count + 2 > MaximumAreas)
        {
            return Errno.ENOMEM;
        }

        // The new range is promised as a whole; the old one is given back when it goes.
        ulong pages = newLength >> PageShift;
        bool committed = (area.Flags & AreaFlags.Committed) != 0;
        MemoryArea moved = new(this);
        if (committed && !CommittedMemory.TryCharge(pages, _totalPages, limits.IsAdministrator))
        {
            return Errno.ENOMEM;
        }

        moved.CopyFrom(area);
        if (keep)
        {
            // What stays behind keeps the lock, what moves has none (mremap(2) counts it once).
            moved.Flags &= ~(AreaFlags.Locked | AreaFlags.LockOnFault);
        }

        moved.Place(target, target + newLength, area.ObjectPageOf(start));
        Enter(moved);
        if (!MovePages(moved, start, target, oldLength))
        {
            // All is as before.
            _areas.Remove(moved);
            Count(moved, pages, add: false);
            Uncommit(moved, pages);
            moved.Object?.Remove(moved);
            dropped.Add(moved);
            return Errno.ENOMEM;
        }

        Errno error = keep || oldLength == 0 ? Errno.Ok : RemoveRange(start, start + oldLength, ref dropped);
        moved = Join(moved, ref dropped);
        populateFrom = MustPopulate(moved) ? target + oldLength : 0;
        return error;
    }

    // While an object's pages move, nobody walks over its mappings: a page that is on its way would be missed.
    [MightSleep]
    private bool MovePages(MemoryArea area, ulong from, ulong to, ulong bytes)
    {
        if (area.Object is { } shown)
        {
            using (shown.HoldMappings())
            {
                return MovePages(from, to, bytes);
            }
        }

        return MovePages(from, to, bytes);
    }

    // False: there is no memory for tables, and nothing has moved.
    [MightSleep]
    private bool MovePages(ulong from, ulong to, ulong bytes) => bytes == 0 || _pages.Move(from, to, bytes);

    /// <summary>Shows another part of the object in a range of a shared mapping (remap_file_pages(2)). Task context.</summary>
    /// <param name="start">First address.</param>
    /// <param name="bytes">Size; rounded up to pages.</param>
    /// <param name="page">Number of the page of the object that comes first.</param>
    /// <param name="flags">Only MAP_NONBLOCK counts.</param>
    /// <returns>EINVAL: no range of one shared mapping, or beyond what offsets hold. As mmap(2).</returns>
    [MightSleep]
    public Errno Rearrange(ulong start, ulong bytes, ulong page, MapFlags flags)
    {
        start = PageDown(start);
        ulong length = PageUp(bytes);
        const ulong Most = (ulong)long.MaxValue >> PageShift;
        if (length == 0 || start > Limit || length > Limit - start || page > Most - (length >> PageShift))
        {
            return Errno.EINVAL;
        }

        MappingSource source;
        MemoryProtection protection;
        using (_lock.EnterRead())
        {
            MemoryArea? area = _areas.FindFrom(start);
            if (area is not { IsShared: true, Object: not null } || area.Start > start || area.End < start + length)
            {
                return Errno.EINVAL;
            }

            area.File?.AddReference();
            protection = area.Protection;
            source = new MappingSource(area.Object, page << PageShift, area.MayProtection, area.File);
        }

        try
        {
            long result = Map(start, length, protection, MapFlags.Shared | MapFlags.Fixed | MapFlags.Populate | (flags & MapFlags.NonBlock), source);
            return result < 0 ? (Errno)(-result) : Errno.Ok;
        }
        finally
        {
            source.File?.Release();
        }
    }
}
