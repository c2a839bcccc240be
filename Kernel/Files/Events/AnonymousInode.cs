using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;

namespace CosmosKernel.Files.Events;

/// <summary>The one inode of all files that are nowhere in the tree and have no contents: epolls, event counters, timers. Their names are what /proc/PID/fd shows.</summary>
public sealed class AnonymousInode : Inode
{
    private const uint Permissions0600 = 0x180;

    private AnonymousInode(FileSystem fileSystem)
        : base(fileSystem, 1, new NewInode(Permissions0600, 0, 0))
    {
    }

    /// <summary>The inode.</summary>
    public static AnonymousInode Instance { get; } = new AnonymousFileSystem(new AnonymousType()).Inode;

    private sealed class AnonymousType() : FileSystemType("anon_inodefs")
    {
        /// <inheritdoc/>
        public override Errno Mount(string source, string options, out FileSystem? fileSystem)
        {
            fileSystem = null;
            return Errno.EINVAL;
        }
    }

    private sealed class AnonymousFileSystem : FileSystem
    {
        private const long Magic = 0x0904_1934;
        private const long BlockBytes = 4096;

        public AnonymousFileSystem(FileSystemType type)
            : base(type)
        {
            Inode = new AnonymousInode(this);
        }

        public AnonymousInode Inode { get; }

        /// <inheritdoc/>
        public override Inode Root => Inode;

        /// <inheritdoc/>
        public override void GetStatistics(out FileSystemStatistics statistics) => statistics = new FileSystemStatistics { Magic = Magic, BlockBytes = BlockBytes };
    }
}
