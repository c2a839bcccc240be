using CosmosKernel.Abi;
using CosmosKernel.Files;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Memory;

// mmap(2) and munmap(2).
public sealed partial class AddressSpace
{
    // MAP_32BIT: the second gigabyte (mmap(2)).
    private const ulong LowMapStart = 0x4000_0000;
    private const ulong LowMapEnd = 0x8000_0000;

    /// <summary>Makes a mapping (mmap(2)). Task context. What concerns the file and its descriptor has been checked; everything else is checked here.</summary>
    /// <param name="hint">Where, if possible; with MAP_FIXED and MAP_FIXED_NOREPLACE: exactly there.</param>
    /// <param name="bytes">Size; rounded up to pages.</param>
    /// <param name="protection">What may be done.</param>
    /// <param name="flags">MAP_*: of the types, MAP_SHARED_VALIDATE means MAP_SHARED here.</param>
    /// <param name="source">What it shows.</param>
    /// <param name="alignment">The address is a multiple of this, unless it is fixed: a power of 2, 4096 or more.</param>
    /// <returns>The address, or a negative errno.</returns>
    [MightSleep]
    public long Map(ulong hint, ulong bytes, MemoryProtection protection, MapFlags flags, in MappingSource source, ulong alignment = PageBytes)
    {
        MemoryLimits limits = MemoryLimits.Current;
        Errno error = PrepareMap(ref hint, ref bytes, ref protection, ref flags, source, limits, out AreaFlags kind);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        // First what may throw for want of memory: nothing is to be undone yet.
        MemoryArea area = new(this) { Protection = protection, MayProtection = source.MayProtection, Flags = kind, Label = source.Label };
        bool isShared = (kind & AreaFlags.Shared) != 0;
        MappedObject? shown = source.Object;
        if (shown is null && isShared)
        {
            error = SharedAnonymousMemory.TryCreate(bytes, (kind & AreaFlags.NoReserve) == 0, limits, Use.Total, out SharedAnonymousMemory? memory);
            shown = memory;
        }

        if (error == Errno.Ok && shown is not null)
        {
            error = shown.BeginMapping(area.IsSharedWritable);
        }

        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        area.Object = shown;
        area.File = source.File;
        area.File?.AddReference();
        DroppedAreas dropped = default;
        bool populate;
        using (_lock.EnterWrite())
        {
            error = MapLocked(area, ref hint, bytes, flags, source.Offset, alignment, limits, ref dropped, out populate);
        }

        if (error != Errno.Ok)
        {
            area.Drop();
        }

        dropped.Release();
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        if (populate)
        {
            // Its errors are not mmap's: what could not be faulted in is when it is touched.
            _ = Populate(hint, hint + bytes, PopulateKind.Best);
        }

        return (long)hint;
    }

    /// <summary>Takes mappings away (munmap(2)). Task context.</summary>
    /// <returns>EINVAL: a bad range. ENOMEM: too many areas.</returns>
    [MightSleep]
    public Errno Unmap(ulong start, ulong bytes)
    {
        ulong length = PageUp(bytes);
        if (!IsAligned(start) || length == 0 || start > Limit || length > Limit - start)
        {
            return Errno.EINVAL;
        }

        DroppedAreas dropped = default;
        Errno error;
        using (_lock.EnterWrite())
        {
            error = RemoveRange(start, start + length, ref dropped);
        }

        dropped.Release();
        return error;
    }

    // What needs no lock: arguments, and the flags of the area.
    private static Errno PrepareMap(
        ref ulong hint,
        ref ulong bytes,
        ref MemoryProtection protection,
        ref MapFlags flags,
        in MappingSource source,
        in MemoryLimits limits,
        out AreaFlags kind)
    {
        kind = source.Extra;
        protection &= MemoryProtection.All;
        if (bytes == 0)
        {
            return Errno.EINVAL;
        }

        bytes = PageUp(bytes);
        if (bytes == 0 || bytes > Limit)
        {
            return Errno.ENOMEM;
        }

        if (source.Object is not null && source.Offset > ulong.MaxValue - bytes)
        {
            return Errno.EOVERFLOW;
        }

        if (limits.ReadImpliesExecute && (protection & MemoryProtection.Read) != 0 && (source.MayProtection & MemoryProtection.Execute) != 0)
        {
            protection |= MemoryProtection.Execute;
        }

        if ((flags & MapFlags.FixedNoReplace) != 0)
        {
            flags |= MapFlags.Fixed;
        }

        if ((flags & MapFlags.Fixed) == 0)
        {
            hint = PageDown(hint);
            hint = hint != 0 && hint < LowestAddress ? LowestAddress : hint;
        }

        bool isShared = (flags & MapFlags.TypeMask) is MapFlags.Shared or MapFlags.SharedValidate;
        if (isShared)
        {
            kind |= AreaFlags.Shared;
        }

        if ((flags & MapFlags.GrowsDown) != 0)
        {
            if (isShared || source.Object is not null)
            {
                return Errno.EINVAL;
            }

            kind |= AreaFlags.GrowsDown;
        }

        if ((flags & MapFlags.NoReserve) != 0 && CommittedMemory.Policy != OvercommitPolicy.Never)
        {
            kind |= AreaFlags.NoReserve;
        }

        if ((flags & MapFlags.Locked) != 0)
        {
            if (limits.Locked == 0 && !limits.MayLockAny)
            {
                return Errno.EPERM;
            }

            kind |= AreaFlags.Locked;
        }

        return (protection & ~source.MayProtection) != 0 ? Errno.EACCES : Errno.Ok;
    }

