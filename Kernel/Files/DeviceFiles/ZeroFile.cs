using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.DeviceFiles;

/// <summary>/dev/zero and /dev/full: give zeros for ever; the second has no room for what is written (zero(4), full(4)).</summary>
internal sealed class ZeroFile(in VfsPath path, Inode inode, OpenFlags flags, bool isFull) : OpenFile(path, inode, flags)
{
    private const int LargestPart = 1 << 20;

    /// <inheritdoc/>
    public override bool IsSeekable => true;

    /// <inheritdoc/>
    [MightSleep]
    public override long Read(ref DataSink to, long offset)
    {
        long total = 0;
        while (to.Remaining > 0)
        {
            int part = (int)Math.Min(to.Remaining, LargestPart);
            int done = to.Clear(part);
            total += done;
            if (done < part)
            {
                return total > 0 ? total : -(long)Errno.EFAULT;
            }
        }

        return total;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Write(ref DataSource from, long offset) => isFull ? -(long)Errno.ENOSPC : from.Remaining;

    /// <inheritdoc/>
    [MightSleep]
    public override long Seek(long offset, int origin) => origin is >= 0 and <= 2 ? 0 : -(long)Errno.EINVAL;
}
