using System.Threading;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.SystemFiles;

/// <summary>A file system whose files the kernel makes when they are read: procfs, sysfs, devpts.</summary>
public abstract class SystemFileSystem : FileSystem
{
    [Atomic]
    private long _lastNumber = 1;

    /// <summary>Makes an empty one.</summary>
    protected SystemFileSystem(FileSystemType type)
        : base(type)
    {
    }

    /// <summary>The type's magic number for statfs(2).</summary>
    protected abstract long Magic { get; }

    /// <summary>An inode number that no other file has. Any context.</summary>
    public ulong NextNumber() => (ulong)Interlocked.Increment(ref _lastNumber);

    /// <inheritdoc/>
    public override void GetStatistics(out FileSystemStatistics statistics)
    {
        statistics = new FileSystemStatistics { Magic = Magic, BlockBytes = 4096 };
    }
}
