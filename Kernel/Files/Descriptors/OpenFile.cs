using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Events;
using CosmosKernel.Files.Locks;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Notification;
using CosmosKernel.Files.Polling;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Descriptors;

/// <summary>
/// An open file description (open(2)): what descriptors refer to, shared by dup(2) and fork(2), counted. All operations are called in task context with a reference held, without any lock, by any number of
/// tasks at once. They return a count or a negative errno (<c>-(long)Errno.X</c>) and throw nothing. The system call has checked that the file is open for reading or writing.
/// <para>Files with a position derive from <see cref="SeekableFile"/>.</para>
/// </summary>
public abstract class OpenFile
{
    /// <summary>Flags that F_SETFL changes (fcntl(2)).</summary>
    public const OpenFlags SettableFlags = OpenFlags.Append | OpenFlags.NonBlocking | OpenFlags.Async | OpenFlags.Direct | OpenFlags.NoAccessTime;

    /// <summary>An offset that means: at the file's position.</summary>
    public const long AtPosition = -1;

    private static readonly Mutex s_asyncLock = new("signals of files");

    [Atomic]
    private int _references = 1;

    [Atomic]
    private int _flags;

    [Atomic]
    private FileOwner? _owner;

    // Sends its signals; set while O_ASYNC is on.
    [GuardedBy(nameof(s_asyncLock), LockFreeReads = true)]
    private AsyncWatcher? _async;

    [Atomic]
    private int _ownerSignal;

    // What it is counted as at its inode: FileUse.
    [Atomic]
    private int _use;

    // It has, or had, file locks.
    [Atomic]
    private bool _wasLocked;

    // It is one of OpenFileCount.
    [Atomic]
    private int _isCounted;

    private readonly bool _isPinned;

    /// <summary>Makes a file with one reference. Task context.</summary>
    /// <param name="path">Its place, which is pinned; the default value for a file without one, such as a socket.</param>
    /// <param name="inode">Its inode.</param>
    /// <param name="flags">Of open(2).</param>
    protected OpenFile(in VfsPath path, Inode inode, OpenFlags flags)
    {
        Path = path;
        Inode = inode;
        _isPinned = !path.IsNull && path.TryPin();

        // What only open itself looks at does not stay (fcntl(2), F_GETFL).
        _flags = (int)(flags & ~(OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.NoControllingTerminal | OpenFlags.Truncate | OpenFlags.CloseOnExec));
    }

    /// <summary>Where it was opened; the default value for a file that is nowhere.</summary>
    public VfsPath Path { get; }

    /// <summary>Its inode.</summary>
    public Inode Inode { get; }

    /// <summary>Access mode and status flags. Any context.</summary>
    public OpenFlags Flags => (OpenFlags)Volatile.Read(ref _flags);

    /// <summary>It can be read.</summary>
    public bool IsReadable => (Flags & (OpenFlags.AccessMode | OpenFlags.Path)) is OpenFlags.ReadOnly or OpenFlags.ReadWrite;

    /// <summary>It can be written.</summary>
    public bool IsWritable => (Flags & (OpenFlags.AccessMode | OpenFlags.Path)) is OpenFlags.WriteOnly or OpenFlags.ReadWrite;

    /// <summary>It was opened with O_PATH: most system calls refuse it with EBADF.</summary>
    public bool IsPathOnly => (Flags & OpenFlags.Path) != 0;

    /// <summary>Operations on it do not wait (O_NONBLOCK).</summary>
    public bool IsNonBlocking => (Flags & OpenFlags.NonBlocking) != 0;

    /// <summary>It has a position: lseek, pread and pwrite work. ESPIPE without.</summary>
    public virtual bool IsSeekable => false;

    /// <summary>It has states to wait for, so an epoll can watch it (epoll_ctl(2)). Default: regular files and directories have none.</summary>
    public virtual bool IsPollable => !FileMode.Is(Inode.Mode, FileMode.Regular) && !FileMode.Is(Inode.Mode, FileMode.Directory);

    /// <summary>It sends signals when something happens at it and O_ASYNC is set. Default: no; the flag then means nothing.</summary>
    public virtual bool SupportsAsync => false;

