namespace CosmosKernel.Files.Naming;

/// <summary>What statfs(2) tells of a file system.</summary>
public struct FileSystemStatistics
{
    /// <summary>f_type: the magic number of the type.</summary>
    public long Magic;

    /// <summary>Bytes of a block.</summary>
    public long BlockBytes;

    /// <summary>Blocks; 0 when there is no limit.</summary>
    public ulong Blocks;

    /// <summary>Blocks that nobody has.</summary>
    public ulong FreeBlocks;

    /// <summary>Inodes that can be; 0 when there is no limit.</summary>
    public ulong Inodes;

    /// <summary>Inodes that can still be made.</summary>
    public ulong FreeInodes;
}
