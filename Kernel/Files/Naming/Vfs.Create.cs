using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Notification;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Naming;

// What makes names: mkdir(2), mknod(2), symlink(2), link(2).
public static partial class Vfs
{
    /// <summary>Makes a directory (mkdir(2)).</summary>
    /// <param name="walk">From where, and by whom.</param>
    /// <param name="path">0 to 4095 bytes without NUL.</param>
    /// <param name="mode">Permissions and the sticky bit; the umask is applied here.</param>
    [MightSleep]
    public static Errno MakeDirectory(in PathWalk walk, ReadOnlySpan<byte> path, uint mode) =>
        Make(walk, path, FileMode.Directory | (mode & (FileMode.AccessMask | FileMode.Sticky)), default, default, out _);

    /// <summary>Makes a regular file, device node, FIFO or socket (mknod(2), bind(2)).</summary>
    /// <param name="walk">From where, and by whom.</param>
    /// <param name="path">0 to 4095 bytes without NUL.</param>
    /// <param name="mode">Type and permissions; without a type a regular file. The umask is applied here.</param>
    /// <param name="device">For device nodes.</param>
    /// <param name="created">What was made.</param>
    /// <returns>EEXIST; EPERM: a device node without CAP_MKNOD, or a directory; EINVAL: another type.</returns>
    [MightSleep]
    public static Errno MakeNode(in PathWalk walk, ReadOnlySpan<byte> path, uint mode, DeviceNumber device, out VfsPath created)
    {
        created = default;
        switch (mode & FileMode.TypeMask)
        {
            case 0:
                mode |= FileMode.Regular;
                break;
            case FileMode.Regular:
            case FileMode.Fifo:
            case FileMode.Socket:
                break;
            case FileMode.CharacterDevice:
            case FileMode.BlockDevice:
                if (!walk.Credentials.Has(Capability.Mknod))
                {
                    return Errno.EPERM;
                }

                break;
            case FileMode.Directory:
                return Errno.EPERM;
            default:
                return Errno.EINVAL;
        }

        return Make(walk, path, mode & (FileMode.TypeMask | FileMode.PermissionMask), device, default, out created);
    }

    /// <summary>Makes a symbolic link (symlink(2)).</summary>
    /// <param name="walk">From where, and by whom.</param>
    /// <param name="path">The link: 0 to 4095 bytes without NUL.</param>
    /// <param name="target">Its text: 0 to 4095 bytes without NUL.</param>
    /// <returns>ENOENT: an empty text or path; EEXIST.</returns>
    [MightSleep]
    public static Errno MakeSymbolicLink(in PathWalk walk, ReadOnlySpan<byte> path, ReadOnlySpan<byte> target) =>
        target.IsEmpty ? Errno.ENOENT : Make(walk, path, FileMode.SymbolicLink | FileMode.AccessMask, default, target, out _);

    /// <summary>Gives a file one more name (link(2)).</summary>
    /// <param name="target">The file, found before.</param>
    /// <param name="walk">From where the new name goes, and by whom.</param>
    /// <param name="path">The new name: 0 to 4095 bytes without NUL.</param>
    /// <returns>EXDEV: another mount; EPERM: a directory; EEXIST.</returns>
    [MightSleep]
    public static Errno Link(in VfsPath target, in PathWalk walk, ReadOnlySpan<byte> path)
    {
        Errno error = FindPlace(walk, path, out PathWalker walker, out Inode? directory);
        if (error != Errno.Ok)
        {
            return error;
        }

        Inode inode = target.Inode!;
        DirectoryEntry place = walker.Current.Entry;
        using (directory!.DirectoryLock.Enter())
        {
            error = NameLookup.FindPinned(place, directory, walker.Last, out DirectoryEntry? entry);
            if (error != Errno.Ok)
            {
                return error;
            }

            try
            {
                if (entry!.Inode is not null)
                {
                    error = Errno.EEXIST;
                }
                else if (walker.HasTrailingSlash)
                {
                    error = Errno.ENOENT;
                }
                else if (!ReferenceEquals(target.Mount, walker.Current.Mount))
                {
                    error = Errno.EXDEV;
                }
                else if (walker.Current.Mount.IsReadOnly)
                {
                    error = Errno.EROFS;
                }
                else if (place.IsDeleted)
                {
                    error = Errno.ENOENT;
                }
                else if ((error = CheckCreate(directory, walk.Credentials)) == Errno.Ok)
                {
                    error = inode.IsDirectory ? Errno.EPERM : directory.Link(walker.Last, inode);
                }

                if (error == Errno.Ok)
                {
                    entry.SetInode(inode);
                    FileNotify.LinksChanged(inode);
                    FileNotify.Created(directory, entry.Name, inode);
                }

                return error;
            }
            finally
            {
                entry!.Unpin();
            }
        }
    }

