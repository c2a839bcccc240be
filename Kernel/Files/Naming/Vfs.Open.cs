using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Block;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Locks;
using CosmosKernel.Files.Notification;
using CosmosKernel.Files.Pipes;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Naming;

// open(2), and what else opens.
public static partial class Vfs
{
    /// <summary>Opens a path (open(2), openat2(2)).</summary>
    /// <param name="walk">From where, and by whom.</param>
    /// <param name="path">0 to 4095 bytes without NUL.</param>
    /// <param name="flags">Of open(2); combinations that mean nothing have been refused.</param>
    /// <param name="mode">Permissions of a new file; the umask is applied here.</param>
    /// <param name="resolve">Restrictions of openat2(2), and AllowEmpty; following is set from the flags.</param>
    /// <param name="file">The open file, with one reference.</param>
    [MightSleep]
    public static Errno Open(in PathWalk walk, ReadOnlySpan<byte> path, OpenFlags flags, uint mode, ResolveFlags resolve, out OpenFile? file)
    {
        Errno error = OpenPath(walk, path, flags, mode, resolve, out file);
        if (error == Errno.Ok)
        {
            FileNotify.Opened(file!);
        }

        return error;
    }

    [MightSleep]
    private static Errno OpenPath(in PathWalk walk, ReadOnlySpan<byte> path, OpenFlags flags, uint mode, ResolveFlags resolve, out OpenFile? file)
    {
        file = null;
        if ((flags & OpenFlags.Path) != 0)
        {
            flags &= OpenFlags.Path | OpenFlags.Directory | OpenFlags.NoFollow | OpenFlags.CloseOnExec;
        }

        bool follow = (flags & OpenFlags.NoFollow) == 0;
        resolve |= follow ? ResolveFlags.Follow : ResolveFlags.None;
        if ((flags & OpenFlags.Create) != 0)
        {
            return OpenOrCreate(walk, path, flags, mode, resolve, out file);
        }

        if ((flags & OpenFlags.Temporary) == OpenFlags.Temporary)
        {
            return OpenUnnamed(walk, path, flags, mode, resolve, out file);
        }

        Errno error = Resolve(walk, path, resolve, out VfsPath found);
        return error == Errno.Ok ? OpenFound(found, walk.Credentials, flags, isNew: false, out file) : error;
    }

    /// <summary>Opens a program for execve(2): a regular file on a mount that allows it, with permission to execute.</summary>
    /// <param name="walk">From where, and by whom.</param>
    /// <param name="path">0 to 4095 bytes without NUL.</param>
    /// <param name="flags">Follow, AllowEmpty.</param>
    /// <param name="file">The file, open for reading, with one reference.</param>
    /// <returns>EACCES: not executable, or no regular file; ELOOP: a symbolic link that is not followed; ETXTBSY: it is open for writing.</returns>
    [MightSleep]
    public static Errno OpenProgram(in PathWalk walk, ReadOnlySpan<byte> path, ResolveFlags flags, out OpenFile? file)
    {
        file = null;
        Errno error = Resolve(walk, path, flags, out VfsPath found);
        if (error != Errno.Ok)
        {
            return error;
        }

        Inode inode = found.Inode!;
        if (!inode.IsRegular)
        {
            return inode.IsSymbolicLink ? Errno.ELOOP : Errno.EACCES;
        }

        error = CheckPathAccess(found, walk.Credentials, Execute);
        error = error == Errno.Ok ? OpenRegular(found, inode, OpenFlags.ReadOnly, FileUse.Execute, out file) : error;
        file?.Count();
        if (error == Errno.Ok)
        {
            FileNotify.Opened(file!);
        }

        return error;
    }

    [MightSleep]
    private static Errno OpenOrCreate(in PathWalk walk, ReadOnlySpan<byte> path, OpenFlags flags, uint mode, ResolveFlags resolve, out OpenFile? file)
    {
        file = null;
        if (path.IsEmpty)
        {
            return Errno.ENOENT;
        }

        var walker = new PathWalker(walk, path, resolve);
        Errno error = walker.ToLast();
        while (error == Errno.Ok && walker.LastKind == LastComponent.Name)
        {
            if (walker.HasTrailingSlash)
            {
                return Errno.EISDIR;
            }

            error = FindOrCreate(walk, walker.Current, walker.Last, flags, mode, out DirectoryEntry? entry, out bool isNew);
            if (error != Errno.Ok)
            {
                return error;
            }

            if (isNew)
            {
                return OpenMade(walk, walker.Current, entry!, flags, out file);
            }

            if ((flags & OpenFlags.Exclusive) != 0)
            {
                return Errno.EEXIST;
            }

            if (entry!.Inode!.IsSymbolicLink && (resolve & ResolveFlags.Follow) != 0)
            {
                // To what the link names, which may be yet to be made.
                error = walker.FollowLast(entry);
                continue;
            }

            error = walker.Enter(entry);
            return error == Errno.Ok ? OpenFound(walker.Current, walk.Credentials, flags, isNew: false, out file) : error;
        }

        if (error == Errno.Ok)
        {
            error = walker.CheckEnd();
        }

        // The path ends with a dot, or leads to a place without a name: it exists.
        return error != Errno.Ok ? error : (flags & OpenFlags.Exclusive) != 0 ? Errno.EEXIST : OpenFound(walker.Current, walk.Credentials, flags, isNew: false, out file);
    }

