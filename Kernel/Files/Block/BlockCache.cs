using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Frames;
using CosmosKernel.Memory.User;
using CosmosKernel.Modules.Block;
using CosmosKernel.Tasks.Waiting;
using SpinLock = CosmosKernel.Machine.Locking.SpinLock;

namespace CosmosKernel.Files.Block;

/// <summary>
/// The cached pages of one block device: what read(2), write(2) and mappings share. A page is absent, being read, or up to date; one that is up to date may be dirty, being written, or both. All changes of state are made
/// with the cache's spin lock, never across a transfer: waiting is done on the wait queue of the page's number. The lock is taken by completions, too, so nothing that sleeps happens under it.
/// <para>
/// A reference keeps a page's memory, not its place: when the device is changed past the cache, pages leave that others are still looking at (<see cref="Remove"/>). So who has written into a page asks whether it
/// is still the cache's when it makes it dirty, and writes into the one that came after it if not.
/// </para>
/// <para>
/// A page that is dirty or being written is in a second tree as well, by which write-back finds it; it leaves that tree when its last write has ended. Before a page is written it is taken out of all
/// mappings, so a program's next store into it comes here as a fault and makes it dirty again.
/// </para>
/// </summary>
internal sealed partial class BlockCache : MappedObject
{
    private const int WaitQueues = 16;

    [Immutable]
    private readonly WaitQueue[] _waits = new WaitQueue[WaitQueues];

    private readonly ThrottledWriters _throttled = Writeback.Throttled;
    private SpinLock _lock = new(LockClass.BlockPages);

    [GuardedBy(nameof(_lock))]
    private readonly PageStore _pages = new();

    // Those that are dirty or being written, with a reference of their own.
    [GuardedBy(nameof(_lock))]
    private readonly PageStore _busy = new();

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private long _dirtyPages;

    // When the first of those that are dirty became so.
    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private ulong _dirtySince;

    [GuardedBy(nameof(_lock))]
    private ulong _hand;

    public BlockCache(BlockDevice device)
    {
        Device = device;
        for (int i = 0; i < WaitQueues; i++)
        {
            _waits[i] = new WaitQueue("disk page");
        }
    }

    /// <summary>Whose pages they are.</summary>
    public BlockDevice Device { get; }

    /// <inheritdoc/>
    public override ulong Size => Device.IsGone ? 0 : (ulong)Device.Bytes;

    /// <inheritdoc/>
    public override bool IsSharedMemory => false;

    /// <inheritdoc/>
    public override bool TracksWrites => true;

    /// <summary>Dirty pages. A snapshot.</summary>
    public long DirtyPages => Volatile.Read(ref _dirtyPages);

    /// <summary>When the oldest dirty page became so, in nanoseconds on the monotonic clock.</summary>
    public ulong DirtySince => Volatile.Read(ref _dirtySince);

    /// <summary>Pages. Task context.</summary>
    public ulong PageCount
    {
        get
        {
            using (_lock.Enter())
            {
                return _pages.Count;
            }
        }
    }

    /// <summary>The sector of the disk at which a page begins. Any context.</summary>
    [NoAllocation]
    public ulong SectorOf(ulong index) => Device.Start + (index * (Page.Size / DiskOptions.SectorBytes));

