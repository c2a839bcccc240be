using System.Collections.Generic;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Locks;

/// <summary>The locks on one inode: those of flock(2), and those of ranges (fcntl(2)). The two kinds know nothing of each other. Task context.</summary>
internal sealed class InodeLocks(Inode inode)
{
    private static readonly LockClass s_class = LockClasses.Register("file locks");

    private readonly Mutex _lock = new("file locks", s_class);
    private readonly WaitQueue _waiters = new("file_lock");

    [GuardedBy(nameof(_lock))]
    private readonly RangeLockList _ranges = new();

    [GuardedBy(nameof(_lock))]
    private readonly List<(OpenFile File, FileLockAccess Access, int Process)> _whole = [];

    // It is in the list of files with locks.
    [GuardedBy(nameof(_lock))]
    private bool _isListed;

    // How often something was unlocked: who waits tries again when it changes.
    [Atomic]
    private uint _releases;

    /// <summary>Whose locks they are.</summary>
    public Inode Inode { get; } = inode;

    /// <summary>The leases on the file.</summary>
    public InodeLeases Leases { get; } = new();

    /// <summary>Unlocks so far; to be read before a try that may fail.</summary>
    public uint Releases => Volatile.Read(ref _releases);

    /// <summary>Tries to lock all of the file, or unlocks it (flock(2)). What the file had before is given up first, also when it fails.</summary>
    [MightSleep]
    public bool TrySetWhole(OpenFile file, FileLockAccess access)
    {
        bool isReleased = false;
        bool isSet = true;
        using (_lock.Enter())
        {
            ListFirst(access);
            for (int i = _whole.Count - 1; i >= 0; i--)
            {
                if (ReferenceEquals(_whole[i].File, file))
                {
                    if (_whole[i].Access == access)
                    {
                        return true;
                    }

                    _whole.RemoveAt(i);
                    isReleased = true;
                }
            }

            if (access != FileLockAccess.None)
            {
                foreach ((OpenFile _, FileLockAccess other, int _) in _whole)
                {
                    isSet &= access == FileLockAccess.Read && other == FileLockAccess.Read;
                }

                if (isSet)
                {
                    _whole.Add((file, access, FileServices.Instance?.CurrentProcess ?? 0));
                }
            }

            List();
        }

        if (isReleased)
        {
            NoteRelease();
        }

        return isSet;
    }

    /// <summary>Tries to lock a range, or unlocks it.</summary>
    /// <returns>The lock that is in the way; null: done.</returns>
    [MightSleep]
    public RangeLock? TrySetRange(object owner, int process, FileLockAccess access, long start, long end)
    {
        using (_lock.Enter())
        {
            if (access != FileLockAccess.None && _ranges.FindConflict(owner, access, start, end) is { } conflict)
            {
                return conflict;
            }

            ListFirst(access);
            _ranges.Set(owner, process, access, start, end);
            List();
        }

        // Also a lock can release: a write lock that became a read lock.
        NoteRelease();
        return null;
    }

    /// <summary>The lock that is in the way of one.</summary>
    [MightSleep]
    public RangeLock? FindConflict(object owner, FileLockAccess access, long start, long end)
    {
        using (_lock.Enter())
        {
            return _ranges.FindConflict(owner, access, start, end);
        }
    }

    /// <summary>An owner goes: unlocks all ranges that it has.</summary>
    [MightSleep]
    public void ReleaseRanges(object owner)
    {
        using (_lock.Enter())
        {
            if (!_ranges.Any)
            {
                return;
            }

            _ranges.Set(owner, 0, FileLockAccess.None, 0, long.MaxValue);
            List();
        }

        NoteRelease();
    }

    /// <summary>A lease was set or has ended.</summary>
    [MightSleep]
    public void NoteLeases()
    {
        using (_lock.Enter())
        {
            List();
        }
    }

