using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Files.SystemFiles;

/// <summary>A file whose text the kernel makes when it is read: from the beginning again for each read at offset 0, piece by piece when it is long; a read ends where a piece does.</summary>
public abstract class TextFile : Inode
{
    /// <summary>The most bytes of one write.</summary>
    public const int LongestWrite = 4096;

    private static readonly LockClass s_lockClass = LockClasses.Register("system file");

    /// <summary>Makes one.</summary>
    protected TextFile(FileSystem fileSystem, ulong number, uint permissions, uint userId = 0, uint groupId = 0)
        : base(fileSystem, number, new NewInode(FileMode.Regular | permissions, userId, groupId))
    {
    }

    /// <summary>Makes the next piece of the text. Task context.</summary>
    /// <param name="to">Where it goes; it is empty.</param>
    /// <param name="cursor">0 at the beginning; what it means from then on is the file's affair.</param>
    /// <param name="isLast">There is no more behind this piece.</param>
    /// <returns>Why there is nothing, such as ESRCH for a process that has ended.</returns>
    [MightSleep]
    protected internal abstract Errno Generate(TextBuilder to, ref long cursor, out bool isLast);

    /// <summary>Takes what was written. Default: EINVAL.</summary>
    [MightSleep]
    protected internal virtual Errno Receive(ReadOnlySpan<byte> text) => Errno.EINVAL;

    /// <summary>More than permission bits may forbid the opening. Default: nothing.</summary>
    [MightSleep]
    protected virtual Errno CheckOpen(OpenFlags flags) => Errno.Ok;

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Open(in VfsPath path, OpenFlags flags, out OpenFile? file)
    {
        file = null;
        Errno error = CheckOpen(flags);
        if (error == Errno.Ok)
        {
            file = new Reader(path, this, flags);
        }

        return error;
    }

    /// <summary>Truncation when it is opened for writing means nothing.</summary>
    [MightSleep]
    public override Errno Truncate(long size) => Errno.Ok;

    private sealed class Reader : SeekableFile
    {
        private readonly TextFile _file;
        private readonly Mutex _lock = new("system file", s_lockClass);

        [GuardedBy(nameof(_lock))]
        private readonly TextBuilder _piece = new();

        // Where the piece stands in the text, and what comes behind it.
        [GuardedBy(nameof(_lock))]
        private long _start;

        [GuardedBy(nameof(_lock))]
        private long _cursor;

        [GuardedBy(nameof(_lock))]
        private bool _isLast;

        public Reader(in VfsPath path, TextFile file, OpenFlags flags)
            : base(path, file, flags)
        {
            _file = file;
        }

        /// <inheritdoc/>
        [MightSleep]
        protected override long ReadAt(ref DataSink to, long offset)
        {
            using (_lock.Enter())
            {
                if (to.Remaining == 0)
                {
                    return 0;
                }

                Errno error = Find(offset, isFresh: offset == 0, out bool isEnd);
                if (error != Errno.Ok)
                {
                    return -(long)error;
                }

                if (isEnd)
                {
                    return 0;
                }

                // No further than to the end of the piece, as Linux does: a line that changes meanwhile is old or new, and not half of each.
                ReadOnlySpan<byte> rest = _piece.Text[(int)(offset - _start)..];
                int copied = to.Write(rest[..(int)Math.Min(rest.Length, to.Remaining)]);
                return to.Faulted && copied == 0 ? -(long)Errno.EFAULT : copied;
            }
        }

        /// <inheritdoc/>
        [MightSleep]
        protected override long WriteAt(ref DataSource from, ref long offset)
        {
            if (from.Remaining > LongestWrite)
            {
                return -(long)Errno.EINVAL;
            }

            byte[] text = new byte[from.Remaining];
            int count = from.Read(text);
            if (from.Faulted)
            {
                return -(long)Errno.EFAULT;
            }

            Errno error = _file.Receive(text.AsSpan(0, count));
            return error == Errno.Ok ? count : -(long)error;
        }

        // Makes pieces until the offset is in one.
        [MightSleep]
        [RequiresLock(nameof(_lock))]
        private Errno Find(long offset, bool isFresh, out bool isEnd)
        {
            isEnd = false;
            if (isFresh || offset < _start)
            {
                _piece.Clear();
                _start = 0;
                _cursor = 0;
                _isLast = false;
            }

            while (offset >= _start + _piece.Length)
            {
                if (_isLast)
                {
                    isEnd = true;
                    return Errno.Ok;
                }

                _start += _piece.Length;
                _piece.Clear();
                Errno error = _file.Generate(_piece, ref _cursor, out _isLast);
                if (error != Errno.Ok)
                {
                    return error;
                }
            }

            return Errno.Ok;
        }
    }
}
