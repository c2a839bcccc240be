using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;
using SpinLock = CosmosKernel.Machine.Locking.SpinLock;

namespace CosmosKernel.Files.Tmpfs;

/// <summary>
/// The pages of a file in memory. read(2), write(2) and mappings share them; what was never written has none. Writes and changes of size exclude each other by a lock that sleeps; the tree of pages has a spin lock, held for
/// one page at a time, so a page fault never waits for a write.
/// <para>Counted: names, open files and mappings each hold it (<see cref="TryAcquire"/>, <see cref="Release"/>); with the last one the pages are freed.</para>
/// </summary>
public sealed partial class TmpfsContent : MappedObject
{
    // Pages that are freed with the spin lock held once.
    private const ulong PagesAtOnce = 128;
    private static readonly LockClass s_writeClass = LockClasses.Register("file content");

    private readonly TmpfsFileSystem _fileSystem;
    private readonly Mutex _writeLock = new("file content", s_writeClass);
    private SpinLock _lock = new(LockClass.FilePages);

    [GuardedBy(nameof(_lock))]
    private readonly PageStore _pages = new();

    // Changed with both locks held.
    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private long _size;

    [Atomic]
    private int _holders = 1;

    [Atomic]
    private int _seals;

    /// <summary>Makes an empty content with one holder.</summary>
    /// <param name="fileSystem">Whose room it takes.</param>
    /// <param name="seals">What is sealed from the start: <see cref="FileSeals.Seal"/> for files that cannot be sealed.</param>
    public TmpfsContent(TmpfsFileSystem fileSystem, FileSeals seals)
    {
        _fileSystem = fileSystem;
        _seals = (int)seals;
    }

    /// <inheritdoc/>
    public override ulong Size => (ulong)Volatile.Read(ref _size);

    /// <summary>What is sealed. Any context.</summary>
    public FileSeals Seals => (FileSeals)Volatile.Read(ref _seals);

    /// <summary>Pages that it has now. Task context.</summary>
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

    /// <summary>One more holder. Any context.</summary>
    /// <returns>False when the last one has gone.</returns>
    [NoAllocation]
    public bool TryAcquire()
    {
        int holders = Volatile.Read(ref _holders);
        while (holders > 0)
        {
            int seen = Interlocked.CompareExchange(ref _holders, holders + 1, holders);
            if (seen == holders)
            {
                return true;
            }

            holders = seen;
        }

        return false;
    }

