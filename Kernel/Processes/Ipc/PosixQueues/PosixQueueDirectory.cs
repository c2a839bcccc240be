using System;
using System.Collections.Generic;
using System.Text;
using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Processes.Ipc.PosixQueues;

/// <summary>The directory of all message queues, in the order in which they were made.</summary>
internal sealed class PosixQueueDirectory : SystemDirectory
{
    // Everybody may make queues, and remove his own.
    private const uint Permissions = 0x3FF;

    private readonly PosixQueueFileSystem _fileSystem;

    // Below DirectoryLock, since listing does not take that.
    private readonly Mutex _lock = new("message queue names", LockClasses.Register("message queue names"));

    [GuardedBy(nameof(_lock))]
    private readonly Dictionary<string, long> _positions = [];

    [GuardedBy(nameof(_lock))]
    private readonly List<(long Position, string Name, PosixQueueInode Inode)> _order = [];

    [GuardedBy(nameof(_lock))]
    private long _lastPosition;

    /// <summary>Makes an empty one.</summary>
    public PosixQueueDirectory(PosixQueueFileSystem fileSystem)
        : base(fileSystem, 1, Permissions)
    {
        _fileSystem = fileSystem;
    }

    /// <summary>The queue of a name; null when there is none.</summary>
    [MightSleep]
    public PosixQueueInode? Find(ReadOnlySpan<byte> name)
    {
        using (_lock.Enter())
        {
            return _positions.TryGetValue(Encoding.Latin1.GetString(name), out long position) ? _order[IndexOf(position)].Inode : null;
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Lookup(ReadOnlySpan<byte> name, out Inode? inode)
    {
        inode = Find(name);
        return inode is null ? Errno.ENOENT : Errno.Ok;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Create(ReadOnlySpan<byte> name, in NewInode attributes, out Inode? inode)
    {
        inode = null;
        if (!FileMode.Is(attributes.Mode, FileMode.Regular))
        {
            return Errno.EPERM;
        }

        Errno error = Create(name, attributes, PosixQueueLimits.Default, out PosixQueueInode? made);
        inode = made;
        return error;
    }

    /// <summary>Makes a queue (mq_open(3)). With <see cref="Inode.DirectoryLock"/> held; the name is free.</summary>
    /// <returns>EINVAL: what it is to be made for; ENOSPC: too many; EMFILE: RLIMIT_MSGQUEUE.</returns>
    [MightSleep]
    public Errno Create(ReadOnlySpan<byte> name, in NewInode attributes, in QueueAttributes wanted, out PosixQueueInode? inode)
    {
        inode = null;
        UserThread thread = UserThread.Current;
        bool mayExceed = thread.Credentials.Has(Capability.SysResource);
        if (!_fileSystem.TryAddQueue(mayExceed))
        {
            return Errno.ENOSPC;
        }

        UserAccount account = thread.Account;
        bool isCharged = false;
        ulong charge = 0;
        try
        {
            Errno error = PosixQueueLimits.Check(wanted, mayExceed, out charge);
            if (error != Errno.Ok)
            {
                return error;
            }

            isCharged = account.TryAddQueue(charge, thread.Process.Limits.Current(ResourceLimit.RLIMIT_MSGQUEUE));
            if (!isCharged)
            {
                return Errno.EMFILE;
            }

            PosixQueue queue = new((int)wanted.MostMessages, (int)wanted.MostBytes);
            PosixQueueInode made = new(_fileSystem, attributes, queue, account, charge);
            Add(Encoding.Latin1.GetString(name), made);
            inode = made;
            return Errno.Ok;
        }
        finally
        {
            if (inode is null)
            {
                account.RemoveQueue(isCharged ? charge : 0);
                _fileSystem.QueueGone();
            }
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Unlink(ReadOnlySpan<byte> name, Inode inode)
    {
        using (_lock.Enter())
        {
            string text = Encoding.Latin1.GetString(name);
            if (!_positions.TryGetValue(text, out long position))
            {
                return Errno.ENOENT;
            }

            _order.RemoveAt(IndexOf(position));
            _positions.Remove(text);
        }

        TouchModify();
        ((PosixQueueInode)inode).Unlinked();
        return Errno.Ok;
    }

    /// <inheritdoc/>
    [MightSleep]
    protected override bool TryNext(ref long position, out SystemEntry entry)
    {
        using (_lock.Enter())
        {
            int index = IndexOf(position + 1);
            if (index >= _order.Count)
            {
                entry = default;
                return false;
            }

            (position, string name, PosixQueueInode inode) = _order[index];
            entry = new SystemEntry(Encoding.Latin1.GetBytes(name), inode.Number, inode.Mode);
            return true;
        }
    }

    [MightSleep]
    private void Add(string name, PosixQueueInode made)
    {
        using (_lock.Enter())
        {
            // What may fail for want of memory comes first.
            _order.EnsureCapacity(_order.Count + 1);
            _positions.Add(name, _lastPosition + 1);
            _lastPosition++;
            _order.Add((_lastPosition, name, made));
        }

        TouchModify();
    }

    // The first one at a position or after it.
    [RequiresLock(nameof(_lock))]
    private int IndexOf(long position)
    {
        int low = 0;
        int high = _order.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_order[middle].Position < position)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