    // Walks to where a name shall be made.
    [MightSleep]
    private static Errno FindPlace(in PathWalk walk, ReadOnlySpan<byte> path, out PathWalker walker, out Inode? directory)
    {
        walker = new PathWalker(walk, path, ResolveFlags.None);
        directory = null;
        if (path.IsEmpty)
        {
            return Errno.ENOENT;
        }

        Errno error = walker.ToLast();
        if (error == Errno.Ok && walker.LastKind != LastComponent.Name)
        {
            error = Errno.EEXIST;
        }

        directory = walker.Current.Inode;
        return error;
    }

    // Makes anything; a symbolic link has a text.
    [MightSleep]
    private static Errno Make(in PathWalk walk, ReadOnlySpan<byte> path, uint mode, DeviceNumber device, ReadOnlySpan<byte> text, out VfsPath created)
    {
        created = default;
        Errno error = FindPlace(walk, path, out PathWalker walker, out Inode? directory);
        if (error != Errno.Ok)
        {
            return error;
        }

        DirectoryEntry place = walker.Current.Entry;
        using (directory!.DirectoryLock.Enter())
        {
            error = NameLookup.FindPinned(place, directory, walker.Last, out DirectoryEntry? entry);
            if (error != Errno.Ok)
            {
                return error;
            }

            try
            {
                if (entry!.Inode is not null)
                {
                    error = Errno.EEXIST;
                }
                else if (walker.HasTrailingSlash && !FileMode.Is(mode, FileMode.Directory))
                {
                    error = Errno.ENOENT;
                }
                else if (walker.Current.Mount.IsReadOnly)
                {
                    error = Errno.EROFS;
                }
                else
                {
                    error = CreateLocked(walk, place, directory, entry, mode, device, text);
                }

                created = new VfsPath(walker.Current.Mount, entry);
                return error;
            }
            finally
            {
                entry!.Unpin();
            }
        }
    }

    // Gives a negative entry, which is pinned, an inode.
    [RequiresLock("directory.DirectoryLock")]
    [MightSleep]
    private static Errno CreateLocked(in PathWalk walk, DirectoryEntry place, Inode directory, DirectoryEntry entry, uint mode, DeviceNumber device, ReadOnlySpan<byte> text = default)
    {
        if (place.IsDeleted)
        {
            return Errno.ENOENT;
        }

        Errno error = CheckCreate(directory, walk.Credentials);
        if (error != Errno.Ok)
        {
            return error;
        }

        Inode? inode;
        if (FileMode.Is(mode, FileMode.SymbolicLink))
        {
            // A link's permissions mean nothing, and are all set.
            NewInode attributes = DescribeNew(directory, walk, mode, device) with { Mode = mode };
            error = directory.SymbolicLink(entry.Name, text, attributes, out inode);
        }
        else
        {
            error = directory.Create(entry.Name, DescribeNew(directory, walk, mode, device), out inode);
        }

        if (error == Errno.Ok)
        {
            entry.SetInode(inode);
            FileNotify.Created(directory, entry.Name, inode!);
        }

        return error;
    }
}
