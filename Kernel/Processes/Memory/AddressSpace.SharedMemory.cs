using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Processes.Ipc;

namespace CosmosKernel.Processes.Memory;

// shmdt(2).
public sealed partial class AddressSpace
{
    /// <summary>Takes away the mapping of a segment of shared memory that begins at an address, in however many parts it is by now (shmdt(2)). Task context.</summary>
    /// <returns>EINVAL: there is none.</returns>
    [MightSleep]
    public Errno Detach(ulong address)
    {
        if (!IsAligned(address) || address >= Limit)
        {
            return Errno.EINVAL;
        }

        DroppedAreas dropped = default;
        Errno error;
        using (_lock.EnterWrite())
        {
            error = DetachLocked(address, ref dropped);
        }

        dropped.Release();
        return error;
    }

    // The first part that is at its place tells which segment it is; the others are those of the same segment at theirs.
    [RequiresLock(nameof(_lock))]
    [MightSleep]
    private Errno DetachLocked(ulong address, ref DroppedAreas dropped)
    {
        SharedMemoryPages? pages = null;
        MemoryArea? area = _areas.FindFrom(address);
        while (area is not null && (pages is null || area.Start - address < pages.Size))
        {
            MemoryArea? next = area.Next;
            if (area.Object is SharedMemoryPages shown && (pages is null || ReferenceEquals(shown, pages))
                && area.Start >= address && area.ObjectPage == (area.Start - address) >> PageShift)
            {
                pages = shown;
                Errno error = RemoveRange(area.Start, area.End, ref dropped);
                if (error != Errno.Ok)
                {
                    return error;
                }
            }

            area = next;
        }

        return pages is null ? Errno.EINVAL : Errno.Ok;
    }
}
