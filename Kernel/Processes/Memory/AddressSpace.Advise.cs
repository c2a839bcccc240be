using System;
using CosmosKernel.Abi;
using CosmosKernel.Files;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Processes.Memory;

// madvise(2), msync(2), mincore(2).
public sealed partial class AddressSpace
{
    /// <summary>Takes advice on a range (madvise(2)). Task context.</summary>
    /// <param name="start">A multiple of 4096.</param>
    /// <param name="bytes">Rounded up to pages.</param>
    /// <param name="advice">Huge pages, merging of equal pages and poisoning do not exist here: EINVAL, as on a Linux without them.</param>
    /// <returns>EINVAL; EACCES; ENOMEM when a part is not mapped, after the rest was advised; as madvise(2) says.</returns>
    [MightSleep]
    public Errno Advise(ulong start, ulong bytes, MemoryAdvice advice)
    {
        if (!IsKnown(advice) || !IsAligned(start))
        {
            return Errno.EINVAL;
        }

        ulong length = PageUp(bytes);
        if ((bytes != 0 && length == 0) || length > ulong.MaxValue - start)
        {
            return Errno.EINVAL;
        }

        if (length == 0)
        {
            return Errno.Ok;
        }

        ulong end = start + length;
        switch (advice)
        {
            case MemoryAdvice.PopulateRead:
                return Populate(start, end, PopulateKind.Read);
            case MemoryAdvice.PopulateWrite:
                return Populate(start, end, PopulateKind.Write);
            case MemoryAdvice.Remove:
                return RemoveContents(start, end);
            case MemoryAdvice.DontNeed or MemoryAdvice.DontNeedLocked or MemoryAdvice.Free or MemoryAdvice.WillNeed or MemoryAdvice.Cold or MemoryAdvice.PageOut:
                using (_lock.EnterRead())
                {
                    return Discard(start, end, advice);
                }

            default:
                DroppedAreas dropped = default;
                Errno error;
                using (_lock.EnterWrite())
                {
                    error = AdviseFlags(start, end, advice, ref dropped);
                }

                dropped.Release();
                return error;
        }
    }

    /// <summary>Writes back what was changed through shared mappings (msync(2)); what is not to be waited for is left to write-back. Task context.</summary>
    /// <returns>EINVAL, EBUSY, ENOMEM as msync(2) says; EIO and others of writing.</returns>
    [MightSleep]
    public Errno Sync(ulong start, ulong bytes, SyncFlags flags)
    {
        if ((flags & ~SyncFlags.All) != 0 || !IsAligned(start) || (flags & (SyncFlags.Async | SyncFlags.Sync)) == (SyncFlags.Async | SyncFlags.Sync))
        {
            return Errno.EINVAL;
        }

        ulong length = PageUp(bytes);
        if ((bytes != 0 && length == 0) || length > ulong.MaxValue - start)
        {
            return Errno.ENOMEM;
        }

        ulong at = start;
        ulong end = start + length;
        bool hole = false;
        while (at < end)
        {
            OpenFile? file = null;
            long offset = 0;
            long part = 0;
            using (_lock.EnterRead())
            {
                MemoryArea? area = _areas.FindFrom(at);
                if (area is null || area.Start >= end)
                {
                    return Errno.ENOMEM;
                }

                hole |= area.Start > at;
                if ((flags & SyncFlags.Invalidate) != 0 && (area.Flags & AreaFlags.Locked) != 0)
                {
                    return Errno.EBUSY;
                }

                ulong from = Math.Max(at, area.Start);
                at = area.End;
                if ((flags & SyncFlags.Sync) != 0 && area.IsShared && area.File is { } shown && shown.TryAddReference())
                {
                    file = shown;
                    offset = (long)(area.ObjectPageOf(from) << PageShift);
                    part = (long)(Math.Min(at, end) - from);
                }
            }

            // Writing may take long: others may change the mappings meanwhile.
            Errno error = file?.SyncMapped(offset, part) ?? Errno.Ok;
            file?.Release();
            if (error != Errno.Ok)
            {
                return error;
            }
        }

        return hole ? Errno.ENOMEM : Errno.Ok;
    }

    /// <summary>Tells which pages are in memory (mincore(2)). Task context.</summary>
    /// <param name="start">A multiple of 4096.</param>
    /// <param name="resident">For each page 1 or 0.</param>
    /// <returns>ENOMEM: a part is not mapped.</returns>
    [MightSleep]
    public Errno FindResident(ulong start, System.Span<byte> resident)
    {
        using (_lock.EnterRead())
        {
            MemoryArea? area = null;
            for (int i = 0; i < resident.Length; i++)
            {
                ulong at = start + ((ulong)i << PageShift);
                area = area is not null && at < area.End ? area : _areas.Find(at);
                if (area is null)
                {
                    return Errno.ENOMEM;
                }

                bool present = _pages.TryTake(at, out Page page, out _)
                    || (area.Object is { } shown && shown.TryFindPage(area.ObjectPageOf(at), out page));
                if (present)
                {
                    page.Release();
                }

                resident[i] = present ? (byte)1 : (byte)0;
            }
        }

        return Errno.Ok;
    }

    private static bool IsKnown(MemoryAdvice advice) => advice
        is (>= MemoryAdvice.Normal and <= MemoryAdvice.DontNeed)
        or (>= MemoryAdvice.Free and <= MemoryAdvice.DoFork)
        or (>= MemoryAdvice.DontDump and <= MemoryAdvice.DontNeedLocked);

