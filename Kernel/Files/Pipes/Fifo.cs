using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Pipes;

/// <summary>Opening pipes that have names (fifo(7)). The pipe hangs at the inode while somebody has it open.</summary>
internal static class Fifo
{
    /// <summary>Opens a FIFO; waits for the other side, unless it is opened for both or not to wait.</summary>
    /// <returns>ENXIO: not to wait, for writing, and nobody reads; ERESTARTSYS.</returns>
    [MightSleep]
    public static Errno Open(in VfsPath path, Inode inode, OpenFlags flags, out OpenFile? file)
    {
        file = null;
        OpenFlags mode = flags & OpenFlags.AccessMode;
        bool reads = mode is OpenFlags.ReadOnly or OpenFlags.ReadWrite;
        bool writes = mode is OpenFlags.WriteOnly or OpenFlags.ReadWrite;
        if (!reads && !writes)
        {
            return Errno.EINVAL;
        }

        Pipe pipe = Acquire(inode, reads, writes);
        file = new PipeFile(path, inode, pipe, flags);
        Errno error = Errno.Ok;

        // A pipe without a name is opened anew through /proc/PID/fd: that waits for nobody.
        if (reads != writes && inode.FileSystem is not PipeFileSystem)
        {
            if ((flags & OpenFlags.NonBlocking) == 0)
            {
                error = pipe.AwaitOther(forWriter: reads);
            }
            else if (writes && !pipe.HasReader)
            {
                error = Errno.ENXIO;
            }
        }

        if (error != Errno.Ok)
        {
            file.Release();
            file = null;
        }

        return error;
    }

    [MightSleep]
    private static Pipe Acquire(Inode inode, bool reads, bool writes)
    {
        while (true)
        {
            if (inode.Attachment is not Pipe pipe)
            {
                pipe = (Pipe)inode.TryAttach(new Pipe());
            }

            if (pipe.TryOpen(reads, writes))
            {
                return pipe;
            }

            // Closed for the last time at this moment: whoever did that takes it away, or this does.
            inode.Detach(pipe);
        }
    }
}
