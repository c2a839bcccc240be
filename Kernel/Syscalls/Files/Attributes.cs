using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Block;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Notification;
using CosmosKernel.Files.Pipes;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Files;

/// <summary>stat(2).</summary>
[SystemCall(4, "stat", Support.All)]
internal sealed class StatCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno error = PathArguments.Resolve(thread, PathLimits.WorkingDirectory, registers.Rdi, ResolveFlags.Follow, out VfsPath found);
        return error == Errno.Ok ? StatEncoding.WriteStat(found.Inode!, registers.Rsi) : -(long)error;
    }
}

/// <summary>lstat(2).</summary>
[SystemCall(6, "lstat", Support.All)]
internal sealed class LinkStatCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno error = PathArguments.Resolve(thread, PathLimits.WorkingDirectory, registers.Rdi, ResolveFlags.None, out VfsPath found);
        return error == Errno.Ok ? StatEncoding.WriteStat(found.Inode!, registers.Rsi) : -(long)error;
    }
}

/// <summary>fstat(2).</summary>
[SystemCall(5, "fstat", Support.All)]
internal sealed class FileStatCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        using FileReference reference = thread.Files!.Get((int)registers.Rdi);
        return reference.File is { } file ? StatEncoding.WriteStat(file.Inode, registers.Rsi) : -(long)Errno.EBADF;
    }
}

/// <summary>fstatat(2).</summary>
[SystemCall(262, "newfstatat", Support.All)]
internal sealed class StatAtCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int flags = (int)registers.R10;
        if ((flags & ~(PathArguments.NoFollow | PathArguments.NoAutomount | PathArguments.EmptyPath)) != 0)
        {
            return -(long)Errno.EINVAL;
        }

        Errno error = PathArguments.Resolve(thread, (int)registers.Rdi, registers.Rsi, PathArguments.FlagsOf(flags), out VfsPath found);
        return error == Errno.Ok ? StatEncoding.WriteStat(found.Inode!, registers.Rdx) : -(long)error;
    }
}

/// <summary>statx(2).</summary>
[SystemCall(332, "statx", Support.All)]
internal sealed class StatxCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        // AT_STATX_FORCE_SYNC and AT_STATX_DONT_SYNC exclude each other.
        const int SyncTypes = 0x6000;
        int flags = (int)registers.Rdx;
        if ((flags & ~(PathArguments.NoFollow | PathArguments.NoAutomount | PathArguments.EmptyPath | SyncTypes)) != 0 || (flags & SyncTypes) == SyncTypes || (registers.R10 & 0x80000000) != 0)
        {
            return -(long)Errno.EINVAL;
        }

        Errno error = PathArguments.Resolve(thread, (int)registers.Rdi, registers.Rsi, PathArguments.FlagsOf(flags), out VfsPath found);
        return error == Errno.Ok ? StatEncoding.WriteStatx(found, registers.R8) : -(long)error;
    }
}

/// <summary>statfs(2).</summary>
[SystemCall(137, "statfs", Support.All)]
internal sealed class StatfsCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno error = PathArguments.Resolve(thread, PathLimits.WorkingDirectory, registers.Rdi, ResolveFlags.Follow, out VfsPath found);
        return error == Errno.Ok ? StatEncoding.WriteStatfs(found, registers.Rsi) : -(long)error;
    }
}

/// <summary>fstatfs(2).</summary>
[SystemCall(138, "fstatfs", Support.All)]
internal sealed class FileStatfsCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        using FileReference reference = thread.Files!.Get((int)registers.Rdi);
        return reference.File is { } file ? StatEncoding.WriteStatfs(PathArguments.PlaceOf(file), registers.Rsi) : -(long)Errno.EBADF;
    }
}

/// <summary>access(2).</summary>
[SystemCall(21, "access", Support.All)]
internal sealed class AccessCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => AttributeArguments.Access(thread, PathLimits.WorkingDirectory, registers.Rdi, (int)registers.Rsi, 0);
}

/// <summary>faccessat(2), which has no flags.</summary>
[SystemCall(269, "faccessat", Support.All)]
internal sealed class AccessAtCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => AttributeArguments.Access(thread, (int)registers.Rdi, registers.Rsi, (int)registers.Rdx, 0);
}

/// <summary>faccessat2(2).</summary>
[SystemCall(439, "faccessat2", Support.All)]
internal sealed class AccessAt2Call : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => AttributeArguments.Access(thread, (int)registers.Rdi, registers.Rsi, (int)registers.Rdx, (int)registers.R10);
}

/// <summary>chmod(2).</summary>
[SystemCall(90, "chmod", Support.All)]
internal sealed class ChangeModeCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => AttributeArguments.ChangeMode(thread, PathLimits.WorkingDirectory, registers.Rdi, (uint)registers.Rsi, 0);
}

/// <summary>fchmodat(2), which has no flags.</summary>
[SystemCall(268, "fchmodat", Support.All)]
internal sealed class ChangeModeAtCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => AttributeArguments.ChangeMode(thread, (int)registers.Rdi, registers.Rsi, (uint)registers.Rdx, 0);
}

