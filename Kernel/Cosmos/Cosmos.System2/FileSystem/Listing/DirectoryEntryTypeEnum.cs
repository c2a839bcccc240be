namespace Cosmos.System.FileSystem.Listing;

/// <summary>What a name stands for.</summary>
public enum DirectoryEntryTypeEnum
{
    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A file.</summary>
    File,

    /// <summary>Something else: a device, a pipe, a socket.</summary>
    Unknown,
}
