using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Processes.Memory;

namespace CosmosKernel.Processes.Ipc;

/// <summary>What shmget(2) asks for.</summary>
internal readonly struct SharedMemoryRequest(UserThread thread, int key, ulong bytes, int flags) : IIpcRequest<SharedMemorySegment>
{
    private const int HugeShift2MiB = 21;

    /// <inheritdoc/>
    public int Key => key;

    /// <inheritdoc/>
    public int Flags => flags;

    /// <inheritdoc/>
    public Credentials Credentials => thread.Credentials;

    /// <inheritdoc/>
    public int MostObjects => IpcLimits.Segments;

    /// <inheritdoc/>
    [MightSleep]
    public Errno TryMake(out SharedMemorySegment? made)
    {
        made = null;
        if (bytes == 0 || bytes > IpcLimits.SegmentBytes)
        {
            return Errno.EINVAL;
        }

        ulong pages = (bytes >> AddressSpace.PageShift) + ((bytes & (AddressSpace.PageBytes - 1)) != 0 ? 1ul : 0);
        if (pages > ulong.MaxValue >> AddressSpace.PageShift || !SharedMemory.TryCharge(pages))
        {
            return Errno.ENOSPC;
        }

        Errno error = Errno.ENOMEM;
        try
        {
            error = (flags & SharedMemoryConstants.SHM_HUGETLB) != 0 ? RefuseHuge() : TryMake(pages << AddressSpace.PageShift, out made);
            return error;
        }
        finally
        {
            if (error != Errno.Ok)
            {
                SharedMemory.Uncharge(pages);
            }
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public void Discard(SharedMemorySegment made)
    {
        SharedMemory.Uncharge(made.PageCount);
        made.Pages.Destroy();
    }

    /// <inheritdoc/>
    public Errno Check(SharedMemorySegment found) => bytes > found.Bytes ? Errno.EINVAL : Errno.Ok;

    [MightSleep]
    private Errno TryMake(ulong length, out SharedMemorySegment? made)
    {
        made = null;
        SharedMemorySegment segment = new(key, flags, thread.Credentials, bytes, thread);
        bool commit = (flags & SharedMemoryConstants.SHM_NORESERVE) == 0 || CommittedMemory.Policy == OvercommitPolicy.Never;
        Errno error = SharedMemoryPages.TryCreate(segment, length, commit, thread.Memory?.Use.Total ?? 0, out SharedMemoryPages? memory);
        if (error == Errno.Ok)
        {
            segment.Pages = memory!;
            made = segment;
        }

        return error;
    }

    // There are no huge pages: who may use some finds that none are free.
    private Errno RefuseHuge()
    {
        int shift = (flags >> SharedMemoryConstants.SHM_HUGE_SHIFT) & SharedMemoryConstants.SHM_HUGE_MASK;
        if (shift is not (0 or HugeShift2MiB))
        {
            return Errno.EINVAL;
        }

        bool mayLock = thread.Credentials.Has(Capability.IpcLock) || bytes <= thread.Process.Limits.Current(ResourceLimit.RLIMIT_MEMLOCK);
        return mayLock ? Errno.ENOMEM : Errno.EPERM;
    }
}
