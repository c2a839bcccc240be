using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Modules.Block;

namespace CosmosKernel.Files.Block;

// Reading: from the cache, into the cache, ahead.
internal sealed partial class BlockCache
{
    private const ulong PageBytes = Page.Size;

    /// <summary>Reads (read(2)).</summary>
    /// <param name="to">Where it goes.</param>
    /// <param name="offset">0 and up.</param>
    /// <param name="ahead">The open file's.</param>
    /// <returns>Bytes, 0 at the end, -EFAULT, -EIO, -ENOMEM.</returns>
    [MightSleep]
    public long Read(ref DataSink to, long offset, ReadAhead ahead)
    {
        long left = Math.Min(to.Remaining, Device.Bytes - offset);
        long total = 0;
        while (left > 0)
        {
            ulong index = (ulong)offset / PageBytes;
            if (!TryFindUpToDate(index, out Page page))
            {
                ulong wanted = ((ulong)(offset + left - 1) / PageBytes) - index + 1;
                ulong count = ahead.Miss(index, wanted, Device.ReadAheadPages);
                Errno error = ReadPage(index, index, count, out page);
                if (error != Errno.Ok)
                {
                    return total > 0 ? total : -(long)error;
                }
            }

            if (ahead.Use(index))
            {
                (ulong first, ulong count) = ahead.Next(Device.ReadAheadPages);
                StartReading(first, count);
            }

            int inPage = (int)(offset & (Page.Size - 1));
            int part = (int)Math.Min(Page.Size - inPage, left);
            int done = to.WritePage(page, inPage, part);
            page.Release();
            total += done;
            offset += done;
            left -= done;
            if (done < part)
            {
                break;
            }
        }

        return total == 0 && to.Faulted ? -(long)Errno.EFAULT : total;
    }

    /// <summary>Makes sure that pages are being read, as far as memory allows, and does not wait (readahead(2), posix_fadvise(2)). Task context.</summary>
    [MightSleep]
    public void StartReading(ulong first, ulong count) => _ = StartReading(first, count, ulong.MaxValue, out _);

    // As above. Wanted: a page of which the caller gets a reference if it begins to be read here, so that it does not vanish unseen. False: memory did not suffice for all.
    [MightSleep]
    private bool StartReading(ulong first, ulong count, ulong wanted, out Page held)
    {
        held = default;
        bool enough = true;
        ulong end = ((ulong)Device.Bytes + PageBytes - 1) / PageBytes;
        count = first >= end ? 0 : Math.Min(count, end - first);
        BlockTransfer? transfer = null;
        int most = Math.Min(Math.Min(BlockTransfer.Pages, Device.Disk.Options.MaximumSegments), Device.Disk.Options.MaximumSectors / (Page.Size / DiskOptions.SectorBytes));
        bool submitted = false;
        for (ulong index = first; index < first + count; index++)
        {
            bool added = TryAddForReading(index, out Page page, out bool isFull);
            if (transfer is not null && (!added || transfer.SegmentCount == most))
            {
                Device.Disk.Submit(transfer, moreFollow: true);
                submitted = true;
                transfer = null;
            }

            if (isFull)
            {
                enough = false;
                break;
            }

            if (!added)
            {
                continue;
            }

            if (index == wanted)
            {
                page.AddReference();
                held = page;
            }

            if (transfer is null)
            {
                transfer = BlockTransfers.All.TryTake();
                if (transfer is null)
                {
                    // What has been prepared must be on its way before this waits.
                    Device.Disk.Start();
                    transfer = BlockTransfers.All.Take();
                }

                transfer.Prepare(this, index, BlockOperation.Read);
            }

            transfer.Add(new BlockSegment(page, 0, SegmentBytes(index)));
        }

        if (transfer is not null)
        {
            Device.Disk.Submit(transfer, moreFollow: true);
            submitted = true;
        }

        if (submitted)
        {
            Device.Disk.Start();
        }

        return enough;
    }

