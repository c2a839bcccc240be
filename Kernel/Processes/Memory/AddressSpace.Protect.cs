using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Memory;

// mprotect(2).
public sealed partial class AddressSpace
{
    /// <summary>Changes what may be done in a range (mprotect(2)). What comes before an error is changed. Task context.</summary>
    /// <param name="start">A multiple of 4096.</param>
    /// <param name="bytes">Rounded up to pages; 0 does nothing.</param>
    /// <param name="protection">PROT_*, with PROT_GROWSDOWN if wanted.</param>
    /// <returns>EINVAL, EACCES, ENOMEM as mprotect(2) says.</returns>
    [MightSleep]
    public Errno Protect(ulong start, ulong bytes, MemoryProtection protection)
    {
        const MemoryProtection Grows = MemoryProtection.GrowsDown | MemoryProtection.GrowsUp;
        if ((protection & ~(MemoryProtection.All | MemoryProtection.Semaphore | Grows)) != 0 || (protection & Grows) == Grows || !IsAligned(start))
        {
            return Errno.EINVAL;
        }

        if (bytes == 0)
        {
            return Errno.Ok;
        }

        ulong length = PageUp(bytes);
        if (length == 0 || length > ulong.MaxValue - start)
        {
            return Errno.ENOMEM;
        }

        MemoryLimits limits = MemoryLimits.Current;
        DroppedAreas dropped = default;
        Errno error;
        using (_lock.EnterWrite())
        {
            error = ProtectLocked(start, start + length, protection, limits, ref dropped);
        }

        dropped.Release();
        return error;
    }

    [RequiresLock(nameof(_lock))]
    [MightSleep]
    private Errno ProtectLocked(ulong start, ulong end, MemoryProtection protection, in MemoryLimits limits, ref DroppedAreas dropped)
    {
        MemoryArea? area = _areas.FindOverlap(start, end);
        if (area is null)
        {
            return Errno.ENOMEM;
        }

        ulong at = start;
        if ((protection & MemoryProtection.GrowsDown) != 0)
        {
            if ((area.Flags & AreaFlags.GrowsDown) == 0)
            {
                return Errno.EINVAL;
            }

            at = area.Start;
        }
        else if ((protection & MemoryProtection.GrowsUp) != 0)
        {
            // No area grows up here.
            return Errno.EINVAL;
        }

        MemoryProtection wanted = protection & MemoryProtection.All;
        for (; at < end; area = area.Next)
        {
            if (area is null || area.Start > at)
            {
                return Errno.ENOMEM;
            }

            MemoryProtection now = wanted;
            if (limits.ReadImpliesExecute && (now & MemoryProtection.Read) != 0 && (area.MayProtection & MemoryProtection.Execute) != 0)
            {
                now |= MemoryProtection.Execute;
            }

            if (area.Protection != now)
            {
                Errno error = ProtectArea(ref area, at, end, now, limits);
                if (error != Errno.Ok)
                {
                    return error;
                }

                area = Join(area, ref dropped);
            }

            at = area.End;
        }

        return Errno.Ok;
    }

    [RequiresLock(nameof(_lock))]
    [MightSleep]
    private Errno ProtectArea(ref MemoryArea area, ulong start, ulong end, MemoryProtection protection, in MemoryLimits limits)
    {
        if ((protection & ~area.MayProtection) != 0)
        {
            return Errno.EACCES;
        }

        // The kernel's own pages change as a whole.
        if ((area.Flags & AreaFlags.Special) != 0 && (area.Start < start || area.End > end))
        {
            return Errno.EINVAL;
        }

        ulong from = area.Start > start ? area.Start : start;
        ulong to = area.End < end ? area.End : end;
        ulong pages = (to - from) >> PageShift;

        // Becomes data: counts for RLIMIT_DATA. Becomes writable: is promised, from now on for good.
        bool becomesData = !area.IsData && MemoryArea.IsDataOf(protection, area.Flags);
        if (becomesData && _dataPages + pages > limits.Data >> PageShift)
        {
            return Errno.ENOMEM;
        }

        bool commit = (area.Flags & AreaFlags.Committed) == 0 && IsCommitted(protection, area.Flags);
        if (commit && !CommittedMemory.TryCharge(pages, _totalPages, limits.IsAdministrator))
        {
            return Errno.ENOMEM;
        }

        Errno error = Isolate(ref area, from, to);
        if (error != Errno.Ok)
        {
            if (commit)
            {
                CommittedMemory.Uncharge(pages);
            }

            return error;
        }

        Count(area, pages, add: false);
        bool becomesWritten = area is { IsShared: true, Object.TracksWrites: true } && (protection & ~area.Protection & MemoryProtection.Write) != 0;
        area.Protection = protection;
        area.Flags |= commit ? AreaFlags.Committed : AreaFlags.None;
        Count(area, pages, add: true);
        if (becomesWritten)
        {
            // The object learns of each page that is written by the fault that asks for it.
            _pages.Unmap(from, to);
        }
        else
        {
            _pages.Protect(from, to, RightsOf(protection));
        }

        return Errno.Ok;
    }
}
