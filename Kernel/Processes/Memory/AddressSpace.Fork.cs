using System;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Processes.Memory;

// fork(2).
public sealed partial class AddressSpace
{
    /// <summary>
    /// Makes the address space of a child: the same areas; private pages are shared until one of both writes. Locks are not inherited, what madvise(2) says is obeyed. Task context.
    /// </summary>
    /// <param name="child">The address space, with one user: the caller.</param>
    /// <returns>ENOMEM, and nothing is left.</returns>
    [MightSleep]
    public Errno TryFork(out AddressSpace? child)
    {
        UserPageTable? pages = UserPageTable.TryCreate();
        if (pages is null)
        {
            child = null;
            return Errno.ENOMEM;
        }

        MemoryLimits limits = MemoryLimits.Current;
        child = null;
        Errno error;
        try
        {
            using (_lock.EnterWrite())
            {
                error = CopyAreas(pages, limits, out child);
            }
        }
        catch (OutOfMemoryException)
        {
            // The heap is full: the part that was made is taken down below.
            error = Errno.ENOMEM;
        }

        if (error != Errno.Ok)
        {
            if (child is null)
            {
                pages.Destroy();
            }
            else
            {
                child.ReleaseUser();
                child = null;
            }
        }

        return error;
    }

    [RequiresLock(nameof(_lock))]
    [MightSleep]
    private Errno CopyAreas(UserPageTable pages, in MemoryLimits limits, out AddressSpace? child)
    {
        // Nobody else knows it yet: its lock need not be taken.
        AddressSpace copy = new(pages, Layout);
        child = copy;
        copy.CopyPlaces(this);
        for (MemoryArea? area = _areas.First; area is not null; area = area.Next)
        {
            if ((area.Flags & AreaFlags.DontFork) != 0)
            {
                continue;
            }

            MemoryArea twin = new(copy);
            bool committed = (area.Flags & AreaFlags.Committed) != 0;
            if (committed && !CommittedMemory.TryCharge(area.Pages, _totalPages, limits.IsAdministrator))
            {
                return Errno.ENOMEM;
            }

            twin.CopyFrom(area);
            twin.Flags &= ~(AreaFlags.Locked | AreaFlags.LockOnFault);
            twin.Place(area.Start, area.End, area.ObjectPage);
            bool wipe = (area.Flags & AreaFlags.WipeOnFork) != 0;
            bool copyPages = area.HasOwnPages && !area.IsShared && !wipe;
            twin.HasOwnPages = copyPages;
            copy.Enter(twin);
            if (copyPages && !CopyPages(twin, copy._pages))
            {
                return Errno.ENOMEM;
            }
        }

        return Errno.Ok;
    }

    [MightSleep]
    private bool CopyPages(MemoryArea area, UserPageTable to)
    {
        if (area.Object is not { } shown)
        {
            return _pages.TryCopyRange(to, area.Start, area.End, copyOnWrite: true);
        }

        // While pages are copied, nobody walks over the object's mappings: the walk could pass the child's area before, and the parent's after it was copied.
        using (shown.HoldMappings())
        {
            return _pages.TryCopyRange(to, area.Start, area.End, copyOnWrite: true);
        }
    }

    [BeforePublication]
    private void CopyPlaces(AddressSpace parent)
    {
        _heapStart = parent._heapStart;
        _heapEnd = parent._heapEnd;
        _programData = parent._programData;
        Image = parent.Image;
    }
}