    /// <summary>Who gets its signals (F_SETOWN). Any context.</summary>
    public FileOwner Owner
    {
        get => Volatile.Read(ref _owner) ?? FileOwner.None;
        set => Volatile.Write(ref _owner, value);
    }

    /// <summary>The signal instead of SIGIO (F_SETSIG); 0: SIGIO.</summary>
    public int OwnerSignal
    {
        get => Volatile.Read(ref _ownerSignal);
        set => Volatile.Write(ref _ownerSignal, value);
    }

    /// <summary>What /proc/PID/fd shows instead of a path, such as <c>pipe:[5]</c>; null: the path.</summary>
    public virtual string? Description => null;

    /// <summary>Adds what /proc/PID/fdinfo shows of this kind of file, in lines. Default: nothing. Task context.</summary>
    [MightSleep]
    public virtual void Describe(TextBuilder to)
    {
    }

    /// <summary>The first of the epolls' entries for it.</summary>
    [GuardedBy(typeof(EpollFile), "s_filesLock", LockFreeReads = true)]
    internal EpollItem? FirstEpollItem { get; set; }

    /// <summary>The first of those who get signals for changes in it (F_NOTIFY).</summary>
    [GuardedBy(typeof(DirectoryWatch), "s_lock", LockFreeReads = true)]
    internal DirectoryWatch? FirstDirectoryWatch { get; set; }

    /// <summary>More than one descriptor, or a running operation, refers to it. Outdated at once.</summary>
    internal bool IsShared => Volatile.Read(ref _references) > 1;

    /// <summary>References now. Outdated at once.</summary>
    internal int References => Volatile.Read(ref _references);

    /// <summary>It is counted so at its inode until it is closed. Once, before others see it.</summary>
    internal void SetUse(FileUse use) => Volatile.Write(ref _use, (int)use);

    /// <summary>It was opened to be executed, and that is over: it can be written to again. Task context.</summary>
    public void EndUse() => Inode.RemoveUser((FileUse)Interlocked.Exchange(ref _use, (int)FileUse.None));

    /// <summary>A file lock was taken through it, and goes when it is closed. Any context.</summary>
    [NoAllocation]
    internal void NoteLocked() => Volatile.Write(ref _wasLocked, true);

    /// <summary>It is complete, and somebody can use it: counts it, once. Any context.</summary>
    [NoAllocation]
    internal void Count()
    {
        if (Volatile.Read(ref _isCounted) == 0 && Interlocked.Exchange(ref _isCounted, 1) == 0)
        {
            OpenFileCount.Add(1);
        }
    }

    /// <summary>One more reference, by who holds one. Any context.</summary>
    [NoAllocation]
    public void AddReference() => Interlocked.Increment(ref _references);

    /// <summary>One more reference, if the file is not closed yet. Any context.</summary>
    [NoAllocation]
    public bool TryAddReference()
    {
        int references = Volatile.Read(ref _references);
        while (references > 0)
        {
            int seen = Interlocked.CompareExchange(ref _references, references + 1, references);
            if (seen == references)
            {
                return true;
            }

            references = seen;
        }

        return false;
    }

