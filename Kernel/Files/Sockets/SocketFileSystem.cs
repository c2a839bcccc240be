using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Sockets;

/// <summary>Where the inodes of sockets are; it cannot be mounted.</summary>
internal sealed class SocketFileSystem : FileSystem
{
    private const long Magic = 0x534F_434B;

    [Atomic]
    private ulong _lastNumber;

    private SocketFileSystem()
        : base(new SocketFileSystemType())
    {
        Root = new RootInode(this);
    }

    public static SocketFileSystem Instance { get; } = new();

    public override Inode Root { get; }

    public override void GetStatistics(out FileSystemStatistics statistics) => statistics = new FileSystemStatistics { Magic = Magic, BlockBytes = 4096 };

    public ulong NextNumber() => Interlocked.Increment(ref _lastNumber);

    private sealed class SocketFileSystemType() : FileSystemType("sockfs")
    {
        [MightSleep]
        public override Errno Mount(string source, string options, out FileSystem? fileSystem)
        {
            fileSystem = null;
            return Errno.EINVAL;
        }
    }

    private sealed class RootInode(SocketFileSystem fileSystem) : Inode(fileSystem, ulong.MaxValue, new NewInode(FileMode.Directory | 0x1FF, 0, 0));
}
