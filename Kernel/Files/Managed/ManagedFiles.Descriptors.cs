using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Events;
using CosmosKernel.Files.Locks;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Terminals;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Runtime.Services;
using CosmosKernel.Tasks.Time;

namespace CosmosKernel.Files.Managed;

// Operations on descriptors.
public sealed partial class ManagedFiles
{
    private const int KeepSize = 1;

    /// <inheritdoc/>
    [MightSleep]
    public override long Close(int descriptor) => Negative(_table.Close(descriptor));

    /// <inheritdoc/>
    [MightSleep]
    public override long Duplicate(int descriptor)
    {
        Errno error = _table.TryGet(descriptor, out OpenFile? file);
        return error == Errno.Ok ? _table.Add(file!, closeOnExec: true) : Negative(error);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Read(int descriptor, Span<byte> to, long offset)
    {
        Errno error = _table.TryGet(descriptor, out OpenFile? file);
        if (error != Errno.Ok)
        {
            return Negative(error);
        }

        long done = Negative(Errno.EBADF);
        try
        {
            if (file!.IsReadable)
            {
                var sink = new DataSink(to);
                done = offset >= 0 && !file.IsSeekable ? Negative(Errno.ESPIPE) : file.Read(ref sink, offset);
            }
        }
        catch (OutOfMemoryException)
        {
            done = Negative(Errno.ENOMEM);
        }
        finally
        {
            file!.Release();
        }

        return done;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Write(int descriptor, ReadOnlySpan<byte> from, long offset)
    {
        Errno error = _table.TryGet(descriptor, out OpenFile? file);
        if (error != Errno.Ok)
        {
            return Negative(error);
        }

        long done = Negative(Errno.EBADF);
        try
        {
            if (file!.IsWritable)
            {
                var source = new DataSource(from);
                done = offset >= 0 && !file.IsSeekable ? Negative(Errno.ESPIPE) : file.Write(ref source, offset);
            }
        }
        catch (OutOfMemoryException)
        {
            done = Negative(Errno.ENOMEM);
        }
        finally
        {
            file!.Release();
        }

        return done;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Seek(int descriptor, long offset, int origin)
    {
        Errno error = _table.TryGet(descriptor, out OpenFile? file);
        if (error != Errno.Ok)
        {
            return Negative(error);
        }

        long result = file!.IsPathOnly ? Negative(Errno.EBADF) : file.Seek(offset, origin);
        file.Release();
        return result;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long IsTerminal(int descriptor)
    {
        Errno error = _table.TryGet(descriptor, out OpenFile? file);
        if (error != Errno.Ok)
        {
            return Negative(error);
        }

        bool isTerminal = file is TerminalFile;
        file!.Release();
        return isTerminal ? 1 : 0;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Poll(int descriptor, int events, int milliseconds)
    {
        Span<PollEntry> entries = [new PollEntry(descriptor, (PollEvents)events)];
        using var deadline = new OwnedDeadline(milliseconds);
        long result = new PollWait().Wait(entries, _table, deadline.Value, milliseconds != 0);
        return result < 0 ? result : (long)entries[0].Events;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long GetStatus(int descriptor, out RuntimeFileStatus status)
    {
        status = default;
        Errno error = _table.TryGet(descriptor, out OpenFile? file);
        if (error == Errno.Ok)
        {
            status = StatusOf(file!.Inode);
            file.Release();
        }

        return Negative(error);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Truncate(int descriptor, long size)
    {
        Errno error = _table.TryGet(descriptor, out OpenFile? file);
        if (error != Errno.Ok)
        {
            return Negative(error);
        }

        try
        {
            if (size < 0 || !file!.IsWritable || !file.Inode.IsRegular)
            {
                error = Errno.EINVAL;
            }
            else
            {
                error = Vfs.CheckSize(size);
                error = error == Errno.Ok ? file.Truncate(size) : error;
            }
        }
        catch (OutOfMemoryException)
        {
            error = Errno.ENOMEM;
        }
        finally
        {
            file!.Release();
        }

        return Negative(error);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Synchronize(int descriptor)
    {
        Errno error = _table.TryGet(descriptor, out OpenFile? file);
        if (error == Errno.Ok)
        {
            error = file!.IsPathOnly ? Errno.EBADF : file.Sync();
            file.Release();
        }

        return Negative(error);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Allocate(int descriptor, long offset, long length)
    {
        if (offset < 0 || length <= 0)
        {
            return Negative(Errno.EINVAL);
        }

        Errno error = _table.TryGet(descriptor, out OpenFile? file);
        if (error == Errno.Ok)
        {
            error = length > long.MaxValue - offset ? Errno.EFBIG : !file!.IsWritable ? Errno.EBADF : file.Allocate(KeepSize, offset, length);
            file!.Release();
        }

        return Negative(error);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Lock(int descriptor, int operation)
    {
        const int NonBlocking = 4;
        FileLockAccess? access = (operation & ~NonBlocking) switch
        {
            1 => FileLockAccess.Read,
            2 => FileLockAccess.Write,
            8 => FileLockAccess.None,
            _ => null,
        };
        if (access is null)
        {
            return Negative(Errno.EINVAL);
        }

        Errno error = _table.TryGet(descriptor, out OpenFile? file);
        if (error == Errno.Ok)
        {
            error = file!.IsPathOnly ? Errno.EBADF : FileLocks.Flock(file, access.Value, (operation & NonBlocking) == 0);
            file.Release();
        }

        return Negative(error);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long LockRange(int descriptor, long offset, long length, int type)
    {
        Errno error = _table.TryGet(descriptor, out OpenFile? file);
        if (error == Errno.Ok)
        {
            var record = new FileLockRecord { Type = (short)type, Origin = 0, Start = offset, Length = length };
            error = file!.IsPathOnly ? Errno.EBADF : RecordLocks.Set(file, _table, record, waits: false);
            file.Release();
        }

        return Negative(error);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long ChangeMode(int descriptor, uint mode)
    {
        Errno error = GetPlace(descriptor, out OpenFile? file);
        if (error == Errno.Ok)
        {
            error = Vfs.ChangeMode(file!.Path, Credentials.Root, mode);
            file.Release();
        }

        return Negative(error);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long SetTimes(int descriptor, long? access, long? modify)
    {
        Errno error = GetPlace(descriptor, out OpenFile? file);
        if (error == Errno.Ok)
        {
            error = Vfs.SetTimes(file!.Path, Credentials.Root, access, modify, areNow: false);
            file.Release();
        }

        return Negative(error);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long ReadDirectory(int descriptor, Span<byte> to)
    {
        Errno error = _table.TryGet(descriptor, out OpenFile? file);
        if (error != Errno.Ok)
        {
            return Negative(error);
        }

        long result = Negative(Errno.EBADF);
        try
        {
            if (file!.IsReadable)
            {
                var sink = new DirectorySink(new DataSink(to));
                error = file.ReadDirectory(ref sink);
                result = error != Errno.Ok ? Negative(error) : sink.Written == 0 && sink.IsFull ? Negative(Errno.EINVAL) : sink.Written;
            }
        }
        catch (OutOfMemoryException)
        {
            result = Negative(Errno.ENOMEM);
        }
        finally
        {
            file!.Release();
        }

        return result;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long GetStatistics(int descriptor, out RuntimeFileSystemStatistics statistics)
    {
        statistics = default;
        Errno error = _table.TryGet(descriptor, out OpenFile? file);
        if (error == Errno.Ok)
        {
            statistics = StatisticsOf(file!.Inode);
            file.Release();
        }

        return Negative(error);
    }

    private static RuntimeFileStatus StatusOf(Inode inode)
    {
        inode.GetAttributes(out InodeAttributes from);
        return new RuntimeFileStatus
        {
            Mode = from.Mode,
            UserId = from.UserId,
            GroupId = from.GroupId,
            Size = from.Size,
            AccessTime = from.AccessTime,
            ModifyTime = from.ModifyTime,
            ChangeTime = from.ChangeTime,
            BirthTime = from.BirthTime,
            Device = from.Device.Encoded,
            RealDevice = from.RealDevice.Encoded,
            Number = from.Number,
        };
    }

    private static RuntimeFileSystemStatistics StatisticsOf(Inode inode)
    {
        inode.FileSystem.GetStatistics(out FileSystemStatistics from);
        return new RuntimeFileSystemStatistics { Magic = from.Magic, TotalBytes = from.Blocks * (ulong)from.BlockBytes, FreeBytes = from.FreeBlocks * (ulong)from.BlockBytes };
    }

    // A deadline for the time of one wait.
    private readonly ref struct OwnedDeadline
    {
        public OwnedDeadline(int milliseconds)
        {
            Value = new SleepDeadline();
            if (milliseconds > 0)
            {
                Value.Set(Clock.MonotonicNanoseconds + ((ulong)milliseconds * 1_000_000));
            }
        }

        public SleepDeadline Value { get; }

        public void Dispose() => Value.Clear();
    }
}
