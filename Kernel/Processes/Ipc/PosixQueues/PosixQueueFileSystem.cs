using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes.Ipc.PosixQueues;

/// <summary>The file system of all message queues. There is one; each mount shows it.</summary>
internal sealed class PosixQueueFileSystem : SystemFileSystem
{
    [Atomic]
    private int _queues;

    /// <summary>Makes an empty one.</summary>
    public PosixQueueFileSystem(FileSystemType type)
        : base(type)
    {
        Directory = new PosixQueueDirectory(this);
    }

    /// <inheritdoc/>
    public override Inode Root => Directory;

    /// <summary>All names.</summary>
    public PosixQueueDirectory Directory { get; }

    /// <inheritdoc/>
    protected override long Magic => 0x19800202;

    /// <summary>Counts a queue, unless there are too many.</summary>
    /// <param name="mayExceed">The caller has CAP_SYS_RESOURCE.</param>
    [NoAllocation]
    public bool TryAddQueue(bool mayExceed)
    {
        if (Interlocked.Increment(ref _queues) <= PosixQueueLimits.Queues || mayExceed)
        {
            return true;
        }

        Interlocked.Decrement(ref _queues);
        return false;
    }

    /// <summary>A queue is gone.</summary>
    [NoAllocation]
    public void QueueGone() => Interlocked.Decrement(ref _queues);
}
