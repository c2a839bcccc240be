using System;
using System.Threading;
using CosmosKernel.Files.Notification;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Naming;

/// <summary>
/// A name in a directory as the kernel remembers it, and what has it: an inode, or nothing (a negative entry, which saves asking the file system again). Entries form the tree that paths walk.
/// <para>Reading is lock-free: <see cref="NameLink"/> joins an entry to its parent under a name, never changes but for its place in a chain, and is replaced as a whole by a rename. A look-up that misses
/// proves nothing; it is repeated under the directory's <see cref="Inode.DirectoryLock"/>, which all changes hold.</para>
/// <para>An entry stays in the cache while it is pinned, has entries below it, or a mount on it; else <see cref="EntryCache"/> may drop it when there are too many.</para>
/// </summary>
public sealed partial class DirectoryEntry
{
    private const int Dropped = -1;

    [Atomic]
    private NameLink? _link;

    [Atomic]
    private Inode? _inode;

    // Reasons to stay in the cache; -1 when it has left.
    [Atomic]
    private int _pins;

    [Atomic]
    private int _mounts;

    // It was found since the cache looked at it last.
    [Atomic]
    private bool _isUsed = true;

    // Unlinked or removed: it has a name no more, and shows " (deleted)".
    [Atomic]
    private bool _isDeleted;

    /// <summary>Makes the top of a file system, or an entry that is in no cache. Task context.</summary>
    /// <param name="parent">The directory that it is in; null for the top.</param>
    /// <param name="name">Its name; empty for the top.</param>
    /// <param name="inode">What has the name; null for nothing.</param>
    public DirectoryEntry(DirectoryEntry? parent, ReadOnlySpan<byte> name, Inode? inode)
    {
        _link = new NameLink(parent, name.ToArray(), NameHash.Of(name), this);
        _inode = inode;
    }

    /// <summary>What has the name; null for nothing. Any context.</summary>
    public Inode? Inode => Volatile.Read(ref _inode);

    /// <summary>The directory that it is in; null for the top of a file system. Any context.</summary>
    public DirectoryEntry? Parent => Volatile.Read(ref _link)!.Parent;

    /// <summary>Its name; empty for the top of a file system. Any context.</summary>
    public ReadOnlySpan<byte> Name => Volatile.Read(ref _link)!.Name;

    /// <summary>It was unlinked, removed, or replaced by a rename. Any context.</summary>
    public bool IsDeleted => Volatile.Read(ref _isDeleted);

    /// <summary>Something may be mounted on it, in some mount. Any context.</summary>
    public bool IsMountPoint => Volatile.Read(ref _mounts) != 0;

    /// <summary>Name and parent together, as they were at one moment.</summary>
    internal NameLink Link => Volatile.Read(ref _link)!;

    /// <summary>Keeps the entry in the cache. Any context but NMI.</summary>
    /// <returns>False when it has left the cache.</returns>
    [NoAllocation]
    public bool TryPin()
    {
        int pins = Volatile.Read(ref _pins);
        while (pins != Dropped)
        {
            int seen = Interlocked.CompareExchange(ref _pins, pins + 1, pins);
            if (seen == pins)
            {
                return true;
            }

            pins = seen;
        }

        return false;
    }

    /// <summary>Ends what <see cref="TryPin"/> began. Any context but NMI.</summary>
    [NoAllocation]
    public void Unpin() => Interlocked.Decrement(ref _pins);

    /// <summary>As <see cref="Unpin"/>. Task context.</summary>
    [MightSleep]
    internal void UnpinAndTell()
    {
        // Who removes the name holds a pin while it does: so the last one to come here knows that the name is gone.
        if (Interlocked.Decrement(ref _pins) == 0 && IsDeleted)
        {
            FileNotify.Gone(this);
        }
    }

    /// <summary>Leaves the cache for good if nothing keeps it there. Any context but NMI.</summary>
    [NoAllocation]
    internal bool TryDrop()
    {
        if (Interlocked.CompareExchange(ref _pins, Dropped, 0) != 0)
        {
            return false;
        }

        Parent?.RemoveChild(this);
        return true;
    }

    /// <summary>It has left the cache, or can leave it no more because it has no name.</summary>
    [NoAllocation]
    internal bool HasLeft() => Volatile.Read(ref _pins) == Dropped || IsDeleted;

    /// <summary>It was found since this was asked last.</summary>
    [NoAllocation]
    internal bool TakeUsed()
    {
        bool used = Volatile.Read(ref _isUsed);
        if (used)
        {
            Volatile.Write(ref _isUsed, false);
        }

        return used;
    }

    /// <summary>The name has an inode now, or none. With the directory's lock held.</summary>
    [NoAllocation]
    internal void SetInode(Inode? inode) => Volatile.Write(ref _inode, inode);

    [NoAllocation]
    internal void SetDeleted() => Volatile.Write(ref _isDeleted, true);

    [NoAllocation]
    internal void ChangeMounts(int by) => Interlocked.Add(ref _mounts, by);
}
