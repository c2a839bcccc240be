using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Notification;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Files;

/// <summary>What the calls about names share.</summary>
internal static class NameArguments
{
    /// <summary>symlink(2), symlinkat(2).</summary>
    [MightSleep]
    public static long MakeSymbolicLink(UserThread thread, [UserAddress] ulong targetAddress, int directory, [UserAddress] ulong address)
    {
        Span<byte> text = stackalloc byte[PathArguments.UsualMaximum];
        Errno error = PathArguments.Read(targetAddress, text, out ReadOnlySpan<byte> target);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        Span<byte> buffer = stackalloc byte[PathArguments.UsualMaximum];
        error = PathArguments.Read(address, buffer, out ReadOnlySpan<byte> path);
        if (error == Errno.Ok)
        {
            error = PathArguments.Begin(thread, directory, path, out PathWalk walk);
            if (error == Errno.Ok)
            {
                error = Vfs.MakeSymbolicLink(walk, path, target);
            }
        }

        return -(long)error;
    }

    /// <summary>link(2), linkat(2).</summary>
    [MightSleep]
    public static long Link(UserThread thread, int oldDirectory, [UserAddress] ulong oldAddress, int newDirectory, [UserAddress] ulong newAddress, int flags)
    {
        if ((flags & ~(PathArguments.Follow | PathArguments.EmptyPath)) != 0)
        {
            return -(long)Errno.EINVAL;
        }

        if ((flags & PathArguments.EmptyPath) != 0 && !thread.Credentials.Has(Capability.DacReadSearch))
        {
            return -(long)Errno.ENOENT;
        }

        ResolveFlags how = ((flags & PathArguments.Follow) != 0 ? ResolveFlags.Follow : ResolveFlags.None) | ((flags & PathArguments.EmptyPath) != 0 ? ResolveFlags.AllowEmpty : ResolveFlags.None);
        Errno error = PathArguments.Resolve(thread, oldDirectory, oldAddress, how, out VfsPath target);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        Span<byte> buffer = stackalloc byte[PathArguments.UsualMaximum];
        error = PathArguments.Read(newAddress, buffer, out ReadOnlySpan<byte> path);
        if (error == Errno.Ok)
        {
            error = PathArguments.Begin(thread, newDirectory, path, out PathWalk walk);
            if (error == Errno.Ok)
            {
                error = Vfs.Link(target, walk, path);
            }
        }

        return -(long)error;
    }

    /// <summary>rename(2), renameat2(2).</summary>
    [MightSleep]
    public static long Rename(UserThread thread, int oldDirectory, [UserAddress] ulong oldAddress, int newDirectory, [UserAddress] ulong newAddress, uint flags)
    {
        if (flags is not (0 or Vfs.RenameNoReplace or Vfs.RenameExchange))
        {
            return -(long)Errno.EINVAL;
        }

        Span<byte> oldBuffer = stackalloc byte[PathArguments.UsualMaximum];
        Errno error = PathArguments.Read(oldAddress, oldBuffer, out ReadOnlySpan<byte> oldPath);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        Span<byte> newBuffer = stackalloc byte[PathArguments.UsualMaximum];
        error = PathArguments.Read(newAddress, newBuffer, out ReadOnlySpan<byte> newPath);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        error = PathArguments.Begin(thread, oldDirectory, oldPath, out PathWalk oldWalk);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        error = PathArguments.Begin(thread, newDirectory, newPath, out PathWalk newWalk);
        return -(long)(error == Errno.Ok ? Vfs.Rename(oldWalk, oldPath, newWalk, newPath, flags) : error);
    }

    /// <summary>readlink(2), readlinkat(2).</summary>
    [MightSleep]
    public static long ReadLink(UserThread thread, int directory, [UserAddress] ulong address, [UserAddress] ulong buffer, int bytes)
    {
        if (bytes <= 0)
        {
            return -(long)Errno.EINVAL;
        }

        // With a descriptor of the link itself the path may be empty.
        ResolveFlags how = directory == PathLimits.WorkingDirectory ? ResolveFlags.None : ResolveFlags.AllowEmpty;
        Errno error = PathArguments.Resolve(thread, directory, address, how, out VfsPath found);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        Inode inode = found.Inode!;
        if (!inode.IsSymbolicLink)
        {
            Span<byte> first = [0];
            bool isEmpty = UserMemory.TryRead(address, first) && first[0] == 0;
            return -(long)(isEmpty ? Errno.ENOENT : Errno.EINVAL);
        }

        // What never changes needs no copy.
        if (inode.LinkText is { } known)
        {
            ReadOnlySpan<byte> shown = known.AsSpan(0, Math.Min(known.Length, bytes));
            return UserMemory.TryWrite(buffer, shown) ? shown.Length : -(long)Errno.EFAULT;
        }

        return ReadLink(inode, buffer, bytes);
    }

    // Of its own, since it clears 4 KiB.
    [MightSleep]
    private static long ReadLink(Inode inode, [UserAddress] ulong buffer, int bytes)
    {
        Span<byte> text = stackalloc byte[PathLimits.PathMaximum];
        Errno error = inode.ReadLink(text[..Math.Min(text.Length, bytes)], out int length);
        return error != Errno.Ok ? -(long)error : UserMemory.TryWrite(buffer, text[..length]) ? length : -(long)Errno.EFAULT;
    }

    /// <summary>getdents64(2), getdents(2).</summary>
    [MightSleep]
    public static long GetEntries(UserThread thread, int descriptor, [UserAddress] ulong buffer, uint bytes, bool isOld)
    {
        using FileReference reference = thread.Files!.Get(descriptor);
        if (reference.File is not { IsReadable: true } file)
        {
            return -(long)Errno.EBADF;
        }

        if (!file.Inode.IsDirectory)
        {
            return -(long)Errno.ENOTDIR;
        }

        // One that was removed has no entries, not even its own (readdir of POSIX).
        if (!file.Path.IsNull && file.Path.Entry.IsDeleted)
        {
            return -(long)Errno.ENOENT;
        }

        if (!UserMemory.IsRange(buffer, bytes))
        {
            return -(long)Errno.EFAULT;
        }

        var sink = new DirectorySink(new DataSink(buffer, Math.Min(bytes, (uint)PathLimits.TransferMaximum)), isOld);
        Errno error = file.ReadDirectory(ref sink);
        if (error == Errno.Ok)
        {
            FileNotify.Read(file);
        }

        if (sink.Written > 0)
        {
            return sink.Written;
        }

        return sink.Faulted ? -(long)Errno.EFAULT : sink.IsFull ? -(long)Errno.EINVAL : -(long)error;
    }

    /// <summary>Changes the working directory to one that may be searched.</summary>
    [MightSleep]
    public static Errno ChangeDirectory(UserThread thread, in VfsPath directory)
    {
        Errno error = Vfs.CheckAccess(directory.Inode!, thread.Credentials, Vfs.Execute);
        return error != Errno.Ok || thread.FileSystem!.TrySetWorkingDirectory(directory) ? error : Errno.ENOENT;
    }
}
