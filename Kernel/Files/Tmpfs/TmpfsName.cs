using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Tmpfs;

/// <summary>A name in a directory of tmpfs.</summary>
[GuardedBy(typeof(TmpfsDirectory), "_lock")]
internal sealed class TmpfsName
{
    public TmpfsName(byte[] name, uint hash, Inode inode, long cookie)
    {
        Name = name;
        Hash = hash;
        Inode = inode;
        Cookie = cookie;
    }

    [Immutable]
    public byte[] Name { get; }

    public uint Hash { get; }

    public Inode Inode { get; set; }

    /// <summary>Its position in the order in which the directory is read; never used twice.</summary>
    public long Cookie { get; }

    /// <summary>The next one with the same low bits of the hash.</summary>
    public TmpfsName? Next { get; set; }

    /// <summary>It was removed, and leaves the order when that is compacted.</summary>
    public bool IsRemoved { get; set; }
}
