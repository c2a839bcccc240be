using System;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Files.Block;

/// <summary>An open block device: through the cache, or with O_DIRECT past it.</summary>
internal sealed partial class BlockFile : SeekableFile
{
    private readonly ReadAhead _ahead = new();

    // Up to which error of write-back it has been told.
    [Atomic]
    private long _errorsSeen;

    public BlockFile(in VfsPath path, Inode inode, OpenFlags flags, BlockDevice device)
        : base(path, inode, flags)
    {
        Device = device;
        _errorsSeen = device.Cache.Errors.Sample();
    }

    /// <summary>What it shows.</summary>
    public BlockDevice Device { get; }

    /// <inheritdoc/>
    public override bool IsPollable => false;

    private bool IsDirect => (Flags & OpenFlags.Direct) != 0;

    /// <inheritdoc/>
    [MightSleep]
    public override Errno GetMappedObject(out MappedObject? mapped)
    {
        mapped = Device.IsGone ? null : Device.Cache;
        return Device.IsGone ? Errno.ENODEV : Errno.Ok;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Sync()
    {
        Errno flushed = Device.IsGone ? Errno.EIO : Device.Sync(0, long.MaxValue);
        Errno written = Device.Cache.Errors.Check(ref _errorsSeen);
        return written != Errno.Ok ? written : flushed;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno SyncMapped(long offset, long length)
    {
        Errno flushed = Device.IsGone ? Errno.EIO : Device.Sync(offset, offset + length);
        Errno written = Device.Cache.Errors.Check(ref _errorsSeen);
        return written != Errno.Ok ? written : flushed;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno SyncRange(long offset, long length, uint flags)
    {
        const uint WaitBefore = 1;
        const uint Write = 2;
        const uint WaitAfter = 4;
        ulong first = (ulong)offset / Page.Size;
        ulong end = length == 0 || offset + length < 0 ? ulong.MaxValue : ((ulong)(offset + length) + Page.Size - 1) / Page.Size;
        if (Device.IsGone)
        {
            return Errno.EIO;
        }

        if ((flags & WaitBefore) != 0)
        {
            Device.Cache.AwaitWriting(first, end);
        }

        if ((flags & Write) != 0)
        {
            Device.Cache.StartWriting(first, end, waits: (flags & WaitBefore) != 0);
        }

        if ((flags & WaitAfter) != 0)
        {
            Device.Cache.AwaitWriting(first, end);
        }

        return (flags & (WaitBefore | WaitAfter)) != 0 ? Device.Cache.Errors.Check(ref _errorsSeen) : Errno.Ok;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Truncate(long size) => Errno.EINVAL;

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Allocate(int mode, long offset, long length)
    {
        const int KeepSize = 1;
        const int PunchHole = 2;
        const int ZeroRange = 16;
        const int NoHide = 4;
        if (offset + length > Device.Bytes)
        {
            return Errno.EINVAL;
        }

        return mode switch
        {
            KeepSize | PunchHole or ZeroRange or ZeroRange | KeepSize => BlockRanges.WriteZeroes(Device, offset, length),
            KeepSize | PunchHole | NoHide => BlockRanges.Discard(Device, offset, length),
            _ => Errno.EOPNOTSUPP,
        };
    }

    /// <inheritdoc/>
    [MightSleep]
    protected override long ReadAt(ref DataSink to, long offset)
    {
        if (Device.IsGone)
        {
            return -(long)Errno.ENXIO;
        }

        if (offset >= Device.Bytes || to.Remaining == 0)
        {
            return 0;
        }

        return IsDirect ? BlockRanges.ReadDirect(Device, ref to, offset) : Device.Cache.Read(ref to, offset, _ahead);
    }

    /// <inheritdoc/>
    [MightSleep]
    protected override long WriteAt(ref DataSource from, ref long offset)
    {
        if (Device.IsGone)
        {
            return -(long)Errno.ENXIO;
        }

        if (Device.IsReadOnly)
        {
            return -(long)Errno.EPERM;
        }

        if (from.Appends || (Flags & OpenFlags.Append) != 0)
        {
            offset = Device.Bytes;
        }

        if (from.Remaining == 0)
        {
            return 0;
        }

        if (offset >= Device.Bytes)
        {
            return -(long)Errno.ENOSPC;
        }

        long done = IsDirect ? BlockRanges.WriteDirect(Device, ref from, offset) : Device.Cache.Write(ref from, offset);
        if (done > 0 && (Flags & OpenFlags.DataSync) != 0)
        {
            Errno error = IsDirect ? Device.Flush() : Device.Sync(offset, offset + done);
            if (error == Errno.Ok && !IsDirect)
            {
                error = Device.Cache.Errors.Check(ref _errorsSeen);
            }

            return error == Errno.Ok ? done : -(long)error;
        }

        return done;
    }

    /// <inheritdoc/>
    [MightSleep]
    protected override long FindPosition(long offset, int origin, long position)
    {
        long size = Device.Bytes;
        long target = origin switch
        {
            0 => offset,
            1 => position + offset,
            2 => size + offset,
            3 => offset >= size ? -(long)Errno.ENXIO : offset,
            4 => offset >= size ? -(long)Errno.ENXIO : size,
            _ => -(long)Errno.EINVAL,
        };

        // A position behind the end is refused, as Linux does (block/fops.c).
        return target == -(long)Errno.ENXIO && origin >= 3 ? target : target < 0 || target > size ? -(long)Errno.EINVAL : target;
    }

    /// <inheritdoc/>
    [MightSleep]
    protected override void Closed()
    {
        try
        {
            Device.RemoveUser();
        }
        finally
        {
            Device.Disk.Owner?.Put();
        }
    }
}
