using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Files;

/// <summary>mkdir(2).</summary>
[SystemCall(83, "mkdir", Support.All)]
internal sealed class MakeDirectoryCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Span<byte> buffer = stackalloc byte[PathArguments.UsualMaximum];
        Errno error = PathArguments.Read(registers.Rdi, buffer, out ReadOnlySpan<byte> path);
        if (error == Errno.Ok)
        {
            error = PathArguments.Begin(thread, PathLimits.WorkingDirectory, path, out PathWalk walk);
            if (error == Errno.Ok)
            {
                error = Vfs.MakeDirectory(walk, path, (uint)registers.Rsi);
            }
        }

        return -(long)error;
    }
}

/// <summary>mkdirat(2).</summary>
[SystemCall(258, "mkdirat", Support.All)]
internal sealed class MakeDirectoryAtCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Span<byte> buffer = stackalloc byte[PathArguments.UsualMaximum];
        Errno error = PathArguments.Read(registers.Rsi, buffer, out ReadOnlySpan<byte> path);
        if (error == Errno.Ok)
        {
            error = PathArguments.Begin(thread, (int)registers.Rdi, path, out PathWalk walk);
            if (error == Errno.Ok)
            {
                error = Vfs.MakeDirectory(walk, path, (uint)registers.Rdx);
            }
        }

        return -(long)error;
    }
}

/// <summary>rmdir(2).</summary>
[SystemCall(84, "rmdir", Support.All)]
internal sealed class RemoveDirectoryCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Span<byte> buffer = stackalloc byte[PathArguments.UsualMaximum];
        Errno error = PathArguments.Read(registers.Rdi, buffer, out ReadOnlySpan<byte> path);
        if (error == Errno.Ok)
        {
            error = PathArguments.Begin(thread, PathLimits.WorkingDirectory, path, out PathWalk walk);
            if (error == Errno.Ok)
            {
                error = Vfs.RemoveDirectory(walk, path);
            }
        }

        return -(long)error;
    }
}

/// <summary>unlink(2).</summary>
[SystemCall(87, "unlink", Support.All)]
internal sealed class UnlinkCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Span<byte> buffer = stackalloc byte[PathArguments.UsualMaximum];
        Errno error = PathArguments.Read(registers.Rdi, buffer, out ReadOnlySpan<byte> path);
        if (error == Errno.Ok)
        {
            error = PathArguments.Begin(thread, PathLimits.WorkingDirectory, path, out PathWalk walk);
            if (error == Errno.Ok)
            {
                error = Vfs.Unlink(walk, path);
            }
        }

        return -(long)error;
    }
}

/// <summary>unlinkat(2).</summary>
[SystemCall(263, "unlinkat", Support.All)]
internal sealed class UnlinkAtCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int flags = (int)registers.Rdx;
        if ((flags & ~PathArguments.RemoveDirectory) != 0)
        {
            return -(long)Errno.EINVAL;
        }

        Span<byte> buffer = stackalloc byte[PathArguments.UsualMaximum];
        Errno error = PathArguments.Read(registers.Rsi, buffer, out ReadOnlySpan<byte> path);
        if (error == Errno.Ok)
        {
            error = PathArguments.Begin(thread, (int)registers.Rdi, path, out PathWalk walk);
            if (error == Errno.Ok)
            {
                error = flags != 0 ? Vfs.RemoveDirectory(walk, path) : Vfs.Unlink(walk, path);
            }
        }

        return -(long)error;
    }
}

/// <summary>mknod(2).</summary>
[SystemCall(133, "mknod", Support.All)]
internal sealed class MakeNodeCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Span<byte> buffer = stackalloc byte[PathArguments.UsualMaximum];
        Errno error = PathArguments.Read(registers.Rdi, buffer, out ReadOnlySpan<byte> path);
        if (error == Errno.Ok)
        {
            error = PathArguments.Begin(thread, PathLimits.WorkingDirectory, path, out PathWalk walk);
            if (error == Errno.Ok)
            {
                error = Vfs.MakeNode(walk, path, (uint)registers.Rsi, DeviceNumber.Decode((uint)registers.Rdx), out _);
            }
        }

        return -(long)error;
    }
}

/// <summary>mknodat(2).</summary>
[SystemCall(259, "mknodat", Support.All)]
internal sealed class MakeNodeAtCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Span<byte> buffer = stackalloc byte[PathArguments.UsualMaximum];
        Errno error = PathArguments.Read(registers.Rsi, buffer, out ReadOnlySpan<byte> path);
        if (error == Errno.Ok)
        {
            error = PathArguments.Begin(thread, (int)registers.Rdi, path, out PathWalk walk);
            if (error == Errno.Ok)
            {
                error = Vfs.MakeNode(walk, path, (uint)registers.Rdx, DeviceNumber.Decode((uint)registers.R10), out _);
            }
        }

        return -(long)error;
    }
}

