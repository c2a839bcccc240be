using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Notification;
using CosmosKernel.Files.Pipes;
using CosmosKernel.Files.Sockets;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Files;

/// <summary>sendfile(2), splice(2), tee(2), copy_file_range(2).</summary>
internal static class SpliceArguments
{
    /// <summary>SPLICE_F_MOVE, NONBLOCK, MORE and GIFT.</summary>
    public const uint AllFlags = 15;

    private const uint NonBlocking = 2;

    /// <summary>sendfile(2).</summary>
    [MightSleep]
    public static long SendFile(UserThread thread, int to, int from, [UserAddress] ulong offsetAddress, ulong count)
    {
        using FileReference source = thread.Files!.Get(from);
        using FileReference target = thread.Files!.Get(to);
        if (source.File is not { IsReadable: true } input || target.File is not { IsWritable: true } output)
        {
            return -(long)Errno.EBADF;
        }

        if (!input.IsSeekable || (long)count < 0 || (output.Flags & OpenFlags.Append) != 0)
        {
            return -(long)Errno.EINVAL;
        }

        Errno error = ReadOffset(offsetAddress, input, out long offset);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        long toOffset = OpenFile.AtPosition;
        long done = Splices.Copy(input, ref offset, output, ref toOffset, (long)Math.Min(count, PathLimits.TransferMaximum));
        NoteCopied(input, output, done);
        return Finish(done, offsetAddress, input, offset);
    }

    /// <summary>splice(2): one of the files is a pipe.</summary>
    [MightSleep]
    public static long Splice(UserThread thread, ref UserRegisters registers)
    {
        ulong fromAddress = registers.Rsi;
        ulong toAddress = registers.R10;
        var flags = (uint)registers.R9;
        using FileReference source = thread.Files!.Get((int)registers.Rdi);
        using FileReference target = thread.Files!.Get((int)registers.Rdx);
        if (source.File is not { IsReadable: true } from || target.File is not { IsWritable: true } to)
        {
            return -(long)Errno.EBADF;
        }

        bool isFromPipe = Pipes.IsPipe(from);
        bool isToPipe = Pipes.IsPipe(to);
        if ((flags & ~AllFlags) != 0 || (!isFromPipe && !isToPipe) || (long)registers.R8 < 0 || (isFromPipe && isToPipe && ReferenceEquals(from.Inode, to.Inode)) || (to.Flags & OpenFlags.Append) != 0)
        {
            return -(long)Errno.EINVAL;
        }

        if ((isFromPipe && fromAddress != 0) || (isToPipe && toAddress != 0))
        {
            return -(long)Errno.ESPIPE;
        }

        long count = (long)Math.Min(registers.R8, PathLimits.TransferMaximum);
        if (count == 0)
        {
            return 0;
        }

        bool waits = (flags & NonBlocking) == 0 && !(isFromPipe ? from : to).IsNonBlocking;
        if (isFromPipe)
        {
            return FromPipe(from, to, toAddress, count, waits && !(isToPipe && to.IsNonBlocking));
        }

        return ToPipe(from, fromAddress, to, count, waits);
    }

    /// <summary>tee(2).</summary>
    [MightSleep]
    public static long Tee(UserThread thread, int from, int to, ulong count, uint flags)
    {
        using FileReference source = thread.Files!.Get(from);
        using FileReference target = thread.Files!.Get(to);
        if (source.File is not { IsReadable: true } input || target.File is not { IsWritable: true } output)
        {
            return -(long)Errno.EBADF;
        }

        if ((flags & ~AllFlags) != 0 || !Pipes.IsPipe(input) || !Pipes.IsPipe(output))
        {
            return -(long)Errno.EINVAL;
        }

        bool waits = (flags & NonBlocking) == 0 && !input.IsNonBlocking && !output.IsNonBlocking;
        return count == 0 ? 0 : Splices.Tee(input, output, (long)Math.Min(count, PathLimits.TransferMaximum), waits);
    }