    // Advice that changes pages, not areas. Faults may run beside it.
    [RequiresLock(nameof(_lock), Shared = true)]
    [MightSleep]
    private Errno Discard(ulong start, ulong end, MemoryAdvice advice)
    {
        ulong at = start;
        bool hole = false;
        for (MemoryArea? area = _areas.FindFrom(start); at < end; area = area.Next)
        {
            if (area is null || area.Start >= end)
            {
                return Errno.ENOMEM;
            }

            hole |= area.Start > at;
            at = area.Start > at ? area.Start : at;
            ulong to = area.End < end ? area.End : end;
            bool isLocked = (area.Flags & AreaFlags.Locked) != 0;
            bool isSpecial = (area.Flags & AreaFlags.Special) != 0;
            switch (advice)
            {
                case MemoryAdvice.DontNeed when isLocked || isSpecial:
                case MemoryAdvice.DontNeedLocked when isSpecial:
                case MemoryAdvice.Cold or MemoryAdvice.PageOut when isLocked || isSpecial:
                case MemoryAdvice.Free when isLocked || area.IsShared || area.Object is not null:
                    return Errno.EINVAL;
                case MemoryAdvice.DontNeed or MemoryAdvice.DontNeedLocked or MemoryAdvice.Free:
                    // The pages of MADV_FREE may go at any time: they go now.
                    NotePeaks();
                    _pages.Unmap(at, to);
                    break;
                default:
                    // All that is in memory stays there, and nothing is elsewhere.
                    break;
            }

            at = to;
        }

        return hole ? Errno.ENOMEM : Errno.Ok;
    }

    [RequiresLock(nameof(_lock))]
    [MightSleep]
    private Errno AdviseFlags(ulong start, ulong end, MemoryAdvice advice, ref DroppedAreas dropped)
    {
        (AreaFlags mask, AreaFlags set) = advice switch
        {
            MemoryAdvice.Random => (AreaFlags.Random | AreaFlags.Sequential, AreaFlags.Random),
            MemoryAdvice.Sequential => (AreaFlags.Random | AreaFlags.Sequential, AreaFlags.Sequential),
            MemoryAdvice.DontFork => (AreaFlags.DontFork, AreaFlags.DontFork),
            MemoryAdvice.DoFork => (AreaFlags.DontFork, AreaFlags.None),
            MemoryAdvice.DontDump => (AreaFlags.DontDump, AreaFlags.DontDump),
            MemoryAdvice.DoDump => (AreaFlags.DontDump, AreaFlags.None),
            MemoryAdvice.WipeOnFork => (AreaFlags.WipeOnFork, AreaFlags.WipeOnFork),
            MemoryAdvice.KeepOnFork => (AreaFlags.WipeOnFork, AreaFlags.None),
            _ => (AreaFlags.Random | AreaFlags.Sequential, AreaFlags.None),
        };
        ulong at = start;
        bool hole = false;
        for (MemoryArea? area = _areas.FindFrom(start); at < end; area = area.Next)
        {
            if (area is null || area.Start >= end)
            {
                return Errno.ENOMEM;
            }

            hole |= area.Start > at;
            at = area.Start > at ? area.Start : at;
            bool isSpecial = (area.Flags & AreaFlags.Special) != 0;
            bool isRefused = advice switch
            {
                MemoryAdvice.WipeOnFork => area.IsShared || area.Object is not null,
                MemoryAdvice.DoFork or MemoryAdvice.DoDump => isSpecial,
                _ => false,
            };
            if (isRefused)
            {
                return Errno.EINVAL;
            }

            if ((area.Flags & mask) != set && !isSpecial)
            {
                Errno error = Isolate(ref area, at, end);
                if (error != Errno.Ok)
                {
                    return error;
                }

                area.Flags = (area.Flags & ~mask) | set;
                area = Join(area, ref dropped);
            }

            at = area.End;
        }

        return hole ? Errno.ENOMEM : Errno.Ok;
    }

    // MADV_REMOVE: the object does it, with no lock of ours held, since it walks over its mappings.
    [MightSleep]
    private Errno RemoveContents(ulong start, ulong end)
    {
        ulong at = start;
        bool hole = false;
        while (at < end)
        {
            MappedObject shown;
            ulong first;
            ulong pages;
            using (_lock.EnterRead())
            {
                MemoryArea? area = _areas.FindFrom(at);
                if (area is null || area.Start >= end)
                {
                    return Errno.ENOMEM;
                }

                if ((area.Flags & (AreaFlags.Locked | AreaFlags.Special)) != 0 || area.Object is null)
                {
                    return Errno.EINVAL;
                }

                if (!area.IsShared || (area.Protection & MemoryProtection.Write) == 0)
                {
                    return Errno.EACCES;
                }

                hole |= area.Start > at;
                at = area.Start > at ? area.Start : at;
                ulong to = area.End < end ? area.End : end;
                shown = area.Object;
                shown.ContinueMapping(sharedWritable: true);
                first = area.ObjectPageOf(at);
                pages = (to - at) >> PageShift;
                at = to;
            }

            Errno error = shown.Punch(first, first + pages);
            shown.EndMapping(sharedWritable: true);
            if (error != Errno.Ok)
            {
                return error;
            }
        }

        return hole ? Errno.ENOMEM : Errno.Ok;
    }
}