/// <summary>symlink(2).</summary>
[SystemCall(88, "symlink", Support.All)]
internal sealed class SymbolicLinkCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => NameArguments.MakeSymbolicLink(thread, registers.Rdi, PathLimits.WorkingDirectory, registers.Rsi);
}

/// <summary>symlinkat(2).</summary>
[SystemCall(266, "symlinkat", Support.All)]
internal sealed class SymbolicLinkAtCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => NameArguments.MakeSymbolicLink(thread, registers.Rdi, (int)registers.Rsi, registers.Rdx);
}

/// <summary>link(2).</summary>
[SystemCall(86, "link", Support.All)]
internal sealed class LinkCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => NameArguments.Link(thread, PathLimits.WorkingDirectory, registers.Rdi, PathLimits.WorkingDirectory, registers.Rsi, 0);
}

/// <summary>linkat(2).</summary>
[SystemCall(265, "linkat", Support.All)]
internal sealed class LinkAtCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => NameArguments.Link(thread, (int)registers.Rdi, registers.Rsi, (int)registers.Rdx, registers.R10, (int)registers.R8);
}

/// <summary>rename(2).</summary>
[SystemCall(82, "rename", Support.All)]
internal sealed class RenameCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => NameArguments.Rename(thread, PathLimits.WorkingDirectory, registers.Rdi, PathLimits.WorkingDirectory, registers.Rsi, 0);
}

/// <summary>renameat(2).</summary>
[SystemCall(264, "renameat", Support.All)]
internal sealed class RenameAtCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => NameArguments.Rename(thread, (int)registers.Rdi, registers.Rsi, (int)registers.Rdx, registers.R10, 0);
}

/// <summary>renameat2(2).</summary>
[SystemCall(316, "renameat2", Support.Some, "RENAME_WHITEOUT")]
internal sealed class RenameAt2Call : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => NameArguments.Rename(thread, (int)registers.Rdi, registers.Rsi, (int)registers.Rdx, registers.R10, (uint)registers.R8);
}

/// <summary>readlink(2).</summary>
[SystemCall(89, "readlink", Support.All)]
internal sealed class ReadLinkCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => NameArguments.ReadLink(thread, PathLimits.WorkingDirectory, registers.Rdi, registers.Rsi, (int)registers.Rdx);
}

/// <summary>readlinkat(2).</summary>
[SystemCall(267, "readlinkat", Support.All)]
internal sealed class ReadLinkAtCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => NameArguments.ReadLink(thread, (int)registers.Rdi, registers.Rsi, registers.Rdx, (int)registers.R10);
}

/// <summary>getdents64(2).</summary>
[SystemCall(217, "getdents64", Support.All)]
internal sealed class GetEntries64Call : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => NameArguments.GetEntries(thread, (int)registers.Rdi, registers.Rsi, (uint)registers.Rdx, isOld: false);
}

/// <summary>getdents(2).</summary>
[SystemCall(78, "getdents", Support.All)]
internal sealed class GetEntriesCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => NameArguments.GetEntries(thread, (int)registers.Rdi, registers.Rsi, (uint)registers.Rdx, isOld: true);
}

/// <summary>getcwd(2).</summary>
[SystemCall(79, "getcwd", Support.All)]
internal sealed class GetWorkingDirectoryCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Span<byte> buffer = stackalloc byte[PathArguments.UsualMaximum];
        FileSystemContext context = thread.FileSystem!;
        VfsPath directory = context.WorkingDirectory;
        if (directory.Entry.IsDeleted)
        {
            return -(long)Errno.ENOENT;
        }

        Errno error = Vfs.GetPath(directory, context.Root, buffer[..^1], out int length);
        if (error == Errno.ENAMETOOLONG)
        {
            buffer = new byte[PathLimits.PathMaximum];
            error = Vfs.GetPath(directory, context.Root, buffer[..^1], out length);
        }

        if (error == Errno.ENAMETOOLONG)
        {
            return -(long)error;
        }

        buffer[length++] = 0;
        if (registers.Rsi < (ulong)length)
        {
            return -(long)Errno.ERANGE;
        }

        return UserMemory.TryWrite(registers.Rdi, buffer[..length]) ? length : -(long)Errno.EFAULT;
    }
}

/// <summary>chdir(2).</summary>
[SystemCall(80, "chdir", Support.All)]
internal sealed class ChangeDirectoryCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno error = PathArguments.Resolve(thread, PathLimits.WorkingDirectory, registers.Rdi, ResolveFlags.Follow | ResolveFlags.Directory, out VfsPath found);
        return -(long)(error == Errno.Ok ? NameArguments.ChangeDirectory(thread, found) : error);
    }
}

/// <summary>fchdir(2).</summary>
[SystemCall(81, "fchdir", Support.All)]
internal sealed class FileChangeDirectoryCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        using FileReference reference = thread.Files!.Get((int)registers.Rdi);
        return reference.File is not { } file ? -(long)Errno.EBADF
            : !file.Inode.IsDirectory ? -(long)Errno.ENOTDIR : -(long)NameArguments.ChangeDirectory(thread, file.Path);
    }
}