    // Opens a file that was made a moment ago. If that fails, its name goes again: open(2) makes and opens it, or does neither.
    [MightSleep]
    private static Errno OpenMade(in PathWalk walk, in VfsPath place, DirectoryEntry entry, OpenFlags flags, out OpenFile? file)
    {
        file = null;
        Errno error = Errno.ENOMEM;
        try
        {
            error = OpenFound(new VfsPath(place.Mount, entry), walk.Credentials, flags, isNew: true, out file);
            return error;
        }
        finally
        {
            if (error != Errno.Ok)
            {
                RemoveMade(walk, place, entry);
            }
        }
    }

    [MightSleep]
    private static void RemoveMade(in PathWalk walk, in VfsPath place, DirectoryEntry entry)
    {
        Inode directory = place.Inode!;
        using (directory.DirectoryLock.Enter())
        {
            // Unless somebody else has renamed or replaced it meanwhile.
            if (!entry.IsDeleted && ReferenceEquals(entry.Parent, place.Entry) && entry.TryPin())
            {
                try
                {
                    _ = RemoveLocked(walk, place, directory, entry, isDirectory: false, hasSlash: false);
                }
                finally
                {
                    entry.Unpin();
                }
            }
        }
    }

    [MightSleep]
    private static Errno FindOrCreate(in PathWalk walk, in VfsPath directory, ReadOnlySpan<byte> name, OpenFlags flags, uint mode, out DirectoryEntry? entry, out bool isNew)
    {
        isNew = false;
        Inode inode = directory.Inode!;
        entry = directory.Entry.FindChild(NameHash.Of(name), name);
        if (entry?.Inode is not null)
        {
            return Errno.Ok;
        }

        using (inode.DirectoryLock.Enter())
        {
            Errno error = NameLookup.FindPinned(directory.Entry, inode, name, out entry);
            if (error != Errno.Ok)
            {
                return error;
            }

            try
            {
                if (entry!.Inode is null)
                {
                    isNew = true;
                    error = directory.Mount.IsReadOnly ? Errno.EROFS : CreateLocked(walk, directory.Entry, inode, entry, FileMode.Regular | (mode & FileMode.PermissionMask), default);
                }

                return error;
            }
            finally
            {
                entry!.Unpin();
            }
        }
    }

    // Opens what was found. For a new file permissions do not matter.
    [MightSleep]
    private static Errno OpenFound(in VfsPath path, Credentials credentials, OpenFlags flags, bool isNew, out OpenFile? file)
    {
        file = null;
        Inode inode = path.Inode!;
        if ((flags & OpenFlags.Path) != 0)
        {
            if ((flags & OpenFlags.Directory) != 0 && !inode.IsDirectory)
            {
                return Errno.ENOTDIR;
            }

            file = new PathFile(path, inode, flags);
            return Errno.Ok;
        }

        Errno error = CheckOpen(path, inode, credentials, flags, isNew);
        if (error != Errno.Ok)
        {
            return error;
        }

        error = OpenInode(path, inode, flags, out file);
        if (error == Errno.Ok && !isNew && (flags & OpenFlags.Truncate) != 0 && inode.IsRegular)
        {
            error = TruncateOpened(path, credentials, flags);
            if (error != Errno.Ok)
            {
                file!.Release();
                file = null;
            }
        }

        return error;
    }

    // Who opens a file to read it is counted as a writer for as long as it is truncated: a program that runs stays as it is.
    [MightSleep]
    private static Errno TruncateOpened(in VfsPath path, Credentials credentials, OpenFlags flags)
    {
        Inode inode = path.Inode!;
        bool isReader = (flags & OpenFlags.AccessMode) == OpenFlags.ReadOnly;
        Errno error = isReader ? inode.AddUser(FileUse.Write) : Errno.Ok;
        if (error != Errno.Ok)
        {
            return error;
        }

        try
        {
            return TruncateTo(path, credentials, 0);
        }
        finally
        {
            if (isReader)
            {
                inode.RemoveUser(FileUse.Write);
            }
        }
    }