/// <summary>fchmodat2(2).</summary>
[SystemCall(452, "fchmodat2", Support.All)]
internal sealed class ChangeModeAt2Call : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => AttributeArguments.ChangeMode(thread, (int)registers.Rdi, registers.Rsi, (uint)registers.Rdx, (int)registers.R10);
}

/// <summary>fchmod(2).</summary>
[SystemCall(91, "fchmod", Support.All)]
internal sealed class FileChangeModeCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        using FileReference reference = thread.Files!.Get((int)registers.Rdi);
        return reference.File is { IsPathOnly: false } file ? -(long)Vfs.ChangeMode(PathArguments.PlaceOf(file), thread.Credentials, (uint)registers.Rsi) : -(long)Errno.EBADF;
    }
}

/// <summary>chown(2).</summary>
[SystemCall(92, "chown", Support.All)]
internal sealed class ChangeOwnerCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => AttributeArguments.ChangeOwner(thread, PathLimits.WorkingDirectory, registers.Rdi, (uint)registers.Rsi, (uint)registers.Rdx, 0);
}

/// <summary>lchown(2).</summary>
[SystemCall(94, "lchown", Support.All)]
internal sealed class LinkChangeOwnerCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => AttributeArguments.ChangeOwner(thread, PathLimits.WorkingDirectory, registers.Rdi, (uint)registers.Rsi, (uint)registers.Rdx, PathArguments.NoFollow);
}

/// <summary>fchownat(2).</summary>
[SystemCall(260, "fchownat", Support.All)]
internal sealed class ChangeOwnerAtCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => AttributeArguments.ChangeOwner(thread, (int)registers.Rdi, registers.Rsi, (uint)registers.Rdx, (uint)registers.R10, (int)registers.R8);
}

/// <summary>fchown(2).</summary>
[SystemCall(93, "fchown", Support.All)]
internal sealed class FileChangeOwnerCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        using FileReference reference = thread.Files!.Get((int)registers.Rdi);
        return reference.File is { IsPathOnly: false } file
            ? -(long)Vfs.ChangeOwner(PathArguments.PlaceOf(file), thread.Credentials, (uint)registers.Rsi, (uint)registers.Rdx) : -(long)Errno.EBADF;
    }
}

/// <summary>utime(2).</summary>
[SystemCall(132, "utime", Support.All)]
internal sealed class SetTimeCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => TimeArguments.SetSeconds(thread, registers.Rdi, registers.Rsi);
}

/// <summary>utimes(2).</summary>
[SystemCall(235, "utimes", Support.All)]
internal sealed class SetTimesCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => TimeArguments.SetMicroseconds(thread, PathLimits.WorkingDirectory, registers.Rdi, registers.Rsi);
}

/// <summary>futimesat(2).</summary>
[SystemCall(261, "futimesat", Support.All)]
internal sealed class SetTimesAtCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => TimeArguments.SetMicroseconds(thread, (int)registers.Rdi, registers.Rsi, registers.Rdx);
}

/// <summary>utimensat(2).</summary>
[SystemCall(280, "utimensat", Support.All)]
internal sealed class SetTimesFlagsCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => TimeArguments.SetNanoseconds(thread, (int)registers.Rdi, registers.Rsi, registers.Rdx, (int)registers.R10);
}

/// <summary>umask(2).</summary>
[SystemCall(95, "umask", Support.All)]
internal sealed class UmaskCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => thread.FileSystem!.ExchangeUmask((uint)registers.Rdi);
}

/// <summary>truncate(2).</summary>
[SystemCall(76, "truncate", Support.All)]
internal sealed class TruncateCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        long size = (long)registers.Rsi;
        if (size < 0)
        {
            return -(long)Errno.EINVAL;
        }

        Errno error = PathArguments.Resolve(thread, PathLimits.WorkingDirectory, registers.Rdi, ResolveFlags.Follow, out VfsPath found);
        return -(long)(error == Errno.Ok ? Vfs.Truncate(found, thread.Credentials, size) : error);
    }
}

/// <summary>ftruncate(2).</summary>
[SystemCall(77, "ftruncate", Support.All)]
internal sealed class FileTruncateCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        long size = (long)registers.Rsi;
        if (size < 0)
        {
            return -(long)Errno.EINVAL;
        }

        using FileReference reference = thread.Files!.Get((int)registers.Rdi);
        if (reference.File is not { IsPathOnly: false } file)
        {
            return -(long)Errno.EBADF;
        }

        if (!file.IsWritable || !file.Inode.IsRegular)
        {
            return -(long)Errno.EINVAL;
        }

        Errno error = Vfs.CheckSize(size);
        error = error == Errno.Ok ? file.Truncate(size) : error;
        if (error == Errno.Ok)
        {
            FileNotify.Modified(file);
            if (Vfs.DropSetId(file.Inode, thread.Credentials))
            {
                FileNotify.AttributesChanged(file);
            }
        }

        return -(long)error;
    }
}

