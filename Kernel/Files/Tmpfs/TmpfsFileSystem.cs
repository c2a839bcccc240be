using System;
using System.Globalization;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Files.Tmpfs;

/// <summary>A file system in memory (tmpfs(5)). Its names and inodes are on the managed heap, its contents are pages; both can be limited.</summary>
public sealed class TmpfsFileSystem : FileSystem
{
    private const long Magic = 0x01021994;

    [Atomic]
    private static long s_allPages;

    [Atomic]
    private long _pageLimit;

    [Atomic]
    private long _pages;

    [Atomic]
    private long _inodeLimit;

    [Atomic]
    private long _inodes;

    [Atomic]
    private long _lastNumber;

    /// <summary>Makes an empty one.</summary>
    /// <param name="type">The type whose name it has.</param>
    /// <param name="options">Limits, and what its top directory is.</param>
    public TmpfsFileSystem(FileSystemType type, TmpfsOptions options)
        : base(type)
    {
        ArgumentNullException.ThrowIfNull(options);
        _pageLimit = options.PageLimit;
        _inodeLimit = options.InodeLimit;
        var root = new TmpfsDirectory(this, new NewInode(FileMode.Directory | options.Mode, options.UserId, options.GroupId));
        _ = TryAddInode();
        Top = root;
    }

    /// <summary>Pages of contents of all of them, shared memory included (Shmem in proc(5)). Any context.</summary>
    public static ulong AllPages => (ulong)Volatile.Read(ref s_allPages);

    /// <inheritdoc/>
    public override Inode Root => Top;

    /// <inheritdoc/>
    public override bool KeepsExtendedAttributes => true;

    /// <summary>The directory at its top.</summary>
    public TmpfsDirectory Top { get; }

    /// <inheritdoc/>
    public override string Options
    {
        get
        {
            long limit = Volatile.Read(ref _pageLimit);
            return limit == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"size={limit * (Page.Size / 1024)}k");
        }
    }

    /// <summary>Pages of contents. Any context.</summary>
    public long Pages => Volatile.Read(ref _pages);

    /// <inheritdoc/>
    public override void GetStatistics(out FileSystemStatistics statistics)
    {
        long pageLimit = Volatile.Read(ref _pageLimit);
        long inodeLimit = Volatile.Read(ref _inodeLimit);
        statistics = new FileSystemStatistics
        {
            Magic = Magic,
            BlockBytes = Page.Size,
            Blocks = (ulong)pageLimit,
            FreeBlocks = (ulong)Math.Max(0, pageLimit - Pages),
            Inodes = (ulong)inodeLimit,
            FreeInodes = (ulong)Math.Max(0, inodeLimit - Volatile.Read(ref _inodes)),
        };
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Remount(string options)
    {
        var changed = new TmpfsOptions { PageLimit = Volatile.Read(ref _pageLimit), InodeLimit = Volatile.Read(ref _inodeLimit) };
        Errno error = changed.Parse(options);
        if (error != Errno.Ok || (changed.PageLimit != 0 && changed.PageLimit < Pages))
        {
            return Errno.EINVAL;
        }

        Volatile.Write(ref _pageLimit, changed.PageLimit);
        Volatile.Write(ref _inodeLimit, changed.InodeLimit);
        return Errno.Ok;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void Unmounted() => Top.RemoveAll();

    /// <summary>A file without a name in it, for memfd_create(2) and shared memory. Task context.</summary>
    /// <param name="mode">Permissions.</param>
    /// <param name="userId">Owner.</param>
    /// <param name="groupId">Group.</param>
    /// <param name="seals">What is sealed from the start.</param>
    /// <param name="mayGetName">link(2) may give it a name.</param>
    /// <param name="description">What stands instead of a path; null for a path.</param>
    /// <returns>Null: the limit of inodes.</returns>
    public TmpfsFile? TryCreateUnnamed(uint mode, uint userId, uint groupId, FileSeals seals, bool mayGetName = false, string? description = null) =>
        TryAddInode() ? new TmpfsFile(this, new NewInode(FileMode.Regular | mode, userId, groupId), seals, links: 0, mayGetName, description) : null;

    /// <summary>The next inode number. Any context.</summary>
    internal ulong NextNumber() => (ulong)Interlocked.Increment(ref _lastNumber);

    /// <summary>It can never have so many pages. Any context.</summary>
    [NoAllocation]
    internal bool IsTooSmallFor(ulong pages) => Volatile.Read(ref _pageLimit) is > 0 and long limit && pages > (ulong)limit;

    /// <summary>Room for one page. Any context.</summary>
    [NoAllocation]
    internal bool TryCharge()
    {
        long limit = Volatile.Read(ref _pageLimit);
        if (Interlocked.Increment(ref _pages) <= limit || limit == 0)
        {
            Interlocked.Increment(ref s_allPages);
            return true;
        }

        Interlocked.Decrement(ref _pages);
        return false;
    }

    /// <summary>Pages were freed. Any context.</summary>
    [NoAllocation]
    internal void Uncharge(long pages)
    {
        Interlocked.Add(ref _pages, -pages);
        Interlocked.Add(ref s_allPages, -pages);
    }

    /// <summary>Room for one inode. Any context.</summary>
    [NoAllocation]
    internal bool TryAddInode()
    {
        long limit = Volatile.Read(ref _inodeLimit);
        if (Interlocked.Increment(ref _inodes) <= limit || limit == 0)
        {
            return true;
        }

        Interlocked.Decrement(ref _inodes);
        return false;
    }

    /// <summary>An inode is gone. Any context.</summary>
    [NoAllocation]
    internal void InodeGone() => Interlocked.Decrement(ref _inodes);
}
