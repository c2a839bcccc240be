using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Naming;

/// <summary>
/// The tree of names: what system calls do with paths. Each operation checks permissions with the credentials that it is given. Task context; nothing is held by the caller. A result that is kept beyond the system
/// call is pinned (<see cref="VfsPath.TryPin"/>).
/// </summary>
public static partial class Vfs
{
    /// <summary>Permission to execute, or to search a directory.</summary>
    public const int Execute = 1;

    /// <summary>Permission to write.</summary>
    public const int Write = 2;

    /// <summary>Permission to read.</summary>
    public const int Read = 4;

    /// <summary>Finds what a path names (path_resolution(7)).</summary>
    /// <param name="walk">From where, and by whom.</param>
    /// <param name="path">0 to 4095 bytes without NUL.</param>
    /// <param name="flags">How.</param>
    /// <param name="found">What was found: it has an inode.</param>
    /// <returns>ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG, EXDEV, EAGAIN.</returns>
    [MightSleep]
    public static Errno Resolve(in PathWalk walk, ReadOnlySpan<byte> path, ResolveFlags flags, out VfsPath found)
    {
        found = default;
        if (path.IsEmpty && (flags & ResolveFlags.AllowEmpty) == 0)
        {
            return Errno.ENOENT;
        }

        var walker = new PathWalker(walk, path, flags);
        Errno error = walker.ToLast();
        if (error == Errno.Ok)
        {
            error = walker.ToEnd((flags & ResolveFlags.Follow) != 0);
        }

        if (error == Errno.Ok)
        {
            found = walker.Current;
        }

        return error;
    }

    /// <summary>Checks whether credentials allow reading, writing or executing (path_resolution(7)). Any context.</summary>
    /// <param name="inode">What is used.</param>
    /// <param name="credentials">By whom.</param>
    /// <param name="access">Bits: <see cref="Read"/>, <see cref="Write"/>, <see cref="Execute"/>.</param>
    /// <returns>EACCES.</returns>
    [NoAllocation]
    public static Errno CheckAccess(Inode inode, Credentials credentials, int access)
    {
        uint mode = inode.Mode;
        uint bits = mode;
        if (credentials.FileUserId == inode.UserId)
        {
            bits = mode >> 6;
        }
        else if (((mode >> 3) & 7 & (uint)access) != (mode & 7 & (uint)access) && credentials.IsInGroup(inode.GroupId))
        {
            // Asked only where the group makes a difference.
            bits = mode >> 3;
        }

        if ((bits & (uint)access) == (uint)access)
        {
            return Errno.Ok;
        }

        bool isDirectory = FileMode.Is(mode, FileMode.Directory);
        bool mayOverride = isDirectory || (access & Execute) == 0 || (mode & 0x49) != 0;
        if (mayOverride && credentials.Has(Capability.DacOverride))
        {
            return Errno.Ok;
        }

        bool onlyReads = access == Read || (isDirectory && (access & Write) == 0);
        return onlyReads && credentials.Has(Capability.DacReadSearch) ? Errno.Ok : Errno.EACCES;
    }

    /// <summary>The credentials own the inode, or may act as if (CAP_FOWNER). Any context.</summary>
    [NoAllocation]
    public static bool IsOwner(Inode inode, Credentials credentials) => credentials.FileUserId == inode.UserId || credentials.Has(Capability.FileOwner);

    /// <summary>Checks access as access(2) does: as <see cref="CheckAccess"/>, and that the mount can be written.</summary>
    /// <returns>EACCES; EROFS.</returns>
    public static Errno CheckPathAccess(in VfsPath path, Credentials credentials, int access)
    {
        Inode inode = path.Inode!;
        if ((access & Execute) != 0 && inode.IsRegular && (path.Mount.Flags & MountFlags.NoExec) != 0)
        {
            return Errno.EACCES;
        }

        Errno error = CheckAccess(inode, credentials, access);
        bool isStored = inode.IsRegular || inode.IsDirectory || inode.IsSymbolicLink;
        return error == Errno.Ok && (access & Write) != 0 && isStored && path.Mount.IsReadOnly ? Errno.EROFS : error;
    }

    // Checks whether a name may be made in a directory.
    internal static Errno CheckCreate(Inode directory, Credentials credentials) => CheckAccess(directory, credentials, Write | Execute);

    // Checks whether a name may be taken from a directory (unlink(2), rmdir(2), rename(2)).
    internal static Errno CheckDelete(Inode directory, DirectoryEntry entry, Credentials credentials)
    {
        Errno error = CheckAccess(directory, credentials, Write | Execute);
        if (error != Errno.Ok)
        {
            return error;
        }

        bool isSticky = (directory.Mode & FileMode.Sticky) != 0;
        bool isOwn = credentials.FileUserId == entry.Inode!.UserId || credentials.FileUserId == directory.UserId;
        return isSticky && !isOwn && !credentials.Has(Capability.FileOwner) ? Errno.EPERM : Errno.Ok;
    }

    // Owner, group and permissions of what is made in a directory.
    private static NewInode DescribeNew(Inode directory, in PathWalk walk, uint mode, DeviceNumber device)
    {
        uint group = walk.Credentials.FileGroupId;
        mode = (mode & FileMode.TypeMask) | (mode & FileMode.PermissionMask & ~walk.Umask);
        if ((directory.Mode & FileMode.SetGroupId) != 0)
        {
            group = directory.GroupId;
            if (FileMode.Is(mode, FileMode.Directory))
            {
                mode |= FileMode.SetGroupId;
            }
            else if ((mode & (FileMode.SetGroupId | FileMode.GroupExecute)) == (FileMode.SetGroupId | FileMode.GroupExecute)
                && !walk.Credentials.IsInGroup(group) && !walk.Credentials.Has(Capability.FileSetId))
            {
                mode &= ~FileMode.SetGroupId;
            }
        }

        return new NewInode(mode, walk.Credentials.FileUserId, group, device);
    }
}
