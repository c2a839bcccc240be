using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Tasks;

namespace CosmosKernel.Processes.Memory;

// Faulting in beforehand, and locking in memory: mlock(2), mlockall(2), MAP_POPULATE, MADV_POPULATE_*.
public sealed partial class AddressSpace
{
    // Pages that are faulted in before others get the lock.
    private const int PopulateBatch = 64;

    /// <summary>Locks pages in memory, which they never leave here, and faults them in (mlock2(2)). Task context.</summary>
    /// <returns>EPERM, ENOMEM, EAGAIN, EINTR as mlock2(2) says.</returns>
    [MightSleep]
    public Errno Lock(ulong start, ulong bytes, LockFlags flags)
    {
        MemoryLimits limits = MemoryLimits.Current;
        if (limits.Locked == 0 && !limits.MayLockAny)
        {
            return Errno.EPERM;
        }

        Errno error = TryGetLockRange(ref start, bytes, out ulong end);
        if (error != Errno.Ok || start == end)
        {
            return error;
        }

        AreaFlags set = AreaFlags.Locked | ((flags & LockFlags.OnFault) != 0 ? AreaFlags.LockOnFault : AreaFlags.None);
        DroppedAreas dropped = default;
        using (_lock.EnterWrite())
        {
            ulong pages = (end - start) >> PageShift;
            error = MayLock(limits, pages) || MayLock(limits, pages - CountLocked(start, end))
                ? SetFlags(start, end, AreaFlags.Locked | AreaFlags.LockOnFault, set, ref dropped)
                : Errno.ENOMEM;
        }

        dropped.Release();
        return error == Errno.Ok && (flags & LockFlags.OnFault) == 0 ? Populate(start, end, PopulateKind.Lock) : error;
    }

    /// <summary>Undoes <see cref="Lock"/> (munlock(2)). Task context.</summary>
    [MightSleep]
    public Errno Unlock(ulong start, ulong bytes)
    {
        Errno error = TryGetLockRange(ref start, bytes, out ulong end);
        if (error != Errno.Ok || start == end)
        {
            return error;
        }

        DroppedAreas dropped = default;
        using (_lock.EnterWrite())
        {
            error = SetFlags(start, end, AreaFlags.Locked | AreaFlags.LockOnFault, AreaFlags.None, ref dropped);
        }

        dropped.Release();
        return error;
    }

    /// <summary>Locks all areas, those to come, or both (mlockall(2)). Task context.</summary>
    [MightSleep]
    public Errno LockAll(LockAllFlags flags)
    {
        MemoryLimits limits = MemoryLimits.Current;
        if ((flags & ~LockAllFlags.All) != 0 || (flags & (LockAllFlags.Current | LockAllFlags.Future)) == 0)
        {
            return Errno.EINVAL;
        }

        if (limits.Locked == 0 && !limits.MayLockAny)
        {
            return Errno.EPERM;
        }

        AreaFlags set = AreaFlags.Locked | ((flags & LockAllFlags.OnFault) != 0 ? AreaFlags.LockOnFault : AreaFlags.None);
        DroppedAreas dropped = default;
        using (_lock.EnterWrite())
        {
            bool current = (flags & LockAllFlags.Current) != 0;
            if (current && !limits.MayLockAny && _totalPages > limits.Locked >> PageShift)
            {
                return Errno.ENOMEM;
            }

            _futureFlags = (flags & LockAllFlags.Future) != 0 ? set : AreaFlags.None;
            if (current)
            {
                SetAllFlags(set, ref dropped);
            }
        }

        dropped.Release();
        if ((flags & (LockAllFlags.Current | LockAllFlags.OnFault)) == LockAllFlags.Current)
        {
            // mlockall(2) does not tell what could not be faulted in.
            _ = Populate(0, Limit, PopulateKind.Best);
        }

        return Errno.Ok;
    }

    /// <summary>Undoes <see cref="LockAll"/> and all locks (munlockall(2)). Task context.</summary>
    [MightSleep]
    public void UnlockAll()
    {
        DroppedAreas dropped = default;
        using (_lock.EnterWrite())
        {
            _futureFlags = AreaFlags.None;
            SetAllFlags(AreaFlags.None, ref dropped);
        }

        dropped.Release();
    }

    private static Errno TryGetLockRange(ref ulong start, ulong bytes, out ulong end)
    {
        ulong offset = start & (PageBytes - 1);
        start -= offset;
        ulong length = bytes > ulong.MaxValue - offset ? 0 : PageUp(bytes + offset);
        end = unchecked(start + length);
        return (bytes != 0 && length == 0) || end < start ? Errno.EINVAL : Errno.Ok;
    }

