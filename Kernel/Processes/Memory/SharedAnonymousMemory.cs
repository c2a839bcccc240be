using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using SpinLock = CosmosKernel.Machine.Locking.SpinLock;

namespace CosmosKernel.Processes.Memory;

/// <summary>Memory without a file that its mappings share (MAP_SHARED with MAP_ANONYMOUS): lives as long as one of them.</summary>
internal class SharedAnonymousMemory : MappedObject
{
    [Atomic]
    private ulong _committed;

    private SpinLock _lock = new(LockClass.SharedMemoryPages);

    [GuardedBy(nameof(_lock))]
    private readonly PageStore _pages = new();

    [Atomic]
    private int _holders;

    /// <summary>Makes one that nobody maps yet.</summary>
    /// <param name="bytes">Size; a multiple of 4096.</param>
    /// <param name="committed">Pages that were promised for it (<see cref="TryCommit"/>), which it gives back in the end.</param>
    protected SharedAnonymousMemory(ulong bytes, ulong committed)
    {
        Size = bytes;
        _committed = committed;
    }

    /// <summary>What stands instead of a path in /proc/PID/maps.</summary>
    public virtual string Name => "/dev/zero (deleted)";

    /// <summary>What stands there as the number of the inode.</summary>
    public virtual ulong Number => 0;

    /// <summary>Pages that it has. A snapshot.</summary>
    public ulong ResidentPages
    {
        get
        {
            using (_lock.Enter())
            {
                return _pages.Count;
            }
        }
    }

    /// <inheritdoc/>
    public override ulong Size { get; }

    /// <summary>Makes one that nobody maps yet.</summary>
    /// <param name="bytes">Size; a multiple of 4096.</param>
    /// <param name="commit">It counts as committed memory.</param>
    /// <param name="limits">Of the caller.</param>
    /// <param name="ownPages">Pages that the caller's address space has.</param>
    /// <param name="memory">The memory.</param>
    /// <returns>ENOMEM: so much is not promised.</returns>
    public static Errno TryCreate(ulong bytes, bool commit, in MemoryLimits limits, ulong ownPages, out SharedAnonymousMemory? memory)
    {
        Errno error = TryCommit(bytes, commit, limits, ownPages, out ulong committed);
        memory = null;
        if (error == Errno.Ok)
        {
            try
            {
                memory = new SharedAnonymousMemory(bytes, committed);
            }
            finally
            {
                CommittedMemory.Uncharge(memory is null ? committed : 0);
            }
        }

        return error;
    }

    /// <summary>Promises the memory of one that is to be made.</summary>
    /// <param name="bytes">Size; a multiple of 4096.</param>
    /// <param name="commit">It counts as committed memory.</param>
    /// <param name="limits">Of the caller.</param>
    /// <param name="ownPages">Pages that the caller's address space has.</param>
    /// <param name="committed">Pages that were promised.</param>
    /// <returns>ENOMEM: so much is not promised.</returns>
    protected static Errno TryCommit(ulong bytes, bool commit, in MemoryLimits limits, ulong ownPages, out ulong committed)
    {
        committed = commit ? bytes >> AddressSpace.PageShift : 0;
        return committed == 0 || CommittedMemory.TryCharge(committed, ownPages, limits.IsAdministrator) ? Errno.Ok : Errno.ENOMEM;
    }

    /// <inheritdoc/>
    public override Errno TryGetPage(ulong index, bool forWrite, out Page page)
    {
        if (TryFindPage(index, out page))
        {
            return Errno.Ok;
        }

        if (index >= Size >> AddressSpace.PageShift)
        {
            return Errno.EFAULT;
        }

        if (!Page.TryAllocate(out Page made))
        {
            return Errno.ENOMEM;
        }

        // One reference for the store, one for the caller.
        made.AddReference();
        bool entered;
        bool found;
        using (_lock.Enter())
        {
            entered = _pages.TryAdd(index, made);
            found = _pages.TryGet(index, out page);
            if (found && !entered)
            {
                // Another fault was faster.
                page.AddReference();
            }
        }

        if (!entered)
        {
            made.Release();
            made.Release();
        }

        return found ? Errno.Ok : Errno.ENOMEM;
    }

    /// <inheritdoc/>
    public override bool TryFindPage(ulong index, out Page page)
    {
        using (_lock.Enter())
        {
            if (!_pages.TryGet(index, out page))
            {
                return false;
            }

            page.AddReference();
            return true;
        }
    }

    /// <inheritdoc/>
    public override Errno Punch(ulong firstPage, ulong endPage)
    {
        Remove(firstPage, endPage);
        ForgetPages(firstPage, endPage, alsoCopies: false);
        return Errno.Ok;
    }

    /// <inheritdoc/>
    protected override void Hold() => Interlocked.Increment(ref _holders);

    /// <inheritdoc/>
    protected override void Drop()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            Free();
        }
    }

    /// <summary>Gives back all pages, and the promise: nobody maps it any more, or ever will.</summary>
    protected void Free()
    {
        Remove(0, ulong.MaxValue);
        CommittedMemory.Uncharge(Interlocked.Exchange(ref _committed, 0));
    }

    private void Remove(ulong first, ulong end)
    {
        // In pieces: preemption is off meanwhile.
        const ulong Piece = 256;
        ulong next = first;
        while (next < end)
        {
            using (_lock.Enter())
            {
                if (!_pages.TryFindNext(next, out ulong found, out _) || found >= end)
                {
                    return;
                }

                ulong stop = end - found < Piece ? end : found + Piece;
                _ = _pages.RemoveRange(found, stop);
                next = stop;
            }
        }
    }
}
