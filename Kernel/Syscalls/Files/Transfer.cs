using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Notification;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Files;

/// <summary>What all reads and writes share. Nothing is allocated, but for long vectors.</summary>
internal static class Transfer
{
    // RWF_APPEND of pwritev2(2).
    private const int AppendFlag = 0x10;

    // RWF_HIPRI, RWF_DSYNC and RWF_SYNC mean nothing for files in memory; no file here can promise RWF_NOWAIT.
    private const int KnownFlags = 1 | 2 | 4 | AppendFlag;

    /// <summary>Reads into one buffer.</summary>
    /// <param name="thread">Who calls.</param>
    /// <param name="descriptor">The file.</param>
    /// <param name="address">The buffer.</param>
    /// <param name="count">Its bytes.</param>
    /// <param name="offset">Where, or <see cref="OpenFile.AtPosition"/>.</param>
    [MightSleep]
    public static long Read(UserThread thread, int descriptor, [UserAddress] ulong address, ulong count, long offset)
    {
        using FileReference reference = thread.Files!.Get(descriptor);
        long error = Check(reference.File, forWrite: false, offset);
        if (error == 0)
        {
            error = CheckRange(address, count);
        }

        if (error != 0)
        {
            return error;
        }

        var sink = new DataSink(address, (long)Math.Min(count, PathLimits.TransferMaximum));
        return NoteRead(thread, reference.File!, reference.File!.Read(ref sink, offset));
    }

    /// <summary>Writes from one buffer.</summary>
    /// <param name="thread">Who calls.</param>
    /// <param name="descriptor">The file.</param>
    /// <param name="address">The buffer.</param>
    /// <param name="count">Its bytes.</param>
    /// <param name="offset">Where, or <see cref="OpenFile.AtPosition"/>.</param>
    [MightSleep]
    public static long Write(UserThread thread, int descriptor, [UserAddress] ulong address, ulong count, long offset)
    {
        using FileReference reference = thread.Files!.Get(descriptor);
        long error = Check(reference.File, forWrite: true, offset);
        if (error == 0)
        {
            error = CheckRange(address, count);
        }

        if (error != 0)
        {
            return error;
        }

        var source = new DataSource(address, (long)Math.Min(count, PathLimits.TransferMaximum));
        return NoteWrite(thread, reference.File!, reference.File!.Write(ref source, offset));
    }

    /// <summary>Reads into several buffers.</summary>
    [MightSleep]
    public static long ReadVector(UserThread thread, int descriptor, [UserAddress] ulong address, ulong count, long offset, int flags = 0)
    {
        using FileReference reference = thread.Files!.Get(descriptor);
        long error = Check(reference.File, forWrite: false, offset);
        if (error != 0)
        {
            return error;
        }

        Span<IoVector> few = stackalloc IoVector[Vectors.Few];
        Errno bad = Vectors.Read(address, count, few, out ReadOnlySpan<IoVector> vectors, out long bytes);
        if (bad != Errno.Ok)
        {
            return -(long)bad;
        }

        if ((flags & ~KnownFlags) != 0)
        {
            return bytes == 0 ? 0 : -(long)Errno.EOPNOTSUPP;
        }

        var sink = new DataSink(vectors, bytes);
        return NoteRead(thread, reference.File!, reference.File!.Read(ref sink, offset));
    }

    /// <summary>Writes from several buffers.</summary>
    [MightSleep]
    public static long WriteVector(UserThread thread, int descriptor, [UserAddress] ulong address, ulong count, long offset, int flags = 0)
    {
        using FileReference reference = thread.Files!.Get(descriptor);
        long error = Check(reference.File, forWrite: true, offset);
        if (error != 0)
        {
            return error;
        }

        Span<IoVector> few = stackalloc IoVector[Vectors.Few];
        Errno bad = Vectors.Read(address, count, few, out ReadOnlySpan<IoVector> vectors, out long bytes);
        if (bad != Errno.Ok)
        {
            return -(long)bad;
        }

        if ((flags & ~KnownFlags) != 0)
        {
            return bytes == 0 ? 0 : -(long)Errno.EOPNOTSUPP;
        }

        var source = new DataSource(vectors, bytes) { Appends = (flags & AppendFlag) != 0 };
        return NoteWrite(thread, reference.File!, reference.File!.Write(ref source, offset));
    }

    [MightSleep]
    private static long NoteRead(UserThread thread, OpenFile file, long done)
    {
        if (done > 0)
        {
            FileNotify.Read(file);
        }

        return thread.CountRead(done);
    }

    [MightSleep]
    private static long NoteWrite(UserThread thread, OpenFile file, long done)
    {
        if (done > 0)
        {
            FileNotify.Modified(file);
        }

        return thread.CountWrite(done);
    }

    // A negative offset is at the position; pread and its relatives have refused it before.
    private static long Check(OpenFile? file, bool forWrite, long offset)
    {
        if (file is null || !(forWrite ? file.IsWritable : file.IsReadable))
        {
            return -(long)Errno.EBADF;
        }

        return offset >= 0 && !file.IsSeekable ? -(long)Errno.ESPIPE : 0;
    }

    private static long CheckRange([UserAddress] ulong address, ulong count) => UserMemory.IsRange(address, count) ? 0 : -(long)Errno.EFAULT;
}
