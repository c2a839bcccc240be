using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Descriptors;

/// <summary>
/// An open file with a position. Operations at the position hold a lock meanwhile, so that two of them that share the description do not overlap (read(2)); derived classes have only operations at an offset.
/// </summary>
public abstract class SeekableFile : OpenFile
{
    private static readonly LockClass s_positionClass = LockClasses.Register("file position");

    private readonly Mutex _positionLock = new("file position", s_positionClass);

    [GuardedBy(nameof(_positionLock), LockFreeReads = true)]
    private long _position;

    /// <inheritdoc/>
    protected SeekableFile(in VfsPath path, Inode inode, OpenFlags flags)
        : base(path, inode, flags)
    {
    }

    /// <inheritdoc/>
    public override bool IsSeekable => true;

    /// <summary>The position now, for /proc/PID/fdinfo. Any context.</summary>
    public long Position => Volatile.Read(ref _position);

    /// <inheritdoc/>
    [MightSleep]
    public sealed override long Read(ref DataSink to, long offset)
    {
        if (offset >= 0)
        {
            return ReadAt(ref to, offset);
        }

        using (_positionLock.Enter())
        {
            long done = ReadAt(ref to, _position);
            if (done > 0)
            {
                Volatile.Write(ref _position, _position + done);
            }

            return done;
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public sealed override long Write(ref DataSource from, long offset)
    {
        if (offset >= 0)
        {
            return WriteAt(ref from, ref offset);
        }

        using (_positionLock.Enter())
        {
            long position = _position;
            long done = WriteAt(ref from, ref position);
            if (done > 0)
            {
                Volatile.Write(ref _position, position + done);
            }

            return done;
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Seek(long offset, int origin)
    {
        using (_positionLock.Enter())
        {
            long result = FindPosition(offset, origin, _position);
            if (result >= 0)
            {
                Volatile.Write(ref _position, result);
            }

            return result;
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public sealed override Errno ReadDirectory(ref DirectorySink to)
    {
        using (_positionLock.Enter())
        {
            long position = _position;
            Errno error = ReadDirectoryAt(ref to, ref position);
            Volatile.Write(ref _position, position);
            return error;
        }
    }

    /// <summary>Reads at an offset, 0 and up.</summary>
    [MightSleep]
    protected virtual long ReadAt(ref DataSink to, long offset) => -(long)(Inode.IsDirectory ? Errno.EISDIR : Errno.EINVAL);

    /// <summary>Writes at an offset, 0 and up.</summary>
    /// <param name="from">What is written.</param>
    /// <param name="offset">Where; with O_APPEND it is set to where it was.</param>
    [MightSleep]
    protected virtual long WriteAt(ref DataSource from, ref long offset) => -(long)Errno.EINVAL;

    /// <summary>Reads entries of a directory from a position on.</summary>
    /// <param name="to">Where they go; when it is full, the position is that of the first entry that did not fit.</param>
    /// <param name="position">Where to begin; 0 is the start. What it means is the directory's own affair: the offsets that it gave with the entries.</param>
    [MightSleep]
    protected virtual Errno ReadDirectoryAt(ref DirectorySink to, ref long position) => Errno.ENOTDIR;

    /// <summary>Computes a new position (lseek(2)). Default: any position from 0 on; the end is the inode's size, all is data before it and a hole behind it.</summary>
    /// <param name="offset">Bytes.</param>
    /// <param name="origin">0 SEEK_SET, 1 SEEK_CUR, 2 SEEK_END, 3 SEEK_DATA, 4 SEEK_HOLE.</param>
    /// <param name="position">The present position.</param>
    /// <returns>The new position, or a negative errno.</returns>
    [MightSleep]
    protected virtual long FindPosition(long offset, int origin, long position)
    {
        long size = Inode.Size;
        switch (origin)
        {
            case 3:
            case 4:
                if (offset < 0 || offset >= size)
                {
                    return -(long)Errno.ENXIO;
                }

                return origin == 3 ? offset : size;
            case 0:
                return offset < 0 ? -(long)Errno.EINVAL : offset;
            case 1:
            case 2:
                long from = origin == 1 ? position : size;
                if (offset > 0 && from > long.MaxValue - offset)
                {
                    return -(long)Errno.EOVERFLOW;
                }

                return from + offset < 0 ? -(long)Errno.EINVAL : from + offset;
            default:
                return -(long)Errno.EINVAL;
        }
    }
}
