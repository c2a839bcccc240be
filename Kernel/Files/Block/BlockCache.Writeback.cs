using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Modules.Block;

namespace CosmosKernel.Files.Block;

// Writing back, waiting for it, and giving pages up.
internal sealed partial class BlockCache
{
    /// <summary>Errors of write-back, for those who ask with fsync(2).</summary>
    public ErrorSequence Errors { get; } = new();

    /// <summary>Starts writing all dirty pages of a range that are not being written already. Task context.</summary>
    /// <param name="first">First page.</param>
    /// <param name="end">Page behind the last one; <see cref="ulong.MaxValue"/> for all.</param>
    /// <param name="waits">Also those that are being written, and have changed since: waits for the first write.</param>
    /// <param name="most">Pages at most.</param>
    /// <returns>Pages that were started.</returns>
    [MightSleep]
    public long StartWriting(ulong first, ulong end, bool waits, long most = long.MaxValue)
    {
        if (DirtyPages == 0)
        {
            // What was dirty before this call is counted, or is being written by now, which AwaitWriting sees.
            return 0;
        }

        long started = 0;
        int run = Math.Min(Math.Min(BlockTransfer.Pages, Device.Disk.Options.MaximumSegments), Device.Disk.Options.MaximumSectors / (Page.Size / DiskOptions.SectorBytes));
        ulong cursor = first;
        BlockTransfer? transfer = null;
        if (first == 0 && end == ulong.MaxValue)
        {
            // What becomes dirty from now on counts as new.
            using (_lock.Enter())
            {
                Volatile.Write(ref _dirtySince, Machine.Time.Clock.MonotonicNanoseconds);
            }
        }

        while (started < most)
        {
            if (transfer is null)
            {
                transfer = BlockTransfers.All.TryTake();
                if (transfer is null)
                {
                    Device.Disk.Start();
                    transfer = BlockTransfers.All.Take();
                }
            }

            if (!TakeDirty(transfer, ref cursor, end, run, waits, out Page busy, out ulong busyIndex))
            {
                if (busy.IsNull)
                {
                    break;
                }

                // The first write must end before the second begins.
                Device.Disk.Start();
                WaitWhile(busyIndex, busy, BlockPageState.Writeback);
                busy.Release();
                continue;
            }

            started += transfer.SegmentCount;
            if (MappingCount > 0)
            {
                ForgetPages(transfer.FirstPage, transfer.FirstPage + (ulong)transfer.SegmentCount, alsoCopies: false);
            }

            Device.Disk.Submit(transfer, moreFollow: true);
            transfer = null;
        }

        if (transfer is not null)
        {
            transfer.Release();
        }

        Device.Disk.Start();
        return started;
    }

    /// <summary>Waits until no page of a range is being written. Task context.</summary>
    /// <param name="first">First page.</param>
    /// <param name="end">Page behind the last one.</param>
    [MightSleep]
    public void AwaitWriting(ulong first, ulong end)
    {
        ulong cursor = first;
        while (cursor < end)
        {
            Page page;
            ulong index;
            using (_lock.Enter())
            {
                if (!_busy.TryFindNext(cursor, out index, out page) || index >= end)
                {
                    return;
                }

                page.AddReference();
            }

            WaitWhile(index, page, BlockPageState.Writeback);
            page.Release();
            cursor = index + 1;
        }
    }

    /// <summary>Brings all that is dirty in a range to the device, and waits; the device's own cache is another matter. Task context.</summary>
    [MightSleep]
    public void WriteAndWait(ulong first, ulong end)
    {
        StartWriting(first, end, waits: true);
        AwaitWriting(first, end);
    }

    /// <summary>
    /// The device is, or was, changed past the cache: the pages of a range leave it, also those that somebody has a reference to at the moment, and leave all mappings. Those that are being read or written are
    /// waited for, as they show what the device held before; those that are dirty stay, since they are newer. Task context, with no transfer in hand.
    /// </summary>
    /// <param name="first">First page.</param>
    /// <param name="end">Page behind the last one.</param>
    [MightSleep]
    public void Remove(ulong first, ulong end)
    {
        long removed = 0;
        ulong cursor = first;
        while (cursor < end && TakeOut(ref cursor, end, ref removed, out Page busy))
        {
            if (!busy.IsNull)
            {
                WaitWhile(cursor, busy, BlockPageState.Reading | BlockPageState.Writeback);
                busy.Release();
            }
        }

        if (removed > 0)
        {
            // After they have left: who maps one that was found before sees the number of removals change.
            BlockCacheCounters.Cached.Add(-removed);
            ForgetPages(first, end, alsoCopies: false);
        }
    }

    // Takes some pages out. False: there are no more. With a page, which is the one at the cursor: that is being transferred.
    [NoAllocation]
    private bool TakeOut(ref ulong cursor, ulong end, ref long removed, out Page busy)
    {
        busy = default;
        using (_lock.Enter())
        {
            for (int looks = 0; looks < BlockReclaim.Batch; looks++)
            {
                if (!_pages.TryFindNext(cursor, out ulong index, out Page page) || index >= end)
                {
                    return false;
                }

                cursor = index;
                BlockPageState state = StateOf(page);
                if ((state & (BlockPageState.Reading | BlockPageState.Writeback)) != 0)
                {
                    busy = page;
                    busy.AddReference();
                    return true;
                }

                if ((state & BlockPageState.Dirty) == 0)
                {
                    _pages.RemoveRange(index, index + 1);
                    removed++;
                }

                cursor = index + 1;
            }

            return true;
        }
    }

