using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Tmpfs;

/// <summary>An inode of tmpfs that may have several names: all but directories.</summary>
internal interface ITmpfsInode
{
    /// <summary>It gets one more name. Task context.</summary>
    /// <returns>False when its last one has just gone.</returns>
    [MightSleep]
    bool TryAddLink();

    /// <summary>It loses a name. Task context.</summary>
    [MightSleep]
    void DropLink();
}
