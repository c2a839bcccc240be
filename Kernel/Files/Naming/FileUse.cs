namespace CosmosKernel.Files.Naming;

/// <summary>What an open regular file is counted as at its inode.</summary>
internal enum FileUse
{
    /// <summary>It is not counted.</summary>
    None,

    /// <summary>Open only for reading.</summary>
    Read,

    /// <summary>Open for writing: it cannot be executed.</summary>
    Write,

    /// <summary>Executed: it cannot be opened for writing.</summary>
    Execute,
}
