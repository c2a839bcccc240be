using System;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Naming;

// mount(2), umount2(2), pivot_root(2). All need CAP_SYS_ADMIN, which the system calls check.
public static partial class Vfs
{
    /// <summary>MNT_FORCE.</summary>
    public const int UnmountForce = 1;

    /// <summary>MNT_DETACH: at once, even if it is in use.</summary>
    public const int UnmountDetach = 2;

    /// <summary>MNT_EXPIRE.</summary>
    public const int UnmountExpire = 4;

    /// <summary>UMOUNT_NOFOLLOW.</summary>
    public const int UnmountNoFollow = 8;

    /// <summary>Mounts a new file system.</summary>
    /// <param name="path">Where.</param>
    /// <param name="type">Its type's name.</param>
    /// <param name="source">For /proc/mounts; the device of types that need one.</param>
    /// <param name="flags">Flags of the mount.</param>
    /// <param name="options">Comma-separated options of the type.</param>
    /// <returns>ENODEV: no such type; ENOTDIR; EINVAL: options.</returns>
    [MightSleep]
    public static Errno Mount(in VfsPath path, string type, string source, MountFlags flags, string options)
    {
        if (FileSystems.Find(type) is not { } found)
        {
            return Errno.ENODEV;
        }

        // A module stays for as long as it mounts, and then for as long as there is a mount.
        if (found.Owner is { } owner && !owner.TryGet())
        {
            return Errno.ENODEV;
        }

        try
        {
            Errno error = found.Mount(source, options, out FileSystem? fileSystem);
            if (error != Errno.Ok)
            {
                return error;
            }

            var mount = new Mount(fileSystem!, RootEntryOf(fileSystem!), flags, source.Length == 0 ? "none" : source);
            return AttachOrDrop(mount, path);
        }
        finally
        {
            found.Owner?.Put();
        }
    }

    /// <summary>Shows a part of the tree at another place, too (MS_BIND).</summary>
    /// <param name="source">What is shown.</param>
    /// <param name="path">Where.</param>
    /// <param name="isRecursive">With the mounts that are on it (MS_REC).</param>
    [MightSleep]
    public static Errno Bind(in VfsPath source, in VfsPath path, bool isRecursive)
    {
        var mount = new Mount(source.Mount.FileSystem, source.Entry, source.Mount.Flags, source.Mount.Source);
        Errno error = AttachOrDrop(mount, path);
        return error == Errno.Ok && isRecursive ? BindBelow(source, mount) : error;
    }

    /// <summary>Moves a mount (MS_MOVE).</summary>
    /// <param name="source">The top of a mount.</param>
    /// <param name="path">Where it goes.</param>
    /// <returns>EINVAL: not the top of a mount; ELOOP; ENOTDIR.</returns>
    [MightSleep]
    public static Errno MoveMount(in VfsPath source, in VfsPath path) =>
        ReferenceEquals(source.Entry, source.Mount.Root) ? MountTable.Move(source.Mount, path) : Errno.EINVAL;

    /// <summary>Changes the flags of a mount and, unless only those of a bind mount shall change, the options of its file system (MS_REMOUNT).</summary>
    /// <param name="path">The top of a mount.</param>
    /// <param name="flags">The new flags.</param>
    /// <param name="options">Options of the type; null: they stay (MS_BIND).</param>
    /// <returns>EINVAL: not the top of a mount, or options.</returns>
    [MightSleep]
    public static Errno Remount(in VfsPath path, MountFlags flags, string? options)
    {
        if (!ReferenceEquals(path.Entry, path.Mount.Root))
        {
            return Errno.EINVAL;
        }

        Errno error = options is null ? Errno.Ok : path.Mount.FileSystem.Remount(options);
        if (error == Errno.Ok)
        {
            path.Mount.SetFlags(flags);
        }

        return error;
    }

    /// <summary>Takes a mount away (umount2(2)).</summary>
    /// <param name="path">Its top.</param>
    /// <param name="flags">UMOUNT flags.</param>
    /// <returns>EINVAL: not the top of a mount, or the root of all; EBUSY.</returns>
    [MightSleep]
    public static Errno Unmount(in VfsPath path, int flags) =>
        ReferenceEquals(path.Entry, path.Mount.Root) ? MountTable.Detach(path.Mount, (flags & UnmountDetach) != 0) : Errno.EINVAL;

    /// <summary>Makes another mount the root of all (pivot_root(2)).</summary>
    /// <param name="newRoot">The top of a mount.</param>
    /// <param name="putOld">A directory below it, where the present root goes.</param>
    /// <param name="context">Whose root is the present one; moved along, with its working directory.</param>
    /// <returns>EINVAL; EBUSY: it is the root already; ENOTDIR.</returns>
    [MightSleep]
    public static Errno PivotRoot(in VfsPath newRoot, in VfsPath putOld, FileSystemContext context)
    {
        VfsPath root = context.Root;
        if (ReferenceEquals(newRoot.Mount, root.Mount) || ReferenceEquals(putOld.Mount, root.Mount))
        {
            return Errno.EBUSY;
        }

        bool areTops = ReferenceEquals(newRoot.Entry, newRoot.Mount.Root) && ReferenceEquals(root.Entry, root.Mount.Root);
        Errno error = areTops ? MountTable.Pivot(newRoot, root, putOld) : Errno.EINVAL;
        if (error == Errno.Ok)
        {
            bool wasRoot = context.WorkingDirectory == root;
            _ = context.TrySetRoot(newRoot);
            if (wasRoot)
            {
                _ = context.TrySetWorkingDirectory(newRoot);
            }
        }

        return error;
    }

    // Mounts of one file system share its entries.
    private static DirectoryEntry RootEntryOf(FileSystem fileSystem)
    {
        if (fileSystem.KeptRoot is { } kept)
        {
            return kept;
        }

        foreach (Mount mount in MountTable.All)
        {
            if (ReferenceEquals(mount.FileSystem, fileSystem))
            {
                DirectoryEntry entry = mount.Root;
                while (entry.Parent is { } parent)
                {
                    entry = parent;
                }

                return entry;
            }
        }

        return new DirectoryEntry(null, [], fileSystem.Root);
    }

    [MightSleep]
    private static Errno AttachOrDrop(Mount mount, in VfsPath path)
    {
        Errno error = MountTable.Attach(mount, path);
        if (error != Errno.Ok)
        {
            mount.SetDetached();
        }

        return error;
    }

    [MightSleep]
    private static Errno BindBelow(in VfsPath source, Mount mount)
    {
        foreach (Mount other in MountTable.All)
        {
            if (!ReferenceEquals(other, mount) && other.Place is { } place && ReferenceEquals(place.Parent, source.Mount) && IsBelow(place.Entry, source.Entry))
            {
                var copy = new Mount(other.FileSystem, other.Root, other.Flags, other.Source);
                Errno error = AttachOrDrop(copy, new VfsPath(mount, place.Entry));
                error = error == Errno.Ok ? BindBelow(new VfsPath(other, other.Root), copy) : error;
                if (error != Errno.Ok)
                {
                    return error;
                }
            }
        }

        return Errno.Ok;
    }

    private static bool IsBelow(DirectoryEntry entry, DirectoryEntry top)
    {
        for (DirectoryEntry? at = entry; at is not null; at = at.Parent)
        {
            if (ReferenceEquals(at, top))
            {
                return true;
            }
        }

        return false;
    }
}