    /// <inheritdoc/>
    [MightSleep]
    public override Errno TryGetPage(ulong index, bool forWrite, out Page page)
    {
        page = default;
        if (index * Page.Size >= Size)
        {
            return Errno.EFAULT;
        }

        if (forWrite && Device.IsReadOnly)
        {
            return Errno.EFAULT;
        }

        // Programs touch what lies around, too.
        const ulong Around = 16;
        ulong first = index & ~(Around - 1);
        while (true)
        {
            Errno error = TryFindUpToDate(index, out page) ? Errno.Ok : ReadPage(index, first, Around, out page);
            if (error != Errno.Ok)
            {
                return error == Errno.ENOMEM ? error : Errno.EFAULT;
            }

            if (!forWrite)
            {
                return Errno.Ok;
            }

            bool isPresent = TryMarkDirty(index, page, out error);
            if (isPresent && error == Errno.Ok)
            {
                Writeback.Balance();
                return Errno.Ok;
            }

            page.Release();
            page = default;
            if (isPresent)
            {
                return error;
            }
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override bool TryFindPage(ulong index, out Page page) => TryFindUpToDate(index, out page);

    /// <inheritdoc/>
    protected override Errno CheckMapping(bool sharedWritable) => Device.IsGone ? Errno.ENXIO : sharedWritable && Device.IsReadOnly ? Errno.EACCES : Errno.Ok;

    /// <inheritdoc/>
    [MightSleep]
    protected override void Hold()
    {
        // Who maps it has a file or a mapping of it, so the module is in use already and cannot refuse.
        _ = Device.Disk.Owner?.TryGet();
        Device.AddUser();
    }

    /// <inheritdoc/>
    [MightSleep]
    protected override void Drop()
    {
        try
        {
            Device.RemoveUser();
        }
        finally
        {
            Device.Disk.Owner?.Put();
        }
    }

    /// <summary>A page that can be used as it is, with a reference for the caller.</summary>
    [NoAllocation]
    private bool TryFindUpToDate(ulong index, out Page page)
    {
        using (_lock.Enter())
        {
            if (!_pages.TryGet(index, out page))
            {
                return false;
            }

            BlockPageState state = StateOf(page);
            if ((state & BlockPageState.UpToDate) == 0)
            {
                page = default;
                return false;
            }

            if ((state & BlockPageState.Referenced) == 0)
            {
                Set(page, state | BlockPageState.Referenced);
            }

            page.AddReference();
            return true;
        }
    }

    /// <summary>A page that was found in the cache has new content. The caller has a reference to it.</summary>
    /// <param name="index">Its number.</param>
    /// <param name="page">The page.</param>
    /// <param name="error">ENOMEM: it cannot be remembered.</param>
    /// <returns>False: the page has left the cache since it was found, so its content will not be written.</returns>
    [NoAllocation]
    private bool TryMarkDirty(ulong index, Page page, out Errno error)
    {
        using (_lock.Enter())
        {
            bool isPresent = _pages.TryGet(index, out Page present) && present == page;
            error = isPresent ? MarkDirtyLocked(index, page) : Errno.Ok;
            return isPresent;
        }
    }

    [NoAllocation]
    [RequiresLock(nameof(_lock))]
    private Errno MarkDirtyLocked(ulong index, Page page)
    {
        BlockPageState state = StateOf(page);
        if ((state & BlockPageState.Dirty) != 0)
        {
            return Errno.Ok;
        }

        if ((state & BlockPageState.Writeback) == 0)
        {
            page.AddReference();
            if (!_busy.TryAdd(index, page))
            {
                page.Release();
                return Errno.ENOMEM;
            }
        }

        Set(page, state | BlockPageState.Dirty | BlockPageState.Referenced);
        if (_dirtyPages == 0)
        {
            Volatile.Write(ref _dirtySince, Machine.Time.Clock.MonotonicNanoseconds);
        }

        Volatile.Write(ref _dirtyPages, _dirtyPages + 1);
        BlockCacheCounters.Dirty.Add(1);
        return Errno.Ok;
    }

    /// <summary>Waits while a page has a state. The caller has a reference to it.</summary>
    [MightSleep]
    private void WaitWhile(ulong index, Page page, BlockPageState state)
    {
        using WaitQueue.Wait wait = _waits[(int)index & (WaitQueues - 1)].Begin(mode: WaitMode.Uninterruptible);
        while (true)
        {
            wait.Prepare();
            using (_lock.Enter())
            {
                if ((StateOf(page) & state) == 0)
                {
                    return;
                }
            }

            wait.Sleep();
        }
    }

    // A frame for the cache; what the cache itself has is given up rather than taking the last memory.
    [MightSleep]
    private static bool TryAllocate(out Page page)
    {
        if (FrameAllocator.FreeFrames < BlockReclaim.LowFrames)
        {
            BlockReclaim.TryReclaim(BlockReclaim.Batch);
        }

        return Page.TryAllocate(out page, cleared: false) || (BlockReclaim.TryReclaim(BlockReclaim.Batch) > 0 && Page.TryAllocate(out page, cleared: false));
    }

    // Bytes of a page that are on the device.
    [NoAllocation]
    private int BytesOf(ulong index) => (int)Math.Min((ulong)Page.Size, (ulong)Device.Bytes - (index * Page.Size));

    [NoAllocation]
    private static BlockPageState StateOf(Page page) => (BlockPageState)(int)page.OwnerWord;

    [NoAllocation]
    private static void Set(Page page, BlockPageState state) => page.OwnerWord = (nuint)(int)state;
}
