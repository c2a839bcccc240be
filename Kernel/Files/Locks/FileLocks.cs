using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Locks;

/// <summary>Locks of open files on whole files (flock(2)). Task context.</summary>
public static class FileLocks
{
    /// <summary>Locks the file for an open file, changes the lock, or unlocks it. A change is not atomic: another owner may come between (flock(2)).</summary>
    /// <param name="file">The owner.</param>
    /// <param name="access">What kind; none: unlocks.</param>
    /// <param name="waits">Waits until no other lock is in the way.</param>
    /// <returns>EWOULDBLOCK (EAGAIN); ERESTARTSYS.</returns>
    [MightSleep]
    public static Errno Flock(OpenFile file, FileLockAccess access, bool waits)
    {
        InodeLocks locks = file.Inode.GetLocks();
        while (true)
        {
            uint seen = locks.Releases;
            if (locks.TrySetWhole(file, access))
            {
                file.NoteLocked();
                return Errno.Ok;
            }

            if (!waits)
            {
                return Errno.EAGAIN;
            }

            Errno error = locks.AwaitRelease(seen);
            if (error != Errno.Ok)
            {
                return error;
            }
        }
    }

    /// <summary>Adds the locks of an open file, and of a table of descriptors on it, as /proc/PID/fdinfo has them.</summary>
    [MightSleep]
    public static void Describe(OpenFile file, FileTable table, TextBuilder to)
    {
        int number = 0;
        file.Inode.Locks?.Describe(to, ref number, "lock:\t"u8, file, table);
    }

    /// <summary>An open file that had locks is closed.</summary>
    [MightSleep]
    internal static void Release(OpenFile file)
    {
        if (file.Inode.Locks is { } locks)
        {
            _ = locks.TrySetWhole(file, FileLockAccess.None);
            locks.ReleaseRanges(file);
            locks.Leases.Release(file);
            locks.NoteLeases();
        }
    }
}
