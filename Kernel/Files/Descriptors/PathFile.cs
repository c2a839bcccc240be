using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Polling;

namespace CosmosKernel.Files.Descriptors;

/// <summary>What O_PATH opens: a place in the tree. Most operations refuse it (EBADF).</summary>
public sealed class PathFile : OpenFile
{
    /// <inheritdoc cref="OpenFile(in VfsPath, Inode, OpenFlags)"/>
    public PathFile(in VfsPath path, Inode inode, OpenFlags flags)
        : base(path, inode, flags)
    {
    }

    /// <inheritdoc/>
    public override PollEvents Poll(PollWatcher? watcher) => PollEvents.Invalid;
}