/// <summary>fallocate(2).</summary>
[SystemCall(285, "fallocate", Support.All)]
internal sealed class AllocateCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        long offset = (long)registers.Rdx;
        long length = (long)registers.R10;
        using FileReference reference = thread.Files!.Get((int)registers.Rdi);
        if (reference.File is not { IsPathOnly: false } file)
        {
            return -(long)Errno.EBADF;
        }

        Errno bad = offset < 0 || length <= 0 ? Errno.EINVAL : CheckMode((int)registers.Rsi);
        if (bad != Errno.Ok || !file.IsWritable)
        {
            return -(long)(bad != Errno.Ok ? bad : Errno.EBADF);
        }

        if (offset > long.MaxValue - length)
        {
            return -(long)Errno.EFBIG;
        }

        if (!file.IsSeekable || !file.Inode.IsRegular)
        {
            return -(long)(file.IsSeekable ? Errno.ENODEV : Errno.ESPIPE);
        }

        Errno error = file.Allocate((int)registers.Rsi, offset, length);
        if (error == Errno.Ok)
        {
            FileNotify.Modified(file);
        }

        return -(long)error;
    }

    // Which flags go together at all; what the file system cannot do of them is its own affair.
    private static Errno CheckMode(int mode)
    {
        const int KeepSize = 1;
        const int PunchHole = 2;
        const int CollapseRange = 8;
        const int ZeroRange = 0x10;
        const int InsertRange = 0x20;
        const int Unshare = 0x40;
        const int Known = KeepSize | PunchHole | CollapseRange | ZeroRange | InsertRange | Unshare;
        bool punches = (mode & PunchHole) != 0;
        if ((mode & ~Known) != 0 || (punches && ((mode & ZeroRange) != 0 || (mode & KeepSize) == 0)))
        {
            return Errno.EOPNOTSUPP;
        }

        bool isAlone = mode is CollapseRange or InsertRange || (mode & (CollapseRange | InsertRange)) == 0;
        return isAlone && ((mode & Unshare) == 0 || (mode & ~(Unshare | KeepSize)) == 0) ? Errno.Ok : Errno.EINVAL;
    }
}

/// <summary>sync(2).</summary>
[SystemCall(162, "sync", Support.All)]
internal sealed class SyncCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        foreach (Mount mount in MountTable.All)
        {
            _ = mount.FileSystem.Sync();
        }

        BlockDevices.SyncAll();

        return 0;
    }
}

/// <summary>syncfs(2).</summary>
[SystemCall(306, "syncfs", Support.All)]
internal sealed class SyncFileSystemCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        using FileReference reference = thread.Files!.Get((int)registers.Rdi);
        return reference.File is { IsPathOnly: false } file ? -(long)file.Inode.FileSystem.Sync() : -(long)Errno.EBADF;
    }
}

/// <summary>fsync(2).</summary>
[SystemCall(74, "fsync", Support.All)]
internal sealed class SyncFileCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        using FileReference reference = thread.Files!.Get((int)registers.Rdi);
        return reference.File is { IsPathOnly: false } file ? -(long)file.Sync() : -(long)Errno.EBADF;
    }
}

/// <summary>fdatasync(2).</summary>
[SystemCall(75, "fdatasync", Support.All)]
internal sealed class SyncDataCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        using FileReference reference = thread.Files!.Get((int)registers.Rdi);
        return reference.File is { IsPathOnly: false } file ? -(long)file.Sync() : -(long)Errno.EBADF;
    }
}

/// <summary>sync_file_range(2).</summary>
[SystemCall(277, "sync_file_range", Support.All)]
internal sealed class SyncRangeCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        const uint AllFlags = 7;
        using FileReference reference = thread.Files!.Get((int)registers.Rdi);
        if (reference.File is not { IsPathOnly: false } file)
        {
            return -(long)Errno.EBADF;
        }

        if ((long)registers.Rsi < 0 || (long)registers.Rdx < 0 || ((uint)registers.R10 & ~AllFlags) != 0)
        {
            return -(long)Errno.EINVAL;
        }

        return file.Inode.IsRegular || file.Inode.IsDirectory || FileMode.Is(file.Inode.Mode, FileMode.BlockDevice)
            ? -(long)file.SyncRange((long)registers.Rsi, (long)registers.Rdx, (uint)registers.R10)
            : -(long)Errno.ESPIPE;
    }
}

/// <summary>posix_fadvise(2): all is in memory, so every advice is followed already.</summary>
[SystemCall(221, "fadvise64", Support.All)]
internal sealed class AdviseCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        using FileReference reference = thread.Files!.Get((int)registers.Rdi);
        if (reference.File is not { IsPathOnly: false } file)
        {
            return -(long)Errno.EBADF;
        }

        return Pipes.IsPipe(file) ? -(long)Errno.ESPIPE : registers.R10 > 5 || (long)registers.Rdx < 0 ? -(long)Errno.EINVAL : 0;
    }
}

/// <summary>readahead(2): all is in memory.</summary>
[SystemCall(187, "readahead", Support.All)]
internal sealed class ReadAheadCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        using FileReference reference = thread.Files!.Get((int)registers.Rdi);
        return reference.File is not { IsReadable: true } file ? -(long)Errno.EBADF : file.Inode.IsRegular && (long)registers.Rdx >= 0 ? 0 : -(long)Errno.EINVAL;
    }
}
