using System;
using CosmosKernel.Abi;
using CosmosKernel.Files;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Processes.Memory;

// Page faults. Nothing managed is allocated here.
public sealed partial class AddressSpace
{
    // Pages of an object that one fault maps at most, those that are in memory already: a window of so many, aligned (fault_around_bytes).
    private const ulong WindowPages = 16;

    /// <summary>
    /// Makes a page accessible that was touched. Task context, preemption and interrupts on, no lock held that comes after the address space's. The address space need not be the running task's.
    /// </summary>
    /// <param name="address">Any address.</param>
    /// <param name="access">What was tried.</param>
    /// <param name="error">Why it cannot go on.</param>
    /// <returns>True: try again.</returns>
    [MightSleep]
    [UserAccess("Looks the address up.")]
    public bool HandleFault([UserAddress] ulong address, UserAccessKind access, out FaultError error)
    {
        error = FaultError.NotMapped;
        if (address >= Limit || IsReaped)
        {
            return false;
        }

        while (true)
        {
            _lock.AcquireRead();
            MemoryArea? area = _areas.FindFrom(address);
            if (area is not null && area.Start <= address)
            {
                error = IsAllowed(area.Protection, access) ? Resolve(area, PageDown(address), access) : FaultError.NoAccess;
                _lock.ReleaseRead();
                return error == FaultError.None;
            }

            bool mayGrow = area is not null && (area.Flags & AreaFlags.GrowsDown) != 0;
            _lock.ReleaseRead();
            if (!mayGrow || !TryGrow(PageDown(address)))
            {
                return false;
            }
        }
    }

    private static bool IsAllowed(MemoryProtection protection, UserAccessKind access) => access switch
    {
        UserAccessKind.Write => (protection & MemoryProtection.Write) != 0,
        UserAccessKind.Execute => (protection & MemoryProtection.Execute) != 0,

        // What may be written or executed may be read (x86).
        _ => (protection & MemoryProtection.All) != 0,
    };

    // Maps the page of an address in an area that allows the access.
    [RequiresLock(nameof(_lock), Shared = true)]
    [MightSleep]
    private FaultError Resolve(MemoryArea area, ulong address, UserAccessKind access)
    {
        bool write = access == UserAccessKind.Write;
        while (true)
        {
            FaultError error;
            bool done;
            if (_pages.TryTake(address, out Page page, out UserRights rights))
            {
                done = ResolvePresent(area, address, page, rights, write, out error);
                page.Release();
            }
            else
            {
                done = area.Object is { } shown
                    ? ResolveObject(area, shown, address, write, out error)
                    : ResolveAnonymous(area, address, write, out error);
            }

            if (done)
            {
                return error;
            }

            // Another fault, or a truncation, was there at the same time.
        }
    }

    // A page is there. The reference is the caller's. False: it was not there any more.
    [RequiresLock(nameof(_lock), Shared = true)]
    [MightSleep]
    private bool ResolvePresent(MemoryArea area, ulong address, Page page, UserRights rights, bool write, out FaultError error)
    {
        error = FaultError.None;
        UserRights wanted = RightsOf(area.Protection);
        if (area.IsShared)
        {
            return rights == wanted || _pages.Replace(address, page, page, wanted);
        }

        if (!write || (rights & UserRights.Write) != 0)
        {
            // A fault that another one has resolved, or rights that were changed meanwhile.
            return (rights | UserRights.Write) == (wanted | UserRights.Write) || _pages.Replace(address, page, page, (wanted & ~UserRights.Write) | (rights & UserRights.Write));
        }

        // One reference is the mapping's, one the caller's: then nobody else has the page, and nobody gets it, since fork takes the lock for writing. A device that writes it does so for this mapping.
        if (!page.IsZero && page.UnpinnedReferences == 2)
        {
            area.HasOwnPages = true;
            return _pages.Replace(address, page, page, wanted);
        }

        if (!Page.TryAllocate(out Page copy, cleared: page.IsZero, MayUseReserve))
        {
            error = FaultError.OutOfMemory;
            return true;
        }

        if (!page.IsZero)
        {
            copy.CopyFrom(page);
        }

        area.HasOwnPages = true;
        bool replaced = _pages.Replace(address, page, copy, wanted);
        if (!replaced)
        {
            copy.Release();
        }

        return replaced;
    }

    [RequiresLock(nameof(_lock), Shared = true)]
    [MightSleep]
    private bool ResolveAnonymous(MemoryArea area, ulong address, bool write, out FaultError error)
    {
        error = FaultError.None;
        UserRights rights = RightsOf(area.Protection);
        if (!write)
        {
            return _pages.TryMap(address, Page.Zero, rights & ~UserRights.Write, out bool isZeroTaken) || IsDone(isZeroTaken, out error);
        }

        if (!Page.TryAllocate(out Page page, fromReserve: MayUseReserve))
        {
            error = FaultError.OutOfMemory;
            return true;
        }

        area.HasOwnPages = true;
        if (_pages.TryMap(address, page, rights, out bool isTaken))
        {
            return true;
        }

        page.Release();
        return IsDone(isTaken, out error);
    }