    /// <summary>copy_file_range(2).</summary>
    [MightSleep]
    public static long CopyRange(UserThread thread, ref UserRegisters registers)
    {
        using FileReference source = thread.Files!.Get((int)registers.Rdi);
        using FileReference target = thread.Files!.Get((int)registers.Rdx);
        if (source.File is not { IsReadable: true } from || target.File is not { IsWritable: true } to || (to.Flags & OpenFlags.Append) != 0)
        {
            return -(long)Errno.EBADF;
        }

        if (from.Inode.IsDirectory || to.Inode.IsDirectory)
        {
            return -(long)Errno.EISDIR;
        }

        if ((uint)registers.R9 != 0 || !from.Inode.IsRegular || !to.Inode.IsRegular)
        {
            return -(long)Errno.EINVAL;
        }

        Errno error = ReadOffset(registers.Rsi, from, out long offset);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        error = ReadOffset(registers.R10, to, out long toOffset);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        long count = (long)Math.Min(registers.R8, PathLimits.TransferMaximum);
        bool overlaps = ReferenceEquals(from.Inode, to.Inode) && offset < toOffset + count && toOffset < offset + count;
        if (overlaps)
        {
            return -(long)Errno.EINVAL;
        }

        long done = Splices.Copy(from, ref offset, to, ref toOffset, count);
        NoteCopied(from, to, done);
        done = Finish(done, registers.R10, to, toOffset);
        return Finish(done, registers.Rsi, from, offset);
    }

    [MightSleep]
    private static long FromPipe(OpenFile from, OpenFile to, [UserAddress] ulong toAddress, long count, bool waits)
    {
        long offset = OpenFile.AtPosition;
        if (toAddress != 0)
        {
            Errno error = to.IsSeekable ? ReadOffset(toAddress, to, out offset) : to is SocketFile ? Errno.EINVAL : Errno.ESPIPE;
            if (error != Errno.Ok)
            {
                return -(long)error;
            }
        }

        long done = Splices.FromPipe(from, to, ref offset, count, waits);
        NoteWritten(to, done);
        return toAddress != 0 ? Finish(done, toAddress, to, offset) : done;
    }

    [MightSleep]
    private static long ToPipe(OpenFile from, [UserAddress] ulong fromAddress, OpenFile to, long count, bool waits)
    {
        if (from is SocketFile socket)
        {
            return fromAddress != 0 ? -(long)Errno.EINVAL : Splices.FromSocket(socket, to, count, waits && !from.IsNonBlocking, waits);
        }

        if (!from.IsSeekable)
        {
            return -(long)Errno.EINVAL;
        }

        Errno error = ReadOffset(fromAddress, from, out long offset);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        long done = Splices.ToPipe(from, ref offset, to, count, waits);
        return Finish(done, fromAddress, from, offset);
    }

    [MightSleep]
    private static void NoteCopied(OpenFile from, OpenFile to, long done)
    {
        if (done > 0)
        {
            // As in Linux the write inside is told by itself.
            NoteWritten(to, done);
            FileNotify.Read(from);
            FileNotify.Modified(to);
        }
    }

    [MightSleep]
    private static void NoteWritten(OpenFile to, long done)
    {
        if (done > 0 && !Pipes.IsPipe(to))
        {
            FileNotify.Modified(to);
        }
    }

    // The offset that user memory has; without one the file's position.
    [MightSleep]
    private static Errno ReadOffset([UserAddress] ulong address, OpenFile file, out long offset)
    {
        offset = 0;
        if (address == 0)
        {
            offset = file.Seek(0, 1);
            return offset < 0 ? (Errno)(-offset) : Errno.Ok;
        }

        if (!UserMemory.TryRead(address, out ulong read))
        {
            return Errno.EFAULT;
        }

        offset = (long)read;
        return offset < 0 ? Errno.EINVAL : Errno.Ok;
    }

    // Says where it ended: in user memory, or by the position.
    [MightSleep]
    private static long Finish(long done, [UserAddress] ulong address, OpenFile file, long offset)
    {
        if (done <= 0)
        {
            return done;
        }

        if (address == 0)
        {
            _ = file.Seek(offset, 0);
            return done;
        }

        return UserMemory.TryWrite(address, (ulong)offset) ? done : -(long)Errno.EFAULT;
    }
}
