using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.DeviceFiles;

/// <summary>/dev/null: takes everything, gives nothing (null(4)).</summary>
internal sealed class NullFile(in VfsPath path, Inode inode, OpenFlags flags) : OpenFile(path, inode, flags)
{
    /// <inheritdoc/>
    public override bool IsSeekable => true;

    /// <inheritdoc/>
    [MightSleep]
    public override long Read(ref DataSink to, long offset) => 0;

    /// <inheritdoc/>
    [MightSleep]
    public override long Write(ref DataSource from, long offset) => from.Remaining;

    /// <inheritdoc/>
    [MightSleep]
    public override long Seek(long offset, int origin) => origin is >= 0 and <= 2 ? 0 : -(long)Errno.EINVAL;
}