    [RequiresLock(nameof(_lock))]
    [MightSleep]
    private Errno MapLocked(
        MemoryArea area,
        ref ulong start,
        ulong bytes,
        MapFlags flags,
        ulong offset,
        ulong alignment,
        in MemoryLimits limits,
        ref DroppedAreas dropped,
        out bool populate)
    {
        populate = false;
        Errno error = FindPlace(ref start, bytes, flags, alignment, (area.Flags & AreaFlags.GrowsDown) != 0, limits);
        if (error != Errno.Ok)
        {
            return error;
        }

        ulong end = start + bytes;
        area.Flags |= (area.Flags & AreaFlags.Special) == 0 ? _futureFlags : AreaFlags.None;
        ulong pages = bytes >> PageShift;
        ulong replaced = (flags & MapFlags.Fixed) == 0 ? 0 : CountPages(start, end);
        if (!MayGrow(limits, pages, area.IsData) && (replaced == 0 || !MayGrow(limits, pages - replaced, area.IsData)))
        {
            return Errno.ENOMEM;
        }

        if ((area.Flags & AreaFlags.Locked) != 0 && !MayLock(limits, pages))
        {
            return Errno.EAGAIN;
        }

        // One more than there may be now: Linux counts so, too.
        if (_areas.Count > MaximumAreas)
        {
            return Errno.ENOMEM;
        }

        if (IsCommitted(area.Protection, area.Flags))
        {
            if (!CommittedMemory.TryCharge(pages, _totalPages, limits.IsAdministrator))
            {
                return Errno.ENOMEM;
            }

            area.Flags |= AreaFlags.Committed;
        }

        area.Place(start, end, area.Object is null ? start >> PageShift : area.Object is SharedAnonymousMemory ? 0 : offset >> PageShift);
        error = replaced == 0 ? Errno.Ok : RemoveRange(start, end, ref dropped);
        if (error != Errno.Ok)
        {
            Uncommit(area, pages);
            return error;
        }

        Enter(area);
        MemoryArea joined = Join(area, ref dropped);
        bool onFault = (joined.Flags & AreaFlags.LockOnFault) != 0;
        populate = ((flags & (MapFlags.Populate | MapFlags.NonBlock)) == MapFlags.Populate || (joined.Flags & AreaFlags.Locked) != 0)
            && !onFault
            && joined.Protection != MemoryProtection.None;
        return Errno.Ok;
    }

    // Chooses an address, or checks the given one.
    [RequiresLock(nameof(_lock))]
    private Errno FindPlace(ref ulong start, ulong bytes, MapFlags flags, ulong alignment, bool growsDown, in MemoryLimits limits)
    {
        if ((flags & MapFlags.Fixed) != 0)
        {
            if (start > Limit - bytes)
            {
                return Errno.ENOMEM;
            }

            if (!IsAligned(start))
            {
                return Errno.EINVAL;
            }

            if (start < (limits.MayMapLow ? PageBytes : LowestAddress))
            {
                return Errno.EPERM;
            }

            return (flags & MapFlags.FixedNoReplace) != 0 && _areas.FindOverlap(start, start + bytes) is not null ? Errno.EEXIST : Errno.Ok;
        }

        if (start != 0 && (start & (alignment - 1)) == 0 && start <= Limit - bytes && IsFree(start, start + bytes))
        {
            return Errno.Ok;
        }

        return TryFindGap(bytes, alignment, (flags & MapFlags.Bits32) != 0, growsDown ? AreaTree.GuardGap : 0, out start) ? Errno.Ok : Errno.ENOMEM;
    }

    [RequiresLock(nameof(_lock))]
    private bool TryFindGap(ulong bytes, ulong alignment, bool low, ulong guard, out ulong start)
    {
        // The guard of what grows down lies below it, and room for the alignment is cut off afterwards.
        ulong slack = alignment - PageBytes;
        start = 0;
        if (bytes > Limit - guard - slack)
        {
            return false;
        }

        ulong room = bytes + guard + slack;
        bool found = low
            ? _areas.TryFindLowest(room, LowMapStart, LowMapEnd, out start)
            : (!Layout.GrowsUp && _areas.TryFindHighest(room, LowestAddress, Layout.MapTop, out start))
                || _areas.TryFindLowest(room, Layout.MapBottom, Limit, out start)
                || _areas.TryFindLowest(room, LowestAddress, Limit, out start);
        start = unchecked(start + guard + slack) & ~(alignment - 1);
        return found;
    }

    // Nothing is there, and no guard gap of an area above.
    [RequiresLock(nameof(_lock))]
    private bool IsFree(ulong start, ulong end) => _areas.FindFrom(start) is not { } area || end <= area.GapEnd;

    // Pages of areas within a range.
    [RequiresLock(nameof(_lock))]
    private ulong CountPages(ulong start, ulong end)
    {
        ulong pages = 0;
        for (MemoryArea? area = _areas.FindOverlap(start, end); area is not null && area.Start < end; area = area.Next)
        {
            ulong from = area.Start > start ? area.Start : start;
            ulong to = area.End < end ? area.End : end;
            pages += (to - from) >> PageShift;
        }

        return pages;
    }
}
