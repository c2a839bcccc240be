using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Modules.Block;

namespace CosmosKernel.Files.Block;

/// <summary>What is done with sectors past the cache, which is kept coherent: reading and writing with O_DIRECT, discarding, writing zeros. Task context.</summary>
internal static class BlockRanges
{
    private const int SectorsOfPage = Page.Size / DiskOptions.SectorBytes;

    /// <summary>Reads into the caller's memory.</summary>
    /// <returns>Bytes; -EINVAL: offset, length or memory is not a multiple of the logical block.</returns>
    [MightSleep]
    public static long ReadDirect(BlockDevice device, ref DataSink to, long offset)
    {
        int block = device.Disk.LogicalBlockBytes;
        if (offset % block != 0 || to.Remaining % block != 0 || !to.IsAligned(block))
        {
            return -(long)Errno.EINVAL;
        }

        long left = Math.Min(to.Remaining, device.Bytes - offset);
        device.Cache.WriteAndWait((ulong)offset / Page.Size, ((ulong)(offset + left) + Page.Size - 1) / Page.Size);
        Span<BlockSegment> segments = stackalloc BlockSegment[MostPages(device)];
        long total = 0;
        while (left > 0)
        {
            BlockTransfer? transfer;
            int count = TakePages(ref to, left, segments, out int bytes);
            Errno error = Errno.Ok;
            if (count > 0)
            {
                transfer = BeginInPlace(device, BlockOperation.Read, offset, segments[..count]);
            }
            else
            {
                error = Begin(device, BlockOperation.Read, offset, left, out transfer, out bytes);
            }

            if (error == Errno.Ok)
            {
                device.Disk.Submit(transfer!);
                error = transfer!.Wait();
            }

            int done = count > 0 && error == Errno.Ok ? bytes : 0;
            if (transfer is not null)
            {
                for (int i = 0; count == 0 && i < transfer.SegmentCount && error == Errno.Ok && !to.Faulted; i++)
                {
                    done += to.WritePage(transfer.Segments[i].Page, 0, transfer.Segments[i].Length);
                }

                End(transfer, isPinned: count > 0);
            }

            if (error != Errno.Ok)
            {
                return total > 0 ? total : -(long)error;
            }

            total += done;
            offset += done;
            left -= done;
            if (done < bytes)
            {
                break;
            }
        }

        return total == 0 && to.Faulted ? -(long)Errno.EFAULT : total;
    }

    /// <summary>Writes from the caller's memory; what the cache has of the range is given up.</summary>
    /// <returns>As for reading.</returns>
    [MightSleep]
    public static long WriteDirect(BlockDevice device, ref DataSource from, long offset)
    {
        int block = device.Disk.LogicalBlockBytes;
        if (offset % block != 0 || from.Remaining % block != 0 || !from.IsAligned(block))
        {
            return -(long)Errno.EINVAL;
        }

        long left = Math.Min(from.Remaining, device.Bytes - offset);
        ulong first = (ulong)offset / Page.Size;
        ulong behind = ((ulong)(offset + left) + Page.Size - 1) / Page.Size;
        device.Cache.WriteAndWait(first, behind);
        device.Cache.Remove(first, behind);
        Span<BlockSegment> segments = stackalloc BlockSegment[MostPages(device)];
        long total = 0;
        Errno error = Errno.Ok;
        while (left > 0 && error == Errno.Ok)
        {
            BlockTransfer? transfer;
            int count = TakePages(ref from, left, segments, out int bytes);
            if (count > 0)
            {
                transfer = BeginInPlace(device, BlockOperation.Write, offset, segments[..count]);
            }
            else
            {
                error = Begin(device, BlockOperation.Write, offset, left, out transfer, out bytes);
                int copied = 0;
                for (int i = 0; transfer is not null && i < transfer.SegmentCount && !from.Faulted; i++)
                {
                    copied += from.ReadPage(transfer.Segments[i].Page, 0, transfer.Segments[i].Length);
                }

                // Memory that cannot be read ends it: a transfer is written whole or not at all.
                error = error == Errno.Ok && copied < bytes ? Errno.EFAULT : error;
            }

            if (error == Errno.Ok)
            {
                device.Disk.Submit(transfer!);
                error = transfer!.Wait();
            }

            if (transfer is not null)
            {
                End(transfer, isPinned: false);
            }

            if (error == Errno.Ok)
            {
                total += bytes;
                offset += bytes;
                left -= bytes;
            }
        }

        // Somebody may have read the old content into the cache meanwhile.
        device.Cache.Remove(first, behind);
        return total > 0 ? total : error == Errno.Ok ? 0 : -(long)error;
    }

    /// <summary>Says that contents are not needed (BLKDISCARD).</summary>
    /// <returns>EOPNOTSUPP: the disk does not take it; EINVAL: not whole blocks.</returns>
    [MightSleep]
    public static Errno Discard(BlockDevice device, long offset, long length) =>
        device.Disk.Options.MaximumDiscardSectors == 0
            ? Errno.EOPNOTSUPP
            : Each(device, BlockOperation.Discard, device.Disk.Options.MaximumDiscardSectors, offset, length);