    /// <summary>A holder goes; the last one frees the pages. Task context.</summary>
    [MightSleep]
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            RemovePages(0, ulong.MaxValue);
            _fileSystem.InodeGone();
        }
    }

    /// <summary>Reads.</summary>
    /// <param name="to">Where it goes.</param>
    /// <param name="offset">0 and up.</param>
    /// <returns>Bytes, 0 at the end, or -EFAULT.</returns>
    [MightSleep]
    public long Read(ref DataSink to, long offset)
    {
        long left = Math.Min(to.Remaining, Volatile.Read(ref _size) - offset);
        long total = 0;
        while (left > 0)
        {
            int inPage = (int)(offset & (Page.Size - 1));
            int part = (int)Math.Min(Page.Size - inPage, left);
            int done;
            if (TryFindPage((ulong)offset / Page.Size, out Page page))
            {
                done = to.WritePage(page, inPage, part);
                page.Release();
            }
            else
            {
                done = to.Clear(part);
            }

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

    /// <summary>Writes; the content grows as far as needed.</summary>
    /// <param name="from">What is written.</param>
    /// <param name="offset">Where; with <paramref name="appends"/> it is set to the end.</param>
    /// <param name="appends">At the end, whatever others write meanwhile.</param>
    /// <returns>Bytes, or -EFAULT, -EFBIG, -ENOSPC, -ENOMEM, -EPERM (sealed).</returns>
    [MightSleep]
    public long Write(ref DataSource from, ref long offset, bool appends)
    {
        using (_writeLock.Enter())
        {
            if (appends)
            {
                offset = Volatile.Read(ref _size);
            }

            long left = from.Remaining;
            Errno error = CheckWrite(offset, ref left);
            return error != Errno.Ok ? -(long)error : WritePages(ref from, offset, left);
        }
    }

    /// <summary>Sets the size. What is cut off is gone from mappings too.</summary>
    /// <returns>EPERM: sealed; EFBIG.</returns>
    [MightSleep]
    public Errno Truncate(long size)
    {
        using (_writeLock.Enter())
        {
            long old = Volatile.Read(ref _size);
            FileSeals seals = Seals;
            if ((size < old && (seals & FileSeals.Shrink) != 0) || (size > old && (seals & FileSeals.Grow) != 0))
            {
                return Errno.EPERM;
            }

            using (_lock.Enter())
            {
                Volatile.Write(ref _size, size);
            }

            if (size < old)
            {
                ClearTail(size);
                ulong first = ((ulong)size + Page.Size - 1) / Page.Size;
                RemovePages(first, ulong.MaxValue);
                ForgetPages(first, ulong.MaxValue, alsoCopies: true);
            }

            return Errno.Ok;
        }
    }

    /// <summary>Adds seals.</summary>
    /// <returns>EPERM: sealed against it; EBUSY: there are writable shared mappings.</returns>
    [MightSleep]
    public Errno AddSeals(FileSeals seals)
    {
        using (_writeLock.Enter())
        {
            FileSeals old = Seals;
            if ((old & FileSeals.Seal) != 0)
            {
                return Errno.EPERM;
            }

            // A full fence: a mapping that begins after this sees the seal, one that began before is counted.
            Interlocked.Or(ref _seals, (int)seals);
            if ((seals & FileSeals.Write) != 0 && (old & FileSeals.Write) == 0 && SharedWritableMappings > 0)
            {
                Interlocked.And(ref _seals, (int)old);
                return Errno.EBUSY;
            }

            return Errno.Ok;
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno TryGetPage(ulong index, bool forWrite, out Page page) => GetOrMake(index, isFault: true, out page);

    /// <inheritdoc/>
    public override bool TryFindPage(ulong index, out Page page)
    {
        using (_lock.Enter())
        {
            bool found = _pages.TryGet(index, out page);
            if (found)
            {
                page.AddReference();
            }

            return found;
        }
    }

    /// <inheritdoc/>
    public override bool RefusesNewWriters => (Seals & (FileSeals.Write | FileSeals.FutureWrite)) == FileSeals.FutureWrite;

    /// <inheritdoc/>
    protected override Errno CheckMapping(bool sharedWritable) => sharedWritable && (Seals & (FileSeals.Write | FileSeals.FutureWrite)) != 0 ? Errno.EPERM : Errno.Ok;

    /// <inheritdoc/>
    [MightSleep]
    protected override void Hold() => TryAcquire();

    /// <inheritdoc/>
    [MightSleep]
    protected override void Drop() => Release();

    private Errno CheckWrite(long offset, ref long left)
    {
        FileSeals seals = Seals;
        if ((seals & (FileSeals.Write | FileSeals.FutureWrite)) != 0)
        {
            return Errno.EPERM;
        }

        if (left == 0)
        {
            return Errno.Ok;
        }

        ulong limit = Math.Min(FileServices.Instance?.FileSizeLimit ?? FileServices.Unlimited, long.MaxValue);
        if ((ulong)offset >= limit)
        {
            if (limit < long.MaxValue)
            {
                FileServices.Instance!.SignalFileSize();
            }

            return Errno.EFBIG;
        }

        left = Math.Min(left, (long)limit - offset);
        if ((seals & FileSeals.Grow) != 0)
        {
            left = Math.Min(left, Volatile.Read(ref _size) - offset);
            return left <= 0 ? Errno.EPERM : Errno.Ok;
        }

        return Errno.Ok;
    }

    [RequiresLock(nameof(_writeLock))]
    [MightSleep]
    private long WritePages(ref DataSource from, long offset, long left)
    {
        long total = 0;
        while (left > 0)
        {
            Errno error = GetOrMake((ulong)offset / Page.Size, isFault: false, out Page page);
            if (error != Errno.Ok)
            {
                return total > 0 ? total : -(long)error;
            }

            int inPage = (int)(offset & (Page.Size - 1));
            int part = (int)Math.Min(Page.Size - inPage, left);
            int done = from.ReadPage(page, inPage, part);
            page.Release();
            total += done;
            offset += done;
            left -= done;
            using (_lock.Enter())
            {
                if (offset > _size)
                {
                    Volatile.Write(ref _size, offset);
                }
            }

            if (done < part)
            {
                break;
            }
        }

        return total == 0 && from.Faulted ? -(long)Errno.EFAULT : total;
    }

    // Finds a page with a reference for the caller, or makes it. A fault may not make one beyond the end; a write, which makes the content longer afterwards, may.
    private Errno GetOrMake(ulong index, bool isFault, out Page page)
    {
        using (_lock.Enter())
        {
            if (isFault && index * Page.Size >= (ulong)_size)
            {
                page = default;
                return Errno.EFAULT;
            }

            if (_pages.TryGet(index, out page))
            {
                page.AddReference();
                return Errno.Ok;
            }
        }

        if (!_fileSystem.TryCharge())
        {
            return Errno.ENOSPC;
        }

        if (!Page.TryAllocate(out Page fresh))
        {
            _fileSystem.Uncharge(1);
            return isFault ? Errno.ENOMEM : Errno.ENOSPC;
        }

        Errno error = Enter(index, isFault, fresh, out page);
        if (page != fresh)
        {
            fresh.Release();
            _fileSystem.Uncharge(1);
        }

        return error;
    }

    // Enters a page unless another task was quicker; the result has a reference for the caller.
    private Errno Enter(ulong index, bool isFault, Page fresh, out Page page)
    {
        using (_lock.Enter())
        {
            if (isFault && index * Page.Size >= (ulong)_size)
            {
                page = default;
                return Errno.EFAULT;
            }

            if (_pages.TryGet(index, out page))
            {
                page.AddReference();
                return Errno.Ok;
            }

            if (!_pages.TryAdd(index, fresh))
            {
                return index >= PageStore.Limit ? Errno.EFBIG : Errno.ENOMEM;
            }

            page = fresh;
            page.AddReference();
            return Errno.Ok;
        }
    }

    private void RemovePages(ulong first, ulong end)
    {
        while (true)
        {
            ulong removed;
            using (_lock.Enter())
            {
                if (!_pages.TryFindNext(first, out ulong next, out _) || next >= end)
                {
                    return;
                }

                first = next + PagesAtOnce;
                removed = _pages.RemoveRange(next, Math.Min(first, end));
            }

            _fileSystem.Uncharge((long)removed);
        }
    }

    // Zeros behind the end, so that they are there when the content grows again.
    private void ClearTail(long size)
    {
        int inPage = (int)(size & (Page.Size - 1));
        if (inPage != 0 && TryFindPage((ulong)size / Page.Size, out Page page))
        {
            page.Clear(inPage, Page.Size - inPage);
            page.Release();
        }
    }
}
