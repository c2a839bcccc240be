using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Pipes;

/// <summary>What system calls do with pipes.</summary>
public static class Pipes
{
    /// <summary>Makes a pipe without a name (pipe2(2)). Task context.</summary>
    /// <param name="credentials">Whose it is.</param>
    /// <param name="flags">NonBlocking, Direct.</param>
    /// <param name="reader">The end for reading, with one reference.</param>
    /// <param name="writer">The end for writing, with one reference.</param>
    [MightSleep]
    public static void Create(Credentials credentials, OpenFlags flags, out OpenFile reader, out OpenFile writer)
    {
        PipeFileSystem fileSystem = PipeFileSystem.Instance;
        var inode = new PipeInode(fileSystem, fileSystem.NextNumber(), credentials);
        var pipe = new Pipe();

        // So that /proc/PID/fd leads to this pipe.
        inode.TryAttach(pipe);
        pipe.TryOpen(reads: true, writes: true);
        reader = new PipeFile(default, inode, pipe, OpenFlags.ReadOnly | (flags & OpenFlags.NonBlocking));
        try
        {
            writer = new PipeFile(default, inode, pipe, OpenFlags.WriteOnly | (flags & (OpenFlags.NonBlocking | OpenFlags.Direct)));
        }
        catch (OutOfMemoryException)
        {
            reader.Release();
            throw;
        }
    }

    /// <summary>The file is a pipe or FIFO. Any context.</summary>
    public static bool IsPipe(OpenFile file) => file is PipeFile;

    /// <summary>F_GETPIPE_SZ. Task context.</summary>
    /// <returns>Bytes, or -EBADF: no pipe.</returns>
    [MightSleep]
    public static long GetSize(OpenFile file) => file is PipeFile pipe ? pipe.Pipe.CapacityBytes : -(long)Errno.EBADF;

    /// <summary>F_SETPIPE_SZ. Task context.</summary>
    /// <returns>The new size, or -EBADF, -EINVAL, -EPERM, -EBUSY.</returns>
    [MightSleep]
    public static long SetSize(OpenFile file, uint bytes) => file is PipeFile pipe ? pipe.Pipe.Resize(bytes) : -(long)Errno.EBADF;
}
