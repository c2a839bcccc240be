using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Ipc.PosixQueues;

/// <summary>The inode of a message queue: in the file system <c>mqueue</c> it looks like a regular file. The name and each open file hold it; with the last hold the queue is gone.</summary>
internal sealed class PosixQueueInode : Inode
{
    private readonly PosixQueueFileSystem _fileSystem;
    private readonly UserAccount _account;
    private readonly ulong _charge;

    [Atomic]
    private int _holds = 1;

    /// <summary>Makes one with a name.</summary>
    /// <param name="fileSystem">What it belongs to; counts it.</param>
    /// <param name="attributes">Mode and owner.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="account">Who pays.</param>
    /// <param name="charge">How much.</param>
    public PosixQueueInode(PosixQueueFileSystem fileSystem, in NewInode attributes, PosixQueue queue, UserAccount account, ulong charge)
        : base(fileSystem, fileSystem.NextNumber(), attributes)
    {
        _fileSystem = fileSystem;
        _account = account;
        _charge = charge;
        Queue = queue;
    }

    /// <summary>The queue.</summary>
    public PosixQueue Queue { get; }

    /// <inheritdoc/>
    public override long Size => QueueConstants.FileBytes;

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Open(in VfsPath path, OpenFlags flags, out OpenFile? file) => Open(path, flags, null, out file);

    /// <summary>Opens it, for mq_open(3) without a path.</summary>
    /// <param name="path">Where it was found; nowhere.</param>
    /// <param name="flags">Of the call.</param>
    /// <param name="name">What stands instead of a path; null for the path.</param>
    /// <param name="file">The open file.</param>
    /// <returns>ENOENT: it is gone.</returns>
    [MightSleep]
    public Errno Open(in VfsPath path, OpenFlags flags, string? name, out OpenFile? file)
    {
        file = null;
        if (!TryHold())
        {
            return Errno.ENOENT;
        }

        try
        {
            file = new PosixQueueFile(path, this, flags, name);
            return Errno.Ok;
        }
        finally
        {
            if (file is null)
            {
                Drop();
            }
        }
    }

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Truncate(long size) => Errno.Ok;

    /// <summary>Its name is taken away.</summary>
    [MightSleep]
    public void Unlinked()
    {
        ChangeLinks(-1);
        TouchChange();
        Drop();
    }

    /// <summary>Somebody holds it no more.</summary>
    [MightSleep]
    public void Drop()
    {
        if (Interlocked.Decrement(ref _holds) == 0)
        {
            _account.RemoveQueue(_charge);
            _fileSystem.QueueGone();
        }
    }

    private bool TryHold()
    {
        int holds = Volatile.Read(ref _holds);
        while (holds > 0)
        {
            int seen = Interlocked.CompareExchange(ref _holds, holds + 1, holds);
            if (seen == holds)
            {
                return true;
            }

            holds = seen;
        }

        return false;
    }
}
