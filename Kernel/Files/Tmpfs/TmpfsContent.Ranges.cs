using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Files.Tmpfs;

// Holes: making them, filling them, finding them (fallocate(2), lseek(2)).
public sealed partial class TmpfsContent
{
    private const int KeepSize = 1;
    private const int PunchHole = 2;

    /// <summary>Makes room, or a hole (fallocate(2)).</summary>
    /// <param name="mode">0, FALLOC_FL_KEEP_SIZE, or that and FALLOC_FL_PUNCH_HOLE; others EOPNOTSUPP.</param>
    /// <param name="offset">0 and up.</param>
    /// <param name="length">1 and up; the sum does not overflow.</param>
    /// <returns>ENOSPC, ENOMEM, EFBIG, EPERM (sealed), EOPNOTSUPP.</returns>
    [MightSleep]
    public Errno Allocate(int mode, long offset, long length)
    {
        if (mode == (KeepSize | PunchHole))
        {
            return Punch(offset, length);
        }

        if ((mode & ~KeepSize) != 0)
        {
            return Errno.EOPNOTSUPP;
        }

        long end = offset + length;
        Errno error = Vfs.CheckSize(end);
        if (error != Errno.Ok)
        {
            return error;
        }

        using (_writeLock.Enter())
        {
            if ((Seals & FileSeals.Grow) != 0 && end > Volatile.Read(ref _size))
            {
                return Errno.EPERM;
            }

            ulong first = (ulong)offset / Page.Size;
            ulong behind = ((ulong)end + Page.Size - 1) / Page.Size;
            return _fileSystem.IsTooSmallFor(behind - first) ? Errno.ENOSPC : Fill(first, behind, (mode & KeepSize) != 0 ? 0 : end);
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Punch(ulong firstPage, ulong endPage) => Punch((long)(firstPage * Page.Size), (long)((endPage - firstPage) * Page.Size));

    /// <summary>The next data or hole (lseek(2), SEEK_DATA and SEEK_HOLE).</summary>
    /// <param name="offset">From where.</param>
    /// <param name="wantsData">Data, else a hole; behind the end is a hole.</param>
    /// <returns>The offset, or -ENXIO: beyond the end, or no data follows.</returns>
    [MightSleep]
    public long FindRange(long offset, bool wantsData)
    {
        long size = Volatile.Read(ref _size);
        if (offset < 0 || offset >= size)
        {
            return -(long)Errno.ENXIO;
        }

        ulong index = (ulong)offset / Page.Size;
        if (wantsData)
        {
            using (_lock.Enter())
            {
                if (!_pages.TryFindNext(index, out ulong next, out _) || next * Page.Size >= (ulong)size)
                {
                    return -(long)Errno.ENXIO;
                }

                return next == index ? offset : (long)(next * Page.Size);
            }
        }

        while (index * Page.Size < (ulong)size && TryFindPage(index, out Page page))
        {
            page.Release();
            index++;
        }

        return Math.Clamp((long)(index * Page.Size), offset, size);
    }

    [MightSleep]
    private Errno Punch(long offset, long length)
    {
        using (_writeLock.Enter())
        {
            if ((Seals & (FileSeals.Write | FileSeals.FutureWrite)) != 0)
            {
                return Errno.EPERM;
            }

            long end = offset + length;
            ulong first = ((ulong)offset + Page.Size - 1) / Page.Size;
            ulong behind = (ulong)end / Page.Size;
            ClearPart(offset, (long)Math.Min(first * Page.Size, (ulong)end));
            if (behind >= first)
            {
                ClearPart((long)(behind * Page.Size), end);
                RemovePages(first, behind);
                ForgetPages(first, behind, alsoCopies: false);
            }

            return Errno.Ok;
        }
    }

    // Clears a part of one page.
    private void ClearPart(long from, long to)
    {
        if (to > from && TryFindPage((ulong)from / Page.Size, out Page page))
        {
            page.Clear((int)(from & (Page.Size - 1)), (int)(to - from));
            page.Release();
        }
    }

    // Makes all pages of a range; if one cannot be, those that were made before by this call go again.
    [RequiresLock(nameof(_writeLock))]
    [MightSleep]
    private Errno Fill(ulong first, ulong end, long size)
    {
        for (ulong index = first; index < end; index++)
        {
            Errno error = GetOrMake(index, isFault: false, out Page page);
            if (error != Errno.Ok)
            {
                // Beyond the end nobody can have used them; before it they are zeros, as the holes were.
                ulong behind = ((ulong)Volatile.Read(ref _size) + Page.Size - 1) / Page.Size;
                RemovePages(Math.Max(first, behind), index);
                return error;
            }

            page.Release();
        }

        using (_lock.Enter())
        {
            if (size > _size)
            {
                Volatile.Write(ref _size, size);
            }
        }

        return Errno.Ok;
    }
}