    // Sets flags in a range. ENOMEM: a part of it is not mapped; what is before it has the flags.
    [RequiresLock(nameof(_lock))]
    [MightSleep]
    private Errno SetFlags(ulong start, ulong end, AreaFlags mask, AreaFlags set, ref DroppedAreas dropped)
    {
        ulong at = start;
        for (MemoryArea? area = _areas.FindFrom(start); at < end; area = area.Next)
        {
            if (area is null || area.Start > at)
            {
                return Errno.ENOMEM;
            }

            if ((area.Flags & AreaFlags.Special) == 0 && (area.Flags & mask) != set)
            {
                Errno error = Isolate(ref area, at, end);
                if (error != Errno.Ok)
                {
                    return error;
                }

                ChangeFlags(area, mask, set);
                area = Join(area, ref dropped);
            }

            at = area.End;
        }

        return Errno.Ok;
    }

    [RequiresLock(nameof(_lock))]
    [MightSleep]
    private void SetAllFlags(AreaFlags set, ref DroppedAreas dropped)
    {
        for (MemoryArea? area = _areas.First; area is not null; area = area.Next)
        {
            if ((area.Flags & AreaFlags.Special) == 0)
            {
                ChangeFlags(area, AreaFlags.Locked | AreaFlags.LockOnFault, set);
                area = Join(area, ref dropped);
            }
        }
    }

    [RequiresLock(nameof(_lock))]
    private void ChangeFlags(MemoryArea area, AreaFlags mask, AreaFlags set)
    {
        Count(area, area.Pages, add: false);
        area.Flags = (area.Flags & ~mask) | set;
        Count(area, area.Pages, add: true);
    }

    [RequiresLock(nameof(_lock))]
    private ulong CountLocked(ulong start, ulong end)
    {
        ulong pages = 0;
        for (MemoryArea? area = _areas.FindOverlap(start, end); area is not null && area.Start < end; area = area.Next)
        {
            if ((area.Flags & AreaFlags.Locked) != 0)
            {
                ulong from = area.Start > start ? area.Start : start;
                ulong to = area.End < end ? area.End : end;
                pages += (to - from) >> PageShift;
            }
        }

        return pages;
    }

    // Faults a range in. With Best the first error ends it, and is told; the other kinds have mlock's and madvise's errors.
    [MightSleep]
    private Errno Populate(ulong start, ulong end, PopulateKind kind)
    {
        ulong at = start;
        while (at < end)
        {
            if (TaskStruct.Current.IsKilled)
            {
                return Errno.EINTR;
            }

            using (_lock.EnterRead())
            {
                Errno error = PopulateBatchOf(ref at, end, kind);
                if (error != Errno.Ok)
                {
                    return error;
                }
            }
        }

        return Errno.Ok;
    }

    [RequiresLock(nameof(_lock), Shared = true)]
    [MightSleep]
    private Errno PopulateBatchOf(ref ulong at, ulong end, PopulateKind kind)
    {
        MemoryArea? area = _areas.FindFrom(at);
        if (area is null || area.Start > at)
        {
            if (kind != PopulateKind.Best)
            {
                return Errno.ENOMEM;
            }

            at = area is null || area.Start > end ? end : area.Start;
            return Errno.Ok;
        }

        if (!TryGetPopulateAccess(area, kind, out UserAccessKind access))
        {
            if (kind != PopulateKind.Best)
            {
                return kind == PopulateKind.Lock ? Errno.ENOMEM : Errno.EINVAL;
            }

            at = area.End;
            return Errno.Ok;
        }

        ulong stop = area.End < end ? area.End : end;
        for (int i = 0; i < PopulateBatch && at < stop; i++)
        {
            FaultError error = Resolve(area, at, access);
            if (error != FaultError.None)
            {
                return error == FaultError.OutOfMemory
                    ? kind == PopulateKind.Lock ? Errno.EAGAIN : Errno.ENOMEM
                    : kind == PopulateKind.Lock ? Errno.ENOMEM : Errno.EFAULT;
            }

            at += PageBytes;
        }

        return Errno.Ok;
    }

    private static bool TryGetPopulateAccess(MemoryArea area, PopulateKind kind, out UserAccessKind access)
    {
        bool writable = (area.Protection & MemoryProtection.Write) != 0;
        access = kind switch
        {
            PopulateKind.Read => UserAccessKind.Read,
            PopulateKind.Write => UserAccessKind.Write,

            // A private page is copied now rather than later; a shared one is not made dirty.
            _ => writable && !area.IsShared ? UserAccessKind.Write : UserAccessKind.Read,
        };
        return IsAllowed(area.Protection, access);
    }
}
