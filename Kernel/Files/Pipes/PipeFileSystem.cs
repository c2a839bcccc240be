using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Pipes;

/// <summary>Where the inodes of pipes without names are; it cannot be mounted.</summary>
internal sealed class PipeFileSystem : FileSystem
{
    private const long Magic = 0x50495045;

    [Atomic]
    private ulong _lastNumber;

    private PipeFileSystem()
        : base(new PipeType())
    {
        Root = new RootInode(this);
    }

    public static PipeFileSystem Instance { get; } = new();

    public override Inode Root { get; }

    public override void GetStatistics(out FileSystemStatistics statistics) => statistics = new FileSystemStatistics { Magic = Magic, BlockBytes = 4096 };

    public ulong NextNumber() => Interlocked.Increment(ref _lastNumber);

    private sealed class PipeType() : FileSystemType("pipefs")
    {
        [MightSleep]
        public override Errno Mount(string source, string options, out FileSystem? fileSystem)
        {
            fileSystem = null;
            return Errno.EINVAL;
        }
    }

    private sealed class RootInode(PipeFileSystem fileSystem) : Inode(fileSystem, ulong.MaxValue, new NewInode(FileMode.Directory | 0x16D, 0, 0));
}
