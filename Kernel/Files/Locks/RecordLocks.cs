using System.Collections.Generic;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Files.Locks;

/// <summary>
/// Locks on ranges of files (fcntl(2)): of processes, whose owner is the descriptor table, and of open files, whose owner is the file. Who would wait in a circle gets EDEADLK; only owners that are
/// processes are looked at, as the man page says. Task context.
/// </summary>
public static class RecordLocks
{
    private static readonly Mutex s_lock = new("file lock waits");

    // Who waits for whom.
    [GuardedBy(nameof(s_lock))]
    private static readonly List<(object Waiter, object Holder)> s_waits = [];

    /// <summary>Looks for a lock that is in the way (F_GETLK). The record becomes that lock, or its type F_UNLCK.</summary>
    /// <returns>EINVAL; EOVERFLOW.</returns>
    [MightSleep]
    public static Errno Test(OpenFile file, object owner, ref FileLockRecord record)
    {
        Errno error = Decode(file, record, out FileLockAccess access, out long start, out long end);
        if (error != Errno.Ok || access == FileLockAccess.None)
        {
            return error != Errno.Ok ? error : Errno.EINVAL;
        }

        if (file.Inode.Locks?.FindConflict(owner, access, start, end) is not { } found)
        {
            record.Type = FileControlCommand.Unlock;
            return Errno.Ok;
        }

        record = new FileLockRecord
        {
            Type = found.Access == FileLockAccess.Write ? FileControlCommand.WriteLock : FileControlCommand.ReadLock,
            Start = found.Start,
            Length = found.End == long.MaxValue ? 0 : found.End - found.Start + 1,
            Process = found.Process,
        };
        return Errno.Ok;
    }

    /// <summary>Locks or unlocks a range (F_SETLK, F_SETLKW, and those of open files).</summary>
    /// <returns>EAGAIN; EDEADLK; EBADF: not open for what is locked; EINVAL; EOVERFLOW; ERESTARTSYS.</returns>
    [MightSleep]
    public static Errno Set(OpenFile file, object owner, in FileLockRecord record, bool waits)
    {
        Errno error = Decode(file, record, out FileLockAccess access, out long start, out long end);
        if (error != Errno.Ok)
        {
            return error;
        }

        if ((access == FileLockAccess.Read && !file.IsReadable) || (access == FileLockAccess.Write && !file.IsWritable))
        {
            return Errno.EBADF;
        }

        int process = owner is FileTable ? FileServices.Instance?.CurrentProcess ?? 0 : -1;
        InodeLocks locks = file.Inode.GetLocks();
        while (true)
        {
            uint seen = locks.Releases;
            if (locks.TrySetRange(owner, process, access, start, end) is not { } conflict)
            {
                file.NoteLocked();
                return Errno.Ok;
            }

            if (!waits)
            {
                return Errno.EAGAIN;
            }

            error = Wait(locks, seen, owner, conflict.Owner);
            if (error != Errno.Ok)
            {
                return error;
            }
        }
    }

    /// <summary>A process closes a descriptor of a file: all its locks on that file go, whatever other descriptors it has (fcntl(2)).</summary>
    [MightSleep]
    internal static void ReleaseOwner(OpenFile file, FileTable owner) => file.Inode.Locks?.ReleaseRanges(owner);

    [MightSleep]
    private static Errno Wait(InodeLocks locks, uint seen, object owner, object holder)
    {
        using (s_lock.Enter())
        {
            if (owner is FileTable && LeadsTo(holder, owner))
            {
                return Errno.EDEADLK;
            }

            s_waits.Add((owner, holder));
        }

        Errno error = locks.AwaitRelease(seen);
        using (s_lock.Enter())
        {
            s_waits.Remove((owner, holder));
        }

        return error;
    }

    // Each holder may itself wait for another, several times if it has threads.
    [RequiresLock(nameof(s_lock))]
    private static bool LeadsTo(object from, object to)
    {
        var reached = new List<object> { from };
        for (int i = 0; i < reached.Count; i++)
        {
            if (ReferenceEquals(reached[i], to))
            {
                return true;
            }

            foreach ((object waiter, object holder) in s_waits)
            {
                if (ReferenceEquals(waiter, reached[i]) && !reached.Contains(holder))
                {
                    reached.Add(holder);
                }
            }
        }

        return false;
    }

    private static Errno Decode(OpenFile file, in FileLockRecord record, out FileLockAccess access, out long start, out long end)
    {
        start = 0;
        end = 0;
        access = record.Type switch
        {
            FileControlCommand.ReadLock => FileLockAccess.Read,
            FileControlCommand.WriteLock => FileLockAccess.Write,
            _ => FileLockAccess.None,
        };
        if (record.Type is < FileControlCommand.ReadLock or > FileControlCommand.Unlock)
        {
            return Errno.EINVAL;
        }

        long origin;
        switch (record.Origin)
        {
            case 0:
                origin = 0;
                break;
            case 1:
                origin = file is SeekableFile seekable ? seekable.Position : 0;
                break;
            case 2:
                origin = file.Inode.Size;
                break;
            default:
                return Errno.EINVAL;
        }

        if (record.Start > long.MaxValue - origin)
        {
            return Errno.EOVERFLOW;
        }

        start = origin + record.Start;
        if (start < 0)
        {
            return Errno.EINVAL;
        }

        if (record.Length > 0)
        {
            if (record.Length - 1 > long.MaxValue - start)
            {
                return Errno.EOVERFLOW;
            }

            end = start + record.Length - 1;
        }
        else if (record.Length < 0)
        {
            if (start + record.Length < 0)
            {
                return Errno.EINVAL;
            }

            end = start - 1;
            start += record.Length;
        }
        else
        {
            end = long.MaxValue;
        }

        return Errno.Ok;
    }
}