    /// <summary>A transfer of pages has ended. Deferred call or task context.</summary>
    [NoAllocation]
    internal void TransferDone(BlockTransfer transfer, Errno error)
    {
        ReadOnlySpan<BlockSegment> segments = transfer.Segments;
        for (int i = 0; i < segments.Length; i++)
        {
            ulong index = transfer.FirstPage + (ulong)i;
            Page page = segments[i].Page;
            if (transfer.Operation == BlockOperation.Read)
            {
                ReadDone(index, page, error);
            }
            else
            {
                WriteDone(index, page, error);
            }

            page.Release();
        }

        if (transfer.Operation == BlockOperation.Write)
        {
            if (error != Errno.Ok)
            {
                Errors.Add(error);
            }

            BlockCacheCounters.Writing.Add(-segments.Length);
            _throttled.LookAgain();
        }

        // All waiters of its pages: with more pages than queues each queue has some.
        int queues = Math.Min(segments.Length, WaitQueues);
        for (int i = 0; i < queues; i++)
        {
            _waits[(int)(transfer.FirstPage + (ulong)i) & (WaitQueues - 1)].WakeAll();
        }
    }

    /// <summary>Gets a page that is not there, or waits for who reads it already.</summary>
    /// <param name="index">Its number.</param>
    /// <param name="first">Where reading begins.</param>
    /// <param name="count">Pages that are read with it.</param>
    /// <param name="page">The page, up to date, with a reference for the caller.</param>
    /// <returns>EIO, ENXIO, ENOMEM.</returns>
    [MightSleep]
    private Errno ReadPage(ulong index, ulong first, ulong count, out Page page)
    {
        while (true)
        {
            bool isAlone = false;
            using (_lock.Enter())
            {
                if (_pages.TryGet(index, out page))
                {
                    page.AddReference();
                }
            }

            if (page.IsNull)
            {
                if (Device.IsGone || index * PageBytes >= (ulong)Device.Bytes)
                {
                    return Errno.ENXIO;
                }

                bool enough = StartReading(first, count, index, out page);
                isAlone = count == 1;
                if (page.IsNull)
                {
                    // Another task has begun to read it; or memory did not suffice for those around it: then alone.
                    if (!enough && count == 1)
                    {
                        return Errno.ENOMEM;
                    }

                    first = enough ? first : index;
                    count = enough ? count : 1;
                    continue;
                }
            }

            WaitWhile(index, page, BlockPageState.Reading);
            BlockPageState state;
            using (_lock.Enter())
            {
                state = StateOf(page);
            }

            if ((state & BlockPageState.UpToDate) != 0)
            {
                return Errno.Ok;
            }

            page.Release();
            page = default;
            if (Device.IsGone)
            {
                return Errno.ENXIO;
            }

            if (isAlone)
            {
                return Errno.EIO;
            }

            // Perhaps it was another page of the transfer that could not be read.
            first = index;
            count = 1;
        }
    }

    // Enters a page that is to be read. False: it is there; or there is no memory.
    [MightSleep]
    private bool TryAddForReading(ulong index, out Page page, out bool isFull)
    {
        isFull = false;
        using (_lock.Enter())
        {
            if (_pages.TryGet(index, out _))
            {
                page = default;
                return false;
            }
        }

        if (!TryAllocate(out page))
        {
            isFull = true;
            return false;
        }

        int bytes = BytesOf(index);
        if (bytes < Page.Size)
        {
            page.Clear(bytes, Page.Size - bytes);
        }

        Set(page, BlockPageState.Reading);
        bool added;
        using (_lock.Enter())
        {
            bool isThere = _pages.TryGet(index, out _);
            added = !isThere && !Device.IsGone && _pages.TryAdd(index, page);
            isFull = !added && !isThere;
            if (added)
            {
                // The tree has the first reference, the transfer this one.
                page.AddReference();
            }
        }

        if (added)
        {
            BlockCacheCounters.Cached.Add(1);
        }
        else
        {
            page.Release();
        }

        return added;
    }

    [NoAllocation]
    private void ReadDone(ulong index, Page page, Errno error)
    {
        using (_lock.Enter())
        {
            if (error == Errno.Ok)
            {
                Set(page, BlockPageState.UpToDate);
                return;
            }

            Set(page, BlockPageState.Failed);
            if (_pages.TryGet(index, out Page present) && present == page)
            {
                _pages.RemoveRange(index, index + 1);
                BlockCacheCounters.Cached.Add(-1);
            }
        }
    }

    // The last page of a device may be cut; transfers are whole blocks, of which a device consists.
    [NoAllocation]
    private int SegmentBytes(ulong index) => BytesOf(index) & ~(DiskOptions.SectorBytes - 1);
}
