using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Files.Block;

// Writing into the cache.
internal sealed partial class BlockCache
{
    /// <summary>Writes (write(2)) into the cache; write-back brings it to the device.</summary>
    /// <param name="from">What is written.</param>
    /// <param name="offset">0 and up.</param>
    /// <returns>Bytes, -EFAULT, -EIO, -ENOMEM, -ENOSPC at the end of the device, -EPERM.</returns>
    [MightSleep]
    public long Write(ref DataSource from, long offset)
    {
        long left = Math.Min(from.Remaining, Device.Bytes - offset);
        if (left <= 0)
        {
            return from.Remaining == 0 ? 0 : -(long)Errno.ENOSPC;
        }

        long total = 0;
        while (left > 0)
        {
            ulong index = (ulong)offset / PageBytes;
            int inPage = (int)(offset & (Page.Size - 1));
            int part = (int)Math.Min(Page.Size - inPage, left);
            Errno error = WritePart(index, inPage, part, ref from, out int done);
            if (error != Errno.Ok)
            {
                return total > 0 ? total : -(long)error;
            }

            total += done;
            offset += done;
            left -= done;
            if (done < part)
            {
                break;
            }

            Writeback.Balance();
        }

        return total == 0 && from.Faulted ? -(long)Errno.EFAULT : total;
    }

    [MightSleep]
    private Errno WritePart(ulong index, int inPage, int part, ref DataSource from, out int done)
    {
        done = 0;
        if (!TryFindUpToDate(index, out Page page))
        {
            if (inPage == 0 && part == BytesOf(index) && !IsPresent(index))
            {
                return WriteNew(index, part, ref from, out done);
            }

            Errno error = ReadPage(index, index, 1, out page);
            if (error != Errno.Ok)
            {
                return error;
            }
        }

        done = from.ReadPage(page, inPage, part);
        return done > 0 ? KeepWritten(index, page, inPage, done) : Release(page);
    }

    // A page has new bytes: it becomes dirty. If it has left the cache meanwhile, the one that is there now gets the bytes. Takes over the reference.
    [MightSleep]
    private Errno KeepWritten(ulong index, Page page, int inPage, int bytes)
    {
        Errno error;
        while (!TryMarkDirty(index, page, out error))
        {
            error = ReadPage(index, index, 1, out Page present);
            if (error != Errno.Ok)
            {
                break;
            }

            present.CopyFrom(page, inPage, inPage, bytes);
            page.Release();
            page = present;
        }

        page.Release();
        return error;
    }

    [NoAllocation]
    private static Errno Release(Page page)
    {
        page.Release();
        return Errno.Ok;
    }

    // The whole page is replaced: what the device holds does not matter.
    [MightSleep]
    private Errno WriteNew(ulong index, int part, ref DataSource from, out int done)
    {
        done = 0;
        if (!TryAllocate(out Page fresh))
        {
            return Errno.ENOMEM;
        }

        if (part < Page.Size)
        {
            fresh.Clear(part, Page.Size - part);
        }

        int copied = from.ReadPage(fresh, 0, part);
        if (copied < part)
        {
            // The rest of the page is unknown, so nothing of it is written: a short write.
            fresh.Release();
            return Errno.Ok;
        }

        Set(fresh, BlockPageState.UpToDate | BlockPageState.Referenced);
        Errno error = EnterDirty(index, fresh, out bool entered);
        if (!entered && error == Errno.Ok)
        {
            error = ReadPage(index, index, 1, out Page page);
            if (error == Errno.Ok)
            {
                page.CopyFrom(fresh);
                error = KeepWritten(index, page, 0, part);
            }
        }

        if (entered)
        {
            BlockCacheCounters.Cached.Add(1);
        }
        else
        {
            fresh.Release();
        }

        done = error == Errno.Ok ? part : 0;
        return error;
    }

    // Enters a page that is complete, unless there is one.
    [NoAllocation]
    private Errno EnterDirty(ulong index, Page fresh, out bool entered)
    {
        using (_lock.Enter())
        {
            entered = false;
            if (Device.IsGone)
            {
                return Errno.ENXIO;
            }

            if (_pages.TryGet(index, out _))
            {
                return Errno.Ok;
            }

            if (!_pages.TryAdd(index, fresh))
            {
                return Errno.ENOMEM;
            }

            Errno error = MarkDirtyLocked(index, fresh);
            if (error != Errno.Ok)
            {
                // The tree's reference was the only one: the caller's.
                fresh.AddReference();
                _pages.RemoveRange(index, index + 1);
                return error;
            }

            entered = true;
            return Errno.Ok;
        }
    }

    [NoAllocation]
    private bool IsPresent(ulong index)
    {
        using (_lock.Enter())
        {
            return _pages.TryGet(index, out _);
        }
    }
}
