namespace CosmosKernel.Runtime.Services;

/// <summary>What statfs(2) tells of a file system.</summary>
public struct RuntimeFileSystemStatistics
{
    /// <summary>f_type: the magic number of the type.</summary>
    public long Magic;

    /// <summary>All bytes; 0 when there is no limit.</summary>
    public ulong TotalBytes;

    /// <summary>Bytes that nobody has.</summary>
    public ulong FreeBytes;
}
