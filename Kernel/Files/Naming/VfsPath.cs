using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Naming;

/// <summary>
/// A place in the tree of names: a directory entry, seen through a mount. The default value is no place. Who keeps one beyond a system call pins it
/// (<see cref="TryPin"/>, <see cref="Unpin"/>), so that the entry stays in the cache and the mount is busy. Any context may read it.
/// </summary>
/// <param name="Mount">The mount.</param>
/// <param name="Entry">The entry.</param>
public readonly record struct VfsPath(Mount Mount, DirectoryEntry Entry)
{
    /// <summary>It is no place.</summary>
    public bool IsNull => Entry is null;

    /// <summary>Both are the same place.</summary>
    public bool Equals(VfsPath other) => ReferenceEquals(Entry, other.Entry) && ReferenceEquals(Mount, other.Mount);

    /// <inheritdoc/>
    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(Entry);

    /// <summary>What the entry names; null for a name that nothing has.</summary>
    public Inode? Inode => Entry?.Inode;

    /// <summary>Keeps the entry in the cache and the mount busy. Task context.</summary>
    /// <returns>False when one of them has just been given up: look the path up again.</returns>
    [NoAllocation]
    public bool TryPin()
    {
        if (!Entry.TryPin())
        {
            return false;
        }

        if (Mount.TryPin())
        {
            return true;
        }

        Entry.Unpin();
        return false;
    }

    /// <summary>Gives up what <see cref="TryPin"/> took. Task context.</summary>
    [MightSleep]
    public void Unpin()
    {
        Entry.UnpinAndTell();
        Mount.Unpin();
    }
}
