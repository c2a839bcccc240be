using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Locks;

/// <summary>Leases on files (fcntl(2), F_SETLEASE). Task context.</summary>
public static class FileLeases
{
    [Atomic]
    private static int s_areEnabled = 1;

    [Atomic]
    private static int s_breakTime = 45;

    /// <summary>New leases can be set: 0 or 1 (/proc/sys/fs/leases-enable).</summary>
    public static int AreEnabled
    {
        get => Volatile.Read(ref s_areEnabled);
        set => Volatile.Write(ref s_areEnabled, value);
    }

    /// <summary>Seconds in which a holder must give a lease up; 0: for ever (/proc/sys/fs/lease-break-time).</summary>
    public static int BreakTime
    {
        get => Volatile.Read(ref s_breakTime);
        set => Volatile.Write(ref s_breakTime, value);
    }

    /// <summary>What lease an open file has (F_GETLEASE).</summary>
    [MightSleep]
    public static FileLockAccess Get(OpenFile file) => file.Inode.Locks is { } locks ? locks.Leases.Get(file) : FileLockAccess.None;

    /// <summary>Sets or ends a lease (F_SETLEASE).</summary>
    /// <param name="file">The holder.</param>
    /// <param name="descriptor">What the signal shall name.</param>
    /// <param name="access">What kind; none: ends it.</param>
    /// <param name="credentials">Of who asks.</param>
    /// <returns>EACCES: not the owner of the file; EINVAL: no regular file; EAGAIN.</returns>
    [MightSleep]
    public static Errno Set(OpenFile file, int descriptor, FileLockAccess access, Credentials credentials)
    {
        if (access == FileLockAccess.None)
        {
            if (file.Inode.Locks is not { } there)
            {
                return Errno.EAGAIN;
            }

            Errno ended = there.Leases.Set(file, 0, descriptor, access);
            there.NoteLeases();
            return ended;
        }

        if (credentials.FileUserId != file.Inode.UserId && !credentials.Has(Capability.Lease))
        {
            return Errno.EACCES;
        }

        if (!file.Inode.IsRegular || AreEnabled == 0)
        {
            return Errno.EINVAL;
        }

        int process = FileServices.Instance?.CurrentProcess ?? 0;
        InodeLocks locks = file.Inode.GetLocks();
        Errno error = locks.Leases.Set(file, process, descriptor, access);
        locks.NoteLeases();
        if (error == Errno.Ok)
        {
            file.NoteLocked();
            if (file.Owner.Target is null && FileServices.Instance is { } services && services.FindOwner(FileOwnerKind.Process, process, out FileOwner owner) == Errno.Ok)
            {
                file.Owner = owner;
            }
        }

        return error;
    }

    /// <summary>Somebody opens or truncates a file, and has counted himself: leases that conflict are broken.</summary>
    /// <returns>EAGAIN; ERESTARTSYS.</returns>
    [MightSleep]
    internal static Errno Break(Inode inode, bool forWrite, bool waits) => inode.Locks is { Leases: { Any: true } leases } ? leases.Break(forWrite, waits) : Errno.Ok;
}
