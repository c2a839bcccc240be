using System;

namespace CosmosKernel.Files.Block;

/// <summary>The state of a cached page, kept in <see cref="Memory.User.Page.OwnerWord"/> and guarded by the cache's lock.</summary>
[Flags]
internal enum BlockPageState
{
    None = 0,

    /// <summary>It holds what the device holds, or what is newer. Stays while the page is in the cache.</summary>
    UpToDate = 1,

    /// <summary>It is newer than the device.</summary>
    Dirty = 2,

    /// <summary>It is being written.</summary>
    Writeback = 4,

    /// <summary>It is being read; nobody may look at it.</summary>
    Reading = 8,

    /// <summary>It was used since reclaim looked at it last.</summary>
    Referenced = 16,

    /// <summary>It could not be read, and has left the cache.</summary>
    Failed = 32,
}