    /// <summary>Gives a reference up; the last one closes the file. Task context.</summary>
    [MightSleep]
    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            CloseNow();
        }
        else
        {
            ReferenceGone();
        }
    }

    /// <summary>Replaces the flags that <see cref="SettableFlags"/> has (F_SETFL). Task context.</summary>
    /// <returns>An error when the file cannot have one of them.</returns>
    [MightSleep]
    public virtual Errno SetFlags(OpenFlags flags)
    {
        int old = Volatile.Read(ref _flags);
        while (true)
        {
            int changed = (old & ~(int)SettableFlags) | (int)(flags & SettableFlags);
            int seen = Interlocked.CompareExchange(ref _flags, changed, old);
            if (seen == old)
            {
                return Errno.Ok;
            }

            old = seen;
        }
    }

    /// <summary>Who gets its signals, as a number (F_GETOWN): positive for a process or thread, negative for a group; 0 for nobody, and for who is gone.</summary>
    public int OwnerNumber
    {
        get
        {
            FileOwner owner = Owner;
            bool isThere = FileServices.Instance is { } services && services.IsThere(owner);
            return !isThere ? 0 : owner.Kind == FileOwnerKind.Group ? -owner.Id : owner.Id;
        }
    }

    /// <summary>Says who gets its signals (F_SETOWN, SIOCSPGRP). Task context.</summary>
    /// <param name="number">A process when positive, a group when negative, 0 nobody.</param>
    /// <returns>ESRCH: there is none; EINVAL.</returns>
    public Errno SetOwnerNumber(int number)
    {
        if (number == int.MinValue)
        {
            return Errno.EINVAL;
        }

        FileOwner owner = FileOwner.None;
        Errno error = FileServices.Instance?.FindOwner(number < 0 ? FileOwnerKind.Group : FileOwnerKind.Process, System.Math.Abs(number), out owner) ?? Errno.ESRCH;
        if (error == Errno.Ok)
        {
            Owner = owner;
        }

        return error;
    }

    /// <summary>Begins or ends the signals of a file that has them (O_ASYNC). Task context.</summary>
    /// <param name="on">Begins.</param>
    /// <param name="descriptor">What the signals shall name it.</param>
    [MightSleep]
    public void SetAsync(bool on, int descriptor)
    {
        using (s_asyncLock.Enter())
        {
            if (on && _async is null)
            {
                if (Owner.Target is null && DefaultOwner() is { } owner)
                {
                    Owner = owner;
                }

                var watcher = new AsyncWatcher(this, descriptor);
                try
                {
                    watcher.Begin();
                    Volatile.Write(ref _async, watcher);
                }
                finally
                {
                    if (_async is null)
                    {
                        watcher.End();
                    }
                }
            }
            else if (!on && _async is { } old)
            {
                Volatile.Write(ref _async, null);
                old.End();
            }
        }
    }

    /// <summary>Sends the owner a signal, if there is one. Any context but NMI; only locks are held that come before those of signals.</summary>
    /// <param name="reason">POLL_IN and so on.</param>
    /// <param name="descriptor">What the signal shall name it.</param>
    [NoAllocation]
    internal void SignalOwner(int reason, int descriptor)
    {
        if (Volatile.Read(ref _owner) is { Target: not null } owner && FileServices.Instance is { } services)
        {
            services.SignalOwner(owner, OwnerSignal, reason, BandOf(reason), descriptor);
        }
    }

    /// <summary>Who gets its signals when nobody was named. Default: nobody.</summary>
    protected virtual FileOwner? DefaultOwner() => null;

    // What Linux tells for each reason (si_band).
    [NoAllocation]
    private static PollEvents BandOf(int reason) => reason switch
    {
        SignalCode.POLL_IN => PollEvents.Readable,
        SignalCode.POLL_OUT => PollEvents.Writable | PollEvents.WriteBand,
        SignalCode.POLL_MSG => PollEvents.Readable | PollEvents.Message,
        SignalCode.POLL_ERR => PollEvents.Error,
        SignalCode.POLL_PRI => PollEvents.Priority | PollEvents.ReadBand,
        _ => PollEvents.HangUp | PollEvents.Error,
    };

    /// <summary>Reads (read(2), pread(2)). Default: EINVAL.</summary>
    /// <param name="to">Where it goes.</param>
    /// <param name="offset">Where in the file; <see cref="AtPosition"/>: at its position, which moves. Files without a position get only that.</param>
    /// <returns>Bytes read, 0 at the end; EFAULT only if nothing was read.</returns>
    [MightSleep]
    public virtual long Read(ref DataSink to, long offset) => -(long)Errno.EINVAL;

    /// <summary>Writes (write(2), pwrite(2)). Default: EINVAL.</summary>
    /// <param name="from">Where it comes from.</param>
    /// <param name="offset">As for <see cref="Read"/>.</param>
    /// <returns>Bytes written.</returns>
    [MightSleep]
    public virtual long Write(ref DataSource from, long offset) => -(long)Errno.EINVAL;

    /// <summary>Moves the position (lseek(2)). Default: ESPIPE.</summary>
    /// <param name="offset">Bytes.</param>
    /// <param name="origin">0 SEEK_SET, 1 SEEK_CUR, 2 SEEK_END, 3 SEEK_DATA, 4 SEEK_HOLE; others EINVAL.</param>
    /// <returns>The new position.</returns>
    [MightSleep]
    public virtual long Seek(long offset, int origin) => -(long)Errno.ESPIPE;

    /// <summary>Device-specific requests (ioctl(2)). Default: ENOTTY.</summary>
    /// <param name="request">The request.</param>
    /// <param name="argument">A number or a user address, as the request has it.</param>
    [MightSleep]
    public virtual long Control(uint request, [UserAddress] ulong argument) => -(long)Errno.ENOTTY;

    /// <summary>
    /// What the file is ready for (poll(2)). First attaches the watcher to the file's queues, then looks. Default: always readable and writable, as regular files are.
    /// </summary>
    /// <param name="watcher">Wants to know of changes; null: only look.</param>
    public virtual PollEvents Poll(PollWatcher? watcher) => PollEvents.Readable | PollEvents.Writable;

    /// <summary>Reads entries of a directory from the position on, and moves it. Default: ENOTDIR.</summary>
    [MightSleep]
    public virtual Errno ReadDirectory(ref DirectorySink to) => Errno.ENOTDIR;

    /// <summary>Sets the size (ftruncate(2)); the file is open for writing and the limit has been checked. Default: the inode's.</summary>
    [MightSleep]
    public virtual Errno Truncate(long size) => Inode.Truncate(size);

    /// <summary>Makes room or holes (fallocate(2)). Default: EOPNOTSUPP.</summary>
    /// <param name="mode">FALLOC_FL_*.</param>
    /// <param name="offset">0 and up.</param>
    /// <param name="length">1 and up; the sum does not overflow.</param>
    [MightSleep]
    public virtual Errno Allocate(int mode, long offset, long length) => Errno.EOPNOTSUPP;

    /// <summary>The pages of the content, for mmap(2). Default: ENODEV.</summary>
    [MightSleep]
    public virtual Errno GetMappedObject(out MappedObject? mapped)
    {
        mapped = null;
        return Errno.ENODEV;
    }

    /// <summary>Writes back (fsync(2)). Default: EINVAL, as for pipes and sockets.</summary>
    [MightSleep]
    public virtual Errno Sync() => Errno.EINVAL;

    /// <summary>Writes back, or waits for it, in a part of the file (sync_file_range(2)). Default: all is where it belongs already.</summary>
    /// <param name="offset">0 and up.</param>
    /// <param name="length">0: to the end.</param>
    /// <param name="flags">SYNC_FILE_RANGE_*; checked.</param>
    [MightSleep]
    public virtual Errno SyncRange(long offset, long length, uint flags) => Errno.Ok;

    /// <summary>Writes back what was changed through a shared mapping, and waits (msync(2), MS_SYNC). Default: all is where it belongs already.</summary>
    /// <param name="offset">First byte, a multiple of 4096.</param>
    /// <param name="length">Bytes, 1 and up.</param>
    [MightSleep]
    public virtual Errno SyncMapped(long offset, long length) => Errno.Ok;

    /// <summary>A descriptor of it was closed; others may remain. Errors are close(2)'s, though the descriptor is gone all the same.</summary>
    [MightSleep]
    public virtual Errno Flush() => Errno.Ok;

    /// <summary>A reference is gone, and there were others. Meanwhile the last one may be gone, too.</summary>
    [MightSleep]
    protected virtual void ReferenceGone()
    {
    }

    /// <summary>The last reference is gone: gives back what the file holds. Once; no other operation runs.</summary>
    [MightSleep]
    protected virtual void Closed()
    {
    }

    [MightSleep]
    private void CloseNow()
    {
        if (Volatile.Read(ref _isCounted) != 0)
        {
            OpenFileCount.Add(-1);
        }

        FileNotify.Closed(this);
        if (FirstEpollItem is not null)
        {
            EpollFile.Forget(this);
        }

        if (Volatile.Read(ref _wasLocked))
        {
            FileLocks.Release(this);
        }

        EndUse();

        if (Volatile.Read(ref _async) is not null)
        {
            SetAsync(on: false, 0);
        }

        Closed();
        if (_isPinned)
        {
            Path.Unpin();
        }
    }
}