    /// <summary>Adds a line for each lock and lease (proc(5), /proc/locks).</summary>
    /// <param name="to">Where.</param>
    /// <param name="number">Of the last line; counted on.</param>
    /// <param name="prefix">What stands before each.</param>
    /// <param name="file">Only what this file, or the table, has; null for all.</param>
    /// <param name="table">A table of descriptors.</param>
    [MightSleep]
    public void Describe(TextBuilder to, ref int number, System.ReadOnlySpan<byte> prefix, OpenFile? file, FileTable? table)
    {
        using (_lock.Enter())
        {
            foreach (FileLease lease in Leases.All)
            {
                if (file is null || ReferenceEquals(lease.File, file))
                {
                    Begin(to, ref number, prefix).Add("LEASE  "u8).Add(Leases.Describe(lease, out FileLockAccess access) ? "BREAKING  "u8 : "ACTIVE    "u8);
                    AddPlace(to, access, lease.Process).Add(" 0 EOF\n"u8);
                }
            }

            foreach ((OpenFile owner, FileLockAccess access, int process) in _whole)
            {
                if (file is null || ReferenceEquals(owner, file))
                {
                    AddPlace(Begin(to, ref number, prefix).Add("FLOCK  ADVISORY  "u8), access, process).Add(" 0 EOF\n"u8);
                }
            }

            foreach (OwnedRanges owned in _ranges.Owners)
            {
                if (file is not null && !ReferenceEquals(owned.Owner, file) && !ReferenceEquals(owned.Owner, table))
                {
                    continue;
                }

                foreach (ref readonly RangeLock range in owned.All)
                {
                    Begin(to, ref number, prefix).Add(owned.Owner is OpenFile ? "OFDLCK"u8 : "POSIX "u8).Add(" ADVISORY  "u8);
                    AddPlace(to, range.Access, range.Process).Add(' ').Add(range.Start).Add(' ');
                    _ = range.End == long.MaxValue ? to.Add("EOF\n"u8) : to.Add(range.End).Line();
                }
            }
        }
    }

    private static TextBuilder Begin(TextBuilder to, ref int number, System.ReadOnlySpan<byte> prefix) => to.Add(prefix).Add((long)++number).Add(": "u8);

    private TextBuilder AddPlace(TextBuilder to, FileLockAccess access, int process)
    {
        DeviceNumber device = Inode.FileSystem.Device;
        to.Add(access == FileLockAccess.Write ? "WRITE "u8 : access == FileLockAccess.Read ? "READ "u8 : "UNLCK "u8).Add((long)process).Add(' ');
        return to.AddHex(device.Major, 2).Add(':').AddHex(device.Minor, 2).Add(':').Add(Inode.Number);
    }

    // Before a lock is set: nothing that can fail is left to do after it.
    [RequiresLock(nameof(_lock))]
    [MightSleep]
    private void ListFirst(FileLockAccess access)
    {
        if (access != FileLockAccess.None && !_isListed)
        {
            LockRegistry.Set(this, hasAny: true);
            _isListed = true;
        }
    }

    // Puts the file into the list of those with locks, or takes it out.
    [RequiresLock(nameof(_lock))]
    [MightSleep]
    private void List()
    {
        bool hasAny = _whole.Count != 0 || _ranges.Any || Leases.Any;
        if (hasAny != _isListed)
        {
            LockRegistry.Set(this, hasAny);
            _isListed = hasAny;
        }
    }

    /// <summary>Waits until something is unlocked.</summary>
    /// <param name="seen">What <see cref="Releases"/> was before the try that failed.</param>
    /// <returns>ERESTARTSYS.</returns>
    [MightSleep]
    public Errno AwaitRelease(uint seen)
    {
        using WaitQueue.Wait wait = _waiters.Begin();
        while (true)
        {
            wait.Prepare();
            if (Releases != seen)
            {
                return Errno.Ok;
            }

            if (wait.Sleep() == WaitResult.Interrupted)
            {
                return Errno.ERESTARTSYS;
            }
        }
    }

    private void NoteRelease()
    {
        Interlocked.Increment(ref _releases);
        _waiters.WakeAll();
    }
}
