using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Polling;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks;

namespace CosmosKernel.Processes.Ipc.PosixQueues;

/// <summary>An open message queue: what a message queue descriptor is. Reading it as a file tells its state (mq_overview(7)).</summary>
internal sealed class PosixQueueFile : SeekableFile
{
    private readonly PosixQueueInode _inode;
    private readonly string? _name;

    /// <summary>Makes one, which takes over a hold of the inode.</summary>
    /// <param name="path">Where it was found; nowhere for mq_open(3).</param>
    /// <param name="inode">The inode.</param>
    /// <param name="flags">Of the call.</param>
    /// <param name="name">What stands instead of a path; null for the path.</param>
    public PosixQueueFile(in VfsPath path, PosixQueueInode inode, OpenFlags flags, string? name)
        : base(path, inode, flags)
    {
        _inode = inode;
        _name = name;
    }

    /// <summary>The queue.</summary>
    public PosixQueue Queue => _inode.Queue;

    /// <inheritdoc/>
    public override string? Description => _name is null || _inode.Links > 0 ? _name : _name + " (deleted)";

    /// <inheritdoc/>
    public override bool IsPollable => true;

    /// <inheritdoc/>
    public override PollEvents Poll(PollWatcher? watcher) => Queue.Poll(watcher);

    /// <inheritdoc/>
    [MightSleep]
    public override Errno Flush()
    {
        // A thread that never ran has registered nothing.
        if (TaskStruct.Current.Signals is UserThread thread)
        {
            Queue.Unregister(thread.Process.Id);
        }

        return Errno.Ok;
    }

    /// <inheritdoc/>
    [MightSleep]
    protected override long ReadAt(ref DataSink to, long offset)
    {
        Queue.Describe(out long bytes, out PosixQueueNotification? notification);
        bool isSignal = notification is { Method: TimerConstants.NotifySignal };
        TextBuilder text = new();
        Field(text, "QSIZE:", bytes, 10).Add(' ');
        Field(text, "NOTIFY:", notification?.Method ?? 0, 5).Add(' ');
        Field(text, "SIGNO:", isSignal ? notification!.Signal : 0, 5).Add(' ');
        Field(text, "NOTIFY_PID:", notification?.ProcessId ?? 0, 6).Line();
        if (offset >= text.Length)
        {
            return 0;
        }

        ReadOnlySpan<byte> rest = text.Text[(int)offset..];
        int copied = to.Write(rest[..(int)Math.Min(rest.Length, to.Remaining)]);
        Inode.TouchAccess();
        return to.Faulted && copied == 0 ? -(long)Errno.EFAULT : copied;
    }

    /// <inheritdoc/>
    [MightSleep]
    protected override void Closed() => _inode.Drop();

    private static TextBuilder Field(TextBuilder to, string name, long value, int width)
    {
        to.Add(name);
        int before = to.Length;
        to.Add(value);
        return to.Fill(width - (to.Length - before), ' ');
    }
}