    /// <summary>The device is gone: dirty pages are lost, and reported as EIO. Task context, when no transfer is on its way.</summary>
    [MightSleep]
    public void Abandon()
    {
        long lost = 0;
        while (true)
        {
            using (_lock.Enter())
            {
                if (!_busy.TryFindNext(0, out ulong index, out Page page))
                {
                    break;
                }

                Set(page, StateOf(page) & ~BlockPageState.Dirty);
                _busy.RemoveRange(index, index + 1);
                Volatile.Write(ref _dirtyPages, _dirtyPages - 1);
                lost++;
            }
        }

        if (lost > 0)
        {
            BlockCacheCounters.Dirty.Add(-lost);
            Errors.Add(Errno.EIO);
        }

        // Truncation, for mappings: what they touch from now on is SIGBUS.
        ForgetPages(0, ulong.MaxValue, alsoCopies: false);
        ulong removed;
        using (_lock.Enter())
        {
            removed = _pages.Count;
            _pages.Clear();
        }

        BlockCacheCounters.Cached.Add(-(long)removed);
    }

    /// <summary>Gives up all clean pages that nobody uses or maps. Task context; waits for nothing.</summary>
    [NoAllocation]
    public void DropClean()
    {
        ulong cursor = 0;
        while (true)
        {
            using (_lock.Enter())
            {
                for (int looks = 0; looks < BlockReclaim.Batch; looks++)
                {
                    if (!_pages.TryFindNext(cursor, out ulong index, out Page page))
                    {
                        return;
                    }

                    TryDropLocked(index, page, evenIfReferenced: true);
                    cursor = index + 1;
                }
            }
        }
    }

    /// <summary>Gives up clean pages that nobody has used for a while. Task context; waits for nothing.</summary>
    /// <param name="wanted">How many.</param>
    /// <param name="evenIfReferenced">Those that were used of late, too.</param>
    /// <returns>How many were freed.</returns>
    [NoAllocation]
    public int Reclaim(int wanted, bool evenIfReferenced)
    {
        int freed = 0;
        using (_lock.Enter())
        {
            // At most twice around: the first time pages lose their mark.
            ulong looks = Math.Min(2 * _pages.Count, (ulong)wanted * 8);
            for (; looks > 0 && freed < wanted; looks--)
            {
                if (!_pages.TryFindNext(_hand, out ulong index, out Page page))
                {
                    if (_hand == 0)
                    {
                        break;
                    }

                    _hand = 0;
                    continue;
                }

                _hand = index + 1;
                if (TryDropLocked(index, page, evenIfReferenced))
                {
                    freed++;
                }
            }
        }

        return freed;
    }

    [NoAllocation]
    [RequiresLock(nameof(_lock))]
    private bool TryDropLocked(ulong index, Page page, bool evenIfReferenced)
    {
        BlockPageState state = StateOf(page);
        if ((state & BlockPageState.Referenced) != 0 && !evenIfReferenced)
        {
            Set(page, state & ~BlockPageState.Referenced);
            return false;
        }

        // One reference is the tree's; more come only with the lock held.
        if ((state & (BlockPageState.Dirty | BlockPageState.Writeback | BlockPageState.Reading)) != 0 || page.References != 1)
        {
            return false;
        }

        _pages.RemoveRange(index, index + 1);
        BlockCacheCounters.Cached.Add(-1);
        return true;
    }

    // Fills a transfer with the next run of dirty pages, which are being written from then on. False: there is none up to the end, or one is in the way that is being written.
    [NoAllocation]
    private bool TakeDirty(BlockTransfer transfer, ref ulong cursor, ulong end, int run, bool waits, out Page busy, out ulong busyIndex)
    {
        busy = default;
        busyIndex = 0;
        int taken = 0;
        using (_lock.Enter())
        {
            while (taken < run && cursor < end && _busy.TryFindNext(cursor, out ulong index, out Page page) && index < end)
            {
                BlockPageState state = StateOf(page);
                bool isWriting = (state & BlockPageState.Writeback) != 0;
                if (taken > 0 && (index != cursor || isWriting))
                {
                    break;
                }

                if (isWriting && (state & BlockPageState.Dirty) != 0 && waits)
                {
                    busy = page;
                    busyIndex = index;
                    page.AddReference();
                    break;
                }

                cursor = index + 1;
                if (isWriting || (state & BlockPageState.Dirty) == 0)
                {
                    continue;
                }

                if (taken == 0)
                {
                    transfer.Prepare(this, index, BlockOperation.Write);
                }

                Set(page, (state & ~BlockPageState.Dirty) | BlockPageState.Writeback);
                page.AddReference();
                transfer.Add(new BlockSegment(page, 0, SegmentBytes(index)));
                taken++;
            }

            Volatile.Write(ref _dirtyPages, _dirtyPages - taken);
        }

        BlockCacheCounters.Dirty.Add(-taken);
        BlockCacheCounters.Writing.Add(taken);
        return taken > 0;
    }

    [NoAllocation]
    private void WriteDone(ulong index, Page page, Errno error)
    {
        using (_lock.Enter())
        {
            BlockPageState state = StateOf(page) & ~BlockPageState.Writeback;
            Set(page, state);
            if ((state & BlockPageState.Dirty) == 0)
            {
                _busy.RemoveRange(index, index + 1);
            }
        }
    }
}
