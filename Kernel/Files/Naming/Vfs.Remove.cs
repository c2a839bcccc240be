using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Notification;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Naming;

// What removes names: unlink(2), rmdir(2).
public static partial class Vfs
{
    /// <summary>Takes a name from a file that is no directory (unlink(2)).</summary>
    /// <param name="walk">From where, and by whom.</param>
    /// <param name="path">0 to 4095 bytes without NUL.</param>
    /// <returns>EISDIR; EBUSY: something is mounted on it; EPERM: a sticky directory.</returns>
    [MightSleep]
    public static Errno Unlink(in PathWalk walk, ReadOnlySpan<byte> path) => Remove(walk, path, isDirectory: false);

    /// <summary>Removes an empty directory (rmdir(2)).</summary>
    /// <param name="walk">From where, and by whom.</param>
    /// <param name="path">0 to 4095 bytes without NUL.</param>
    /// <returns>ENOTDIR; ENOTEMPTY; EBUSY: something is mounted on it, or it is /; EINVAL: the path ends with a dot.</returns>
    [MightSleep]
    public static Errno RemoveDirectory(in PathWalk walk, ReadOnlySpan<byte> path) => Remove(walk, path, isDirectory: true);

    [MightSleep]
    private static Errno Remove(in PathWalk walk, ReadOnlySpan<byte> path, bool isDirectory)
    {
        if (path.IsEmpty)
        {
            return Errno.ENOENT;
        }

        var walker = new PathWalker(walk, path, ResolveFlags.None);
        Errno error = walker.ToLast();
        if (error != Errno.Ok)
        {
            return error;
        }

        if (walker.LastKind != LastComponent.Name)
        {
            return !isDirectory ? Errno.EISDIR
                : walker.LastKind == LastComponent.Dot ? Errno.EINVAL
                : walker.LastKind == LastComponent.DotDot ? Errno.ENOTEMPTY : Errno.EBUSY;
        }

        VfsPath place = walker.Current;
        Inode directory = place.Inode!;
        using (directory.DirectoryLock.Enter())
        {
            error = NameLookup.FindPinned(place.Entry, directory, walker.Last, out DirectoryEntry? entry);
            if (error != Errno.Ok)
            {
                return error;
            }

            Inode? removed = entry!.Inode;
            try
            {
                error = RemoveLocked(walk, place, directory, entry, isDirectory, walker.HasTrailingSlash);
                if (error == Errno.Ok && !isDirectory)
                {
                    FileNotify.LinksChanged(removed!);
                }
            }
            finally
            {
                entry.UnpinAndTell();
            }

            if (error == Errno.Ok)
            {
                FileNotify.Deleted(directory, entry.Name, removed!);
            }

            return error;
        }
    }

    [RequiresLock("directory.DirectoryLock")]
    [MightSleep]
    private static Errno RemoveLocked(in PathWalk walk, in VfsPath place, Inode directory, DirectoryEntry entry, bool isDirectory, bool hasSlash)
    {
        if (entry.Inode is not { } inode)
        {
            return Errno.ENOENT;
        }

        if (hasSlash && !inode.IsDirectory)
        {
            return Errno.ENOTDIR;
        }

        if (place.Mount.IsReadOnly)
        {
            return Errno.EROFS;
        }

        Errno error = CheckDelete(directory, entry, walk.Credentials);
        if (error != Errno.Ok)
        {
            return error;
        }

        if (inode.IsDirectory != isDirectory)
        {
            return isDirectory ? Errno.ENOTDIR : Errno.EISDIR;
        }

        if (entry.IsMountPoint)
        {
            return Errno.EBUSY;
        }

        error = isDirectory ? directory.RemoveDirectory(entry.Name, inode) : directory.Unlink(entry.Name, inode);
        if (error == Errno.Ok)
        {
            place.Entry.RemoveDeleted(entry);
        }

        return error;
    }
}