    private static Errno CheckOpen(in VfsPath path, Inode inode, Credentials credentials, OpenFlags flags, bool isNew)
    {
        OpenFlags mode = flags & OpenFlags.AccessMode;
        bool writes = mode != OpenFlags.ReadOnly || (flags & OpenFlags.Truncate) != 0;
        if (inode.IsSymbolicLink)
        {
            return Errno.ELOOP;
        }

        if (inode.IsDirectory)
        {
            if (writes || (flags & OpenFlags.Create) != 0)
            {
                return Errno.EISDIR;
            }
        }
        else if ((flags & OpenFlags.Directory) != 0)
        {
            return Errno.ENOTDIR;
        }

        uint type = inode.Mode & FileMode.TypeMask;
        if (type is FileMode.CharacterDevice or FileMode.BlockDevice && (path.Mount.Flags & MountFlags.NoDevices) != 0)
        {
            return Errno.EACCES;
        }

        if (!isNew)
        {
            int access = mode == OpenFlags.ReadOnly ? Read : mode == OpenFlags.WriteOnly ? Write : Read | Write;
            access |= (flags & OpenFlags.Truncate) != 0 ? Write : 0;
            Errno error = CheckAccess(inode, credentials, access);
            if (error != Errno.Ok)
            {
                return error;
            }

            if (writes && path.Mount.IsReadOnly && type == FileMode.Regular)
            {
                return Errno.EROFS;
            }
        }

        return (flags & OpenFlags.NoAccessTime) != 0 && !IsOwner(inode, credentials) ? Errno.EPERM : Errno.Ok;
    }

    [MightSleep]
    private static Errno OpenInode(in VfsPath path, Inode inode, OpenFlags flags, out OpenFile? file)
    {
        file = null;
        switch (inode.Mode & FileMode.TypeMask)
        {
            case FileMode.CharacterDevice:
                return CharacterDevices.Find(inode.Device) is { } device ? device.Open(path, inode, flags, out file) : Errno.ENXIO;
            case FileMode.Fifo:
                return Fifo.Open(path, inode, flags, out file);
            case FileMode.BlockDevice:
                return BlockDevices.Open(path, inode, flags, out file);
            case FileMode.Socket:
                return Errno.ENXIO;
            case FileMode.Regular:
                return OpenRegular(path, inode, flags, (flags & OpenFlags.AccessMode) == OpenFlags.ReadOnly ? FileUse.Read : FileUse.Write, out file);
            default:
                return inode.Open(path, flags, out file);
        }
    }

    // Counted first: who sets a lease, or executes the file, looks at the count after.
    [MightSleep]
    private static Errno OpenRegular(in VfsPath path, Inode inode, OpenFlags flags, FileUse use, out OpenFile? file)
    {
        file = null;
        Errno error = inode.AddUser(use);
        if (error != Errno.Ok)
        {
            return error;
        }

        try
        {
            error = FileLeases.Break(inode, use == FileUse.Write || (flags & OpenFlags.Truncate) != 0, (flags & OpenFlags.NonBlocking) == 0);
            error = error == Errno.Ok ? inode.Open(path, flags, out file) : error;
            file?.SetUse(use);
            return error;
        }
        finally
        {
            if (file is null)
            {
                inode.RemoveUser(use);
            }
        }
    }

    [MightSleep]
    private static Errno OpenUnnamed(in PathWalk walk, ReadOnlySpan<byte> path, OpenFlags flags, uint mode, ResolveFlags resolve, out OpenFile? file)
    {
        file = null;
        Errno error = Resolve(walk, path, resolve | ResolveFlags.Directory, out VfsPath found);
        if (error != Errno.Ok)
        {
            return error;
        }

        Inode directory = found.Inode!;
        error = CheckCreate(directory, walk.Credentials);
        if (error != Errno.Ok)
        {
            return error;
        }

        if (found.Mount.IsReadOnly)
        {
            return Errno.EROFS;
        }

        NewInode attributes = DescribeNew(directory, walk, FileMode.Regular | (mode & FileMode.PermissionMask), default);
        error = directory.CreateUnnamed(attributes, (flags & OpenFlags.Exclusive) == 0, out Inode? inode);
        if (error != Errno.Ok)
        {
            return error;
        }

        // /proc shows such a file by its number.
        var entry = new DirectoryEntry(found.Entry, System.Text.Encoding.ASCII.GetBytes($"#{inode!.Number}"), inode);
        entry.SetDeleted();
        return OpenRegular(new VfsPath(found.Mount, entry), inode, flags & ~OpenFlags.Temporary, FileUse.Write, out file);
    }
}
