namespace CosmosKernel.Files.Locks;

/// <summary>What a lock on a file allows its owner, and forbids others.</summary>
public enum FileLockAccess
{
    /// <summary>No lock.</summary>
    None,

    /// <summary>Shared with other readers.</summary>
    Read,

    /// <summary>Alone.</summary>
    Write,
}