    /// <summary>Writes zeros (BLKZEROOUT): the disk does it itself, or gets pages of zeros.</summary>
    /// <returns>EINVAL: not whole blocks.</returns>
    [MightSleep]
    public static Errno WriteZeroes(BlockDevice device, long offset, long length)
    {
        uint most = device.Disk.Options.MaximumWriteZeroesSectors;
        if (most > 0)
        {
            Errno error = Each(device, BlockOperation.WriteZeroes, most, offset, length);
            if (error != Errno.EOPNOTSUPP)
            {
                return error;
            }
        }

        return Each(device, BlockOperation.Write, (uint)(MostPages(device) * SectorsOfPage), offset, length);
    }

    [MightSleep]
    private static Errno Each(BlockDevice device, BlockOperation operation, uint most, long offset, long length)
    {
        int block = device.Disk.LogicalBlockBytes;
        if (offset < 0 || length <= 0 || offset % block != 0 || length % block != 0 || length > device.Bytes - offset)
        {
            return Errno.EINVAL;
        }

        ulong first = (ulong)offset / Page.Size;
        ulong behind = ((ulong)(offset + length) + Page.Size - 1) / Page.Size;
        device.Cache.WriteAndWait(first, behind);
        device.Cache.Remove(first, behind);
        ulong sector = (ulong)offset / DiskOptions.SectorBytes;
        ulong left = (ulong)length / DiskOptions.SectorBytes;
        most -= most % (uint)(block / DiskOptions.SectorBytes);
        Errno error = Errno.Ok;
        while (left > 0 && error == Errno.Ok)
        {
            uint part = (uint)Math.Min(left, most);
            BlockTransfer transfer = BlockTransfers.All.Take();
            transfer.Prepare(device, operation, sector, operation == BlockOperation.Write ? 0 : part);
            for (uint done = 0; operation == BlockOperation.Write && done < part; done += SectorsOfPage)
            {
                transfer.Add(new BlockSegment(Page.Zero, 0, (int)Math.Min(part - done, SectorsOfPage) * DiskOptions.SectorBytes));
            }

            device.Disk.Submit(transfer);
            error = transfer.Wait();
            transfer.Release();
            sector += part;
            left -= part;
        }

        device.Cache.Remove(first, behind);
        return error;
    }

    private static int MostPages(BlockDevice device) => Math.Min(Math.Min(BlockTransfer.Pages, device.Disk.Options.MaximumSegments), device.Disk.Options.MaximumSectors / SectorsOfPage);

    // The caller's own pages, as far as a device may have them; none of them is in a transfer yet, so nothing waits for this task while it waits for a page.
    [MightSleep]
    private static int TakePages(ref DataSink to, long left, scoped Span<BlockSegment> segments, out int bytes)
    {
        int count = 0;
        bytes = 0;
        while (count < segments.Length && bytes < left && to.TryTakePage((int)Math.Min(left - bytes, Page.Size), out Page page, out int inPage, out int part))
        {
            segments[count++] = new BlockSegment(page, inPage, part);
            bytes += part;
        }

        return count;
    }

    [MightSleep]
    private static int TakePages(ref DataSource from, long left, scoped Span<BlockSegment> segments, out int bytes)
    {
        int count = 0;
        bytes = 0;
        while (count < segments.Length && bytes < left && from.TryTakePage((int)Math.Min(left - bytes, Page.Size), out Page page, out int inPage, out int part))
        {
            segments[count++] = new BlockSegment(page, inPage, part);
            bytes += part;
        }

        return count;
    }

    // A transfer with the caller's pages, whose references it takes over.
    [MightSleep]
    private static BlockTransfer BeginInPlace(BlockDevice device, BlockOperation operation, long offset, ReadOnlySpan<BlockSegment> segments)
    {
        BlockTransfer transfer = BlockTransfers.All.Take();
        transfer.Prepare(device, operation, (ulong)offset / DiskOptions.SectorBytes);
        foreach (ref readonly BlockSegment segment in segments)
        {
            transfer.Add(segment);
        }

        return transfer;
    }

    // A transfer with pages of its own.
    [MightSleep]
    private static Errno Begin(BlockDevice device, BlockOperation operation, long offset, long left, out BlockTransfer? transfer, out int bytes)
    {
        bytes = 0;
        transfer = BlockTransfers.All.Take();
        transfer.Prepare(device, operation, (ulong)offset / DiskOptions.SectorBytes);
        for (int most = MostPages(device); bytes < left && most > 0; most--)
        {
            if (!Page.TryAllocate(out Page page, cleared: false) && (BlockReclaim.TryReclaim(BlockReclaim.Batch) == 0 || !Page.TryAllocate(out page, cleared: false)))
            {
                break;
            }

            int part = (int)Math.Min(left - bytes, Page.Size);
            transfer.Add(new BlockSegment(page, 0, part));
            bytes += part;
        }

        if (bytes > 0)
        {
            return Errno.Ok;
        }

        transfer.Release();
        transfer = null;
        return Errno.ENOMEM;
    }

    [NoAllocation]
    private static void End(BlockTransfer transfer, bool isPinned)
    {
        foreach (ref readonly BlockSegment segment in transfer.Segments)
        {
            if (isPinned)
            {
                segment.Page.Unpin();
            }
            else
            {
                segment.Page.Release();
            }
        }

        transfer.Release();
    }
}
