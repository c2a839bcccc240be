using System;
using System.Text;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Notification;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Runtime.Services;

namespace CosmosKernel.Files.Managed;

// Operations with paths.
public sealed partial class ManagedFiles
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Open(ReadOnlySpan<byte> path, int flags, uint mode)
    {
        Span<byte> buffer = stackalloc byte[BufferBytes];
        Errno error = Translate(path, buffer, out ReadOnlySpan<byte> place);
        int descriptor = -1;
        if (error == Errno.Ok)
        {
            // The number comes first: with none left, nothing is created or opened.
            error = _table.Reserve(out descriptor, 0, closeOnExec: true);
        }

        if (error != Errno.Ok)
        {
            return Negative(error);
        }

        OpenFile? file = null;
        try
        {
            error = Vfs.Open(Walk, place, (OpenFlags)flags, mode & FileMode.PermissionMask, ResolveFlags.None, out file);
        }
        catch (OutOfMemoryException)
        {
            error = Errno.ENOMEM;
        }

        if (error != Errno.Ok)
        {
            _table.Unreserve(descriptor);
            return Negative(error);
        }

        _table.Install(descriptor, file!);
        return descriptor;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long GetStatus(ReadOnlySpan<byte> path, bool follow, out RuntimeFileStatus status)
    {
        status = default;
        Errno error = Resolve(path, follow ? ResolveFlags.Follow : ResolveFlags.None, out VfsPath found);
        if (error == Errno.Ok)
        {
            status = StatusOf(found.Inode!);
        }

        return Negative(error);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long ChangeMode(ReadOnlySpan<byte> path, uint mode)
    {
        Errno error = Resolve(path, ResolveFlags.Follow, out VfsPath found);
        return Negative(error == Errno.Ok ? Vfs.ChangeMode(found, Credentials.Root, mode) : error);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long SetTimes(ReadOnlySpan<byte> path, long? access, long? modify)
    {
        Errno error = Resolve(path, ResolveFlags.None, out VfsPath found);
        return Negative(error == Errno.Ok ? Vfs.SetTimes(found, Credentials.Root, access, modify, areNow: false) : error);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long CheckAccess(ReadOnlySpan<byte> path, int mode)
    {
        const int All = Vfs.Read | Vfs.Write | Vfs.Execute;
        if ((mode & ~All) != 0)
        {
            return Negative(Errno.EINVAL);
        }

        Errno error = Resolve(path, ResolveFlags.Follow, out VfsPath found);
        return Negative(error == Errno.Ok && mode != 0 ? Vfs.CheckPathAccess(found, Credentials.Root, mode) : error);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long MakeDirectory(ReadOnlySpan<byte> path, uint mode)
    {
        Span<byte> buffer = stackalloc byte[BufferBytes];
        Errno error = Translate(path, buffer, out ReadOnlySpan<byte> place);
        error = error == Errno.Ok ? Vfs.MakeDirectory(Walk, place, mode) : error;

        // CoreLib makes the parents that are missing, but those of a path with a drive it does not see.
        if (error == Errno.ENOENT && place != path && MakeParents(place, mode) == Errno.Ok)
        {
            error = Vfs.MakeDirectory(Walk, place, mode);
        }

        return Negative(error);
    }

    [MightSleep]
    private Errno MakeParents(ReadOnlySpan<byte> path, uint mode)
    {
        for (int end = 1; end < path.Length; end++)
        {
            if (path[end] == (byte)'/' && path[end - 1] != (byte)'/')
            {
                Errno error = Vfs.MakeDirectory(Walk, path[..end], mode);
                if (error is not (Errno.Ok or Errno.EEXIST))
                {
                    return error;
                }
            }
        }

        return Errno.Ok;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long RemoveDirectory(ReadOnlySpan<byte> path)
    {
        Span<byte> buffer = stackalloc byte[BufferBytes];
        Errno error = Translate(path, buffer, out ReadOnlySpan<byte> place);
        return Negative(error == Errno.Ok ? Vfs.RemoveDirectory(Walk, place) : error);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Unlink(ReadOnlySpan<byte> path)
    {
        Span<byte> buffer = stackalloc byte[BufferBytes];
        Errno error = Translate(path, buffer, out ReadOnlySpan<byte> place);
        return Negative(error == Errno.Ok ? Vfs.Unlink(Walk, place) : error);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Rename(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        Span<byte> buffer = stackalloc byte[BufferBytes];
        Span<byte> secondBuffer = stackalloc byte[BufferBytes];
        Errno error = Translate(from, buffer, out ReadOnlySpan<byte> oldPlace);
        scoped ReadOnlySpan<byte> place = default;
        error = error == Errno.Ok ? Translate(to, secondBuffer, out place) : error;
        return Negative(error == Errno.Ok ? Vfs.Rename(Walk, oldPlace, Walk, place, 0) : error);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Link(ReadOnlySpan<byte> target, ReadOnlySpan<byte> path)
    {
        Errno error = Resolve(target, ResolveFlags.None, out VfsPath found);
        Span<byte> buffer = stackalloc byte[BufferBytes];
        scoped ReadOnlySpan<byte> place = default;
        error = error == Errno.Ok ? Translate(path, buffer, out place) : error;
        return Negative(error == Errno.Ok ? Vfs.Link(found, Walk, place) : error);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long MakeSymbolicLink(ReadOnlySpan<byte> target, ReadOnlySpan<byte> path)
    {
        // The text too: who follows it later knows no drives.
        Span<byte> buffer = stackalloc byte[BufferBytes];
        Span<byte> secondBuffer = stackalloc byte[BufferBytes];
        Errno error = Translate(target, buffer, out ReadOnlySpan<byte> text);
        scoped ReadOnlySpan<byte> place = default;
        error = error == Errno.Ok ? Translate(path, secondBuffer, out place) : error;
        return Negative(error == Errno.Ok ? Vfs.MakeSymbolicLink(Walk, place, text) : error);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long ReadLink(ReadOnlySpan<byte> path, Span<byte> to)
    {
        Errno error = Resolve(path, ResolveFlags.None, out VfsPath found);
        if (error != Errno.Ok)
        {
            return Negative(error);
        }

        Inode inode = found.Inode!;
        if (!inode.IsSymbolicLink)
        {
            return Negative(Errno.EINVAL);
        }

        Span<byte> text = stackalloc byte[PathLimits.PathMaximum];
        error = inode.ReadLink(text, out int length);
        length = Math.Min(length, to.Length);
        text[..length].CopyTo(to);
        return error == Errno.Ok ? length : Negative(error);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long GetRealPath(ReadOnlySpan<byte> path, Span<byte> to)
    {
        Errno error = Resolve(path, ResolveFlags.Follow, out VfsPath found);
        int length = 0;
        error = error == Errno.Ok ? Vfs.GetPath(found, _context.Root, to, out length) : error;
        return error == Errno.Ok ? length : Negative(error);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long ChangeDirectory(ReadOnlySpan<byte> path)
    {
        while (true)
        {
            Errno error = Resolve(path, ResolveFlags.Follow | ResolveFlags.Directory, out VfsPath found);
            error = error == Errno.Ok ? Vfs.CheckAccess(found.Inode!, Credentials.Root, Vfs.Execute) : error;
            if (error != Errno.Ok || _context.TrySetWorkingDirectory(found))
            {
                return Negative(error);
            }
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long GetDirectory(Span<byte> to)
    {
        VfsPath directory = _context.WorkingDirectory;
        if (directory.Entry.IsDeleted)
        {
            return Negative(Errno.ENOENT);
        }

        Errno error = Vfs.GetPath(directory, _context.Root, to, out int length);
        return error == Errno.Ok ? length : Negative(error == Errno.ENAMETOOLONG ? Errno.ERANGE : error);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long GetStatistics(ReadOnlySpan<byte> path, out RuntimeFileSystemStatistics statistics)
    {
        statistics = default;
        Errno error = Resolve(path, ResolveFlags.Follow, out VfsPath found);
        if (error == Errno.Ok)
        {
            statistics = StatisticsOf(found.Inode!);
        }

        return Negative(error);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long GetFileSystemType(ReadOnlySpan<byte> path, Span<byte> to)
    {
        Errno error = Resolve(path, ResolveFlags.Follow, out VfsPath found);
        if (error != Errno.Ok)
        {
            return Negative(error);
        }

        return Encoding.UTF8.TryGetBytes(found.Inode!.FileSystem.Type.Name, to, out int length) ? length : Negative(Errno.ENAMETOOLONG);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long GetMountPoint(int index, Span<byte> to)
    {
        ReadOnlySpan<Mount> mounts = MountTable.All;
        if ((uint)index >= (uint)mounts.Length)
        {
            return Negative(Errno.ENOENT);
        }

        Errno error = Vfs.GetPath(new VfsPath(mounts[index], mounts[index].Root), _context.Root, to, out int length);
        return error switch
        {
            Errno.Ok => length,
            Errno.ENOENT => 0,
            _ => Negative(error),
        };
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long CreateWatcher()
    {
        Errno error = InotifyFile.Create(0, OpenFlags.ReadOnly, out InotifyFile? file);
        return error == Errno.Ok ? _table.Add(file!, closeOnExec: true) : Negative(error);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long AddWatch(int descriptor, ReadOnlySpan<byte> path, uint events)
    {
        var mask = (NotifyEvents)events;
        Errno error = _table.TryGet(descriptor, out OpenFile? file);
        if (error != Errno.Ok)
        {
            return Negative(error);
        }

        ResolveFlags how = (mask & NotifyEvents.DontFollow) != 0 ? ResolveFlags.None : ResolveFlags.Follow;
        how |= (mask & NotifyEvents.OnlyDirectory) != 0 ? ResolveFlags.Directory : ResolveFlags.None;
        long result = Negative(Errno.EINVAL);
        while (file is InotifyFile instance)
        {
            error = Resolve(path, how, out VfsPath found);
            result = Negative(error);

            // So that the inode stays meanwhile.
            if (error != Errno.Ok || found.TryPin())
            {
                if (error == Errno.Ok)
                {
                    result = instance.Watch(found.Inode!, mask);
                    found.Unpin();
                }

                break;
            }
        }

        file!.Release();
        return result;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long RemoveWatch(int descriptor, int watch)
    {
        Errno error = _table.TryGet(descriptor, out OpenFile? file);
        if (error == Errno.Ok)
        {
            error = file is InotifyFile instance ? instance.Unwatch(watch) : Errno.EINVAL;
            file!.Release();
        }

        return Negative(error);
    }
}