    [RequiresLock(nameof(_lock), Shared = true)]
    [MightSleep]
    private bool ResolveObject(MemoryArea area, MappedObject shown, ulong address, bool write, out FaultError error)
    {
        if (shown is DeviceMemoryObject device)
        {
            ResolveDevice(area, device, address, out error);
            return true;
        }

        uint removals = shown.Removals;
        bool isShared = area.IsShared;
        bool sharedWrite = isShared && (area.Protection & MemoryProtection.Write) != 0;
        Errno result = shown.TryGetPage(area.ObjectPageOf(address), sharedWrite, out Page page);
        if (result != Errno.Ok)
        {
            error = result == Errno.ENOMEM ? FaultError.OutOfMemory : FaultError.BusError;
            return true;
        }

        error = FaultError.None;
        UserPageKind kind = shown.IsSharedMemory ? UserPageKind.SharedMemory : UserPageKind.File;
        UserRights rights = RightsOf(area.Protection);
        if (!isShared)
        {
            rights &= ~UserRights.Write;
            if (write)
            {
                bool copied = Page.TryAllocate(out Page copy, cleared: false, MayUseReserve);
                if (copied)
                {
                    copy.CopyFrom(page);
                }

                page.Release();
                if (!copied)
                {
                    error = FaultError.OutOfMemory;
                    return true;
                }

                area.HasOwnPages = true;
                page = copy;
                kind = UserPageKind.Anonymous;
                rights |= UserRights.Write;
            }
        }

        if (!_pages.TryMap(address, page, rights, out bool isTaken, isShared, kind))
        {
            page.Release();
            return IsDone(isTaken, out error);
        }

        // The object lost pages since it was asked: its walk over the mappings may have been before the page was entered. The number changes before the walk.
        if (shown.Removals != removals)
        {
            _pages.Unmap(address, address + PageBytes);
            return false;
        }

        if (!write && (area.Flags & AreaFlags.Random) == 0 && !(sharedWrite && shown.TracksWrites))
        {
            MapAround(area, shown, address, rights, isShared, kind, removals);
        }

        return true;
    }

    // Memory of a device needs no page; those beside it are likely to be used next.
    [RequiresLock(nameof(_lock), Shared = true)]
    [MightSleep]
    private void ResolveDevice(MemoryArea area, DeviceMemoryObject device, ulong address, out FaultError error)
    {
        UserRights rights = RightsOf(area.Protection);
        error = FaultError.None;
        if (!_pages.TryMapDevice(address, device.Pages, area.ObjectPageOf(address), rights, out bool isTaken))
        {
            if (isTaken)
            {
                // With other rights, or by another fault.
                _pages.Protect(address, address + PageBytes, rights);
                return;
            }

            error = area.ObjectPageOf(address) < device.Pages.Count ? FaultError.OutOfMemory : FaultError.BusError;
            return;
        }

        ulong window = WindowPages << PageShift;
        ulong start = Math.Max(address & ~(window - 1), area.Start);
        ulong end = Math.Min((address & ~(window - 1)) + window, area.End);
        for (ulong at = start; at < end; at += PageBytes)
        {
            // Where something is mapped, and behind the end, nothing is done.
            _ = _pages.TryMapDevice(at, device.Pages, area.ObjectPageOf(at), rights, out _);
        }
    }

    // Pages beside one that was read are likely to be read next: those that are in memory are mapped at once.
    [RequiresLock(nameof(_lock), Shared = true)]
    [MightSleep]
    private void MapAround(MemoryArea area, MappedObject shown, ulong address, UserRights rights, bool isShared, UserPageKind kind, uint removals)
    {
        ulong window = WindowPages << PageShift;
        ulong start = address & ~(window - 1);
        ulong end = start + window;
        start = start < area.Start ? area.Start : start;
        end = end > area.End ? area.End : end;
        for (ulong at = start; at < end; at += PageBytes)
        {
            if (at == address || !shown.TryFindPage(area.ObjectPageOf(at), out Page page))
            {
                continue;
            }

            // Where something is mapped already it stays.
            if (!_pages.TryMap(at, page, rights, isShared, kind))
            {
                page.Release();
            }
        }

        if (shown.Removals != removals)
        {
            _pages.Unmap(start, end, keepAnonymous: true);
        }
    }

    // A page could not be entered. Where somebody else has entered one, it is looked at anew, and may be gone by then; else there is no memory for tables.
    private static bool IsDone(bool isTaken, out FaultError error)
    {
        error = isTaken ? FaultError.None : FaultError.OutOfMemory;
        return !isTaken;
    }

    // A stack grows down to a page. False: it must not.
    [MightSleep]
    private bool TryGrow(ulong start)
    {
        MemoryLimits limits = MemoryLimits.Current;
        bool populate;
        ulong oldStart;
        using (_lock.EnterWrite())
        {
            MemoryArea? area = _areas.FindFrom(start);
            if (area is null || area.Start <= start)
            {
                // Another thread has grown it.
                return area is not null;
            }

            if ((area.Flags & AreaFlags.GrowsDown) == 0 || start < LowestAddress || area.End - start > limits.Stack)
            {
                return false;
            }

            bool guarded = area.Previous is { } below && (below.Flags & AreaFlags.GrowsDown) == 0 && below.Protection != MemoryProtection.None;
            if (guarded && start - area.Previous!.End < AreaTree.GuardGap)
            {
                return false;
            }

            oldStart = area.Start;
            ulong pages = (oldStart - start) >> PageShift;
            if (!MayGrow(limits, pages, isData: false)
                || ((area.Flags & AreaFlags.Locked) != 0 && !MayLock(limits, pages))
                || ((area.Flags & AreaFlags.Committed) != 0 && !CommittedMemory.TryCharge(pages, _totalPages, limits.IsAdministrator)))
            {
                return false;
            }

            area.Resize(start, area.End);
            _areas.Changed(area);
            Count(area, pages, add: true);
            populate = (area.Flags & (AreaFlags.Locked | AreaFlags.LockOnFault)) == AreaFlags.Locked;
        }

        if (populate)
        {
            _ = Populate(start, oldStart, PopulateKind.Best);
        }

        return true;
    }
}
