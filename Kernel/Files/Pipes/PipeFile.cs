using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Polling;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Files.Pipes;

/// <summary>An end of a pipe, or an open FIFO. It is made for a pipe whose end has been opened.</summary>
internal sealed class PipeFile : OpenFile
{
    private const uint BytesToRead = 0x541B;

    public PipeFile(in VfsPath path, Inode inode, Pipe pipe, OpenFlags flags)
        : base(path, inode, flags)
    {
        Pipe = pipe;
    }

    public Pipe Pipe { get; }

    /// <inheritdoc/>
    public override bool SupportsAsync => true;

    public override string? Description => Inode is PipeInode ? $"pipe:[{Inode.Number}]" : null;

    [MightSleep]
    public override long Read(ref DataSink to, long offset)
    {
        long done = Pipe.Read(ref to, !IsNonBlocking);
        if (done > 0)
        {
            Inode.TouchAccess();
        }

        return done;
    }

    [MightSleep]
    public override long Write(ref DataSource from, long offset)
    {
        long done = Pipe.Write(ref from, !IsNonBlocking, (Flags & OpenFlags.Direct) != 0);
        if (done > 0)
        {
            Inode.TouchModify();
        }

        return done;
    }

    [MightSleep]
    public override long Control(uint request, [UserAddress] ulong argument)
    {
        if (request != BytesToRead)
        {
            return -(long)Errno.ENOTTY;
        }

        return UserMemory.TryWrite(argument, (uint)Pipe.Bytes) ? 0 : -(long)Errno.EFAULT;
    }

    public override PollEvents Poll(PollWatcher? watcher) => Pipe.Poll(watcher, IsReadable, IsWritable);

    [MightSleep]
    protected override void Closed()
    {
        if (Pipe.Close(IsReadable, IsWritable))
        {
            Inode.Detach(Pipe);
        }
    }
}
