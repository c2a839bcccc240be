using System;
using System.Threading;
using CosmosKernel.Machine.Locking;
using SpinLock = CosmosKernel.Machine.Locking.SpinLock;

namespace CosmosKernel.Files.Naming;

// The entries below a directory: chains by hash, read without a lock. Added and moved with the directory's DirectoryLock held; the spin lock is for those that the cache drops meanwhile.
public sealed partial class DirectoryEntry
{
    private const int SmallestTable = 8;

    private SpinLock _childrenLock = new(LockClass.DirectoryEntries);

    [Protocol("The array is replaced and its elements are stored with _childrenLock held; readers load both by Volatile.Read, and a miss means nothing to them.")]
    private NameLink?[]? _children;

    [GuardedBy(nameof(_childrenLock))]
    private int _childCount;

    /// <summary>Finds an entry in the cache. Any context.</summary>
    /// <returns>Null: not in the cache, or on its way to another place; ask again with the directory's lock held.</returns>
    [NoAllocation]
    internal DirectoryEntry? FindChild(uint hash, ReadOnlySpan<byte> name)
    {
        NameLink?[]? table = Volatile.Read(ref _children);
        if (table is null)
        {
            return null;
        }

        for (NameLink? link = Volatile.Read(ref table[hash & (uint)(table.Length - 1)]); link is not null; link = link.Next)
        {
            if (link.Matches(hash, name))
            {
                DirectoryEntry entry = link.Entry;
                if (!ReferenceEquals(Volatile.Read(ref entry._link), link))
                {
                    return null;
                }

                if (!Volatile.Read(ref entry._isUsed))
                {
                    Volatile.Write(ref entry._isUsed, true);
                }

                return entry;
            }
        }

        return null;
    }

    /// <summary>Puts a new entry of this directory into the cache, unless this directory itself has left it: then the entry just is not cached. With the directory's lock held.</summary>
    internal void AddChild(DirectoryEntry entry)
    {
        if (TryPin())
        {
            Insert(entry.Link);
        }
    }

    /// <summary>Takes an entry out that lost its name. With the directory's lock held.</summary>
    [NoAllocation]
    internal void RemoveDeleted(DirectoryEntry entry)
    {
        entry.SetDeleted();
        RemoveChild(entry);
    }

    /// <summary>Takes all memory that giving an entry another place will need, so that nothing can fail once the file system has done it. With the locks of both directories held.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="directory">Where it goes.</param>
    /// <param name="name">What it is called there.</param>
    internal static NameLink PrepareLink(DirectoryEntry entry, DirectoryEntry directory, ReadOnlySpan<byte> name)
    {
        directory.Prepare();
        return new NameLink(directory, name.ToArray(), NameHash.Of(name), entry);
    }

    /// <summary>Gives an entry another name or directory. With the locks of both directories held, and the entry pinned.</summary>
    /// <param name="link">The entry's place, from <see cref="PrepareLink"/>.</param>
    /// <param name="replaced">The entry that has this name now; it is deleted.</param>
    internal static void Move(NameLink link, DirectoryEntry replaced)
    {
        DirectoryEntry entry = link.Entry;
        DirectoryEntry directory = link.Parent!;
        NameLink old = entry.Link;
        bool isCached = directory.TryPin();
        if (isCached)
        {
            // In front of what is replaced, so that from now on nobody finds that any more.
            directory.Insert(link);
        }

        // Who finds one of the two links from here on sees that the entry is somewhere else, or the new name.
        Volatile.Write(ref entry._link, link);
        old.Parent?.RemoveLink(old);
        directory.RemoveDeleted(replaced);
    }

    /// <summary>Two entries change places. With the locks of both directories held, and both pinned.</summary>
    /// <param name="newOne">The first entry's new place, from <see cref="PrepareLink"/>.</param>
    /// <param name="newOther">The other entry's.</param>
    internal static void Exchange(NameLink newOne, NameLink newOther)
    {
        DirectoryEntry one = newOne.Entry;
        DirectoryEntry other = newOther.Entry;
        NameLink oldOne = one.Link;
        NameLink oldOther = other.Link;
        bool otherCached = oldOther.Parent!.TryPin();
        bool oneCached = oldOne.Parent!.TryPin();
        if (otherCached)
        {
            oldOther.Parent.Insert(newOne);
        }

        if (oneCached)
        {
            oldOne.Parent.Insert(newOther);
        }

        Volatile.Write(ref one._link, newOne);
        Volatile.Write(ref other._link, newOther);
        oldOne.Parent.RemoveLink(oldOne);
        oldOther.Parent.RemoveLink(oldOther);
    }

    [NoAllocation]
    private void RemoveChild(DirectoryEntry entry) => RemoveLink(entry.Link);

    // Makes room for one more entry. With the directory's lock held, so that nobody else makes the table larger.
    private void Prepare()
    {
        NameLink?[]? old = Volatile.Read(ref _children);
        int count;
        using (_childrenLock.Enter())
        {
            count = _childCount;
        }

        if (old is not null && count < old.Length * 2)
        {
            return;
        }

        var table = new NameLink?[old is null ? SmallestTable : old.Length * 4];
        using (_childrenLock.Enter())
        {
            // Readers of the old table may be led into a chain of the new one, and miss. Each link leads forward only, so they come to an end.
            for (int i = 0; old is not null && i < old.Length; i++)
            {
                NameLink? next;
                for (NameLink? link = old[i]; link is not null; link = next)
                {
                    next = link.Next;
                    ref NameLink? chain = ref table[link.Hash & (uint)(table.Length - 1)];
                    link.Next = chain;
                    chain = link;
                }
            }

            Volatile.Write(ref _children, table);
        }
    }

    private void Insert(NameLink link)
    {
        Prepare();
        using (_childrenLock.Enter())
        {
            NameLink?[] table = _children!;
            ref NameLink? chain = ref table[link.Hash & (uint)(table.Length - 1)];
            link.Next = chain;
            Volatile.Write(ref chain, link);
            _childCount++;
        }
    }

    [NoAllocation]
    private void RemoveLink(NameLink removed)
    {
        bool found = false;
        using (_childrenLock.Enter())
        {
            if (_children is { } table)
            {
                ref NameLink? chain = ref table[removed.Hash & (uint)(table.Length - 1)];
                NameLink? before = null;
                NameLink? link = chain;
                while (link is not null && !ReferenceEquals(link, removed))
                {
                    before = link;
                    link = link.Next;
                }

                found = link is not null;
                if (found)
                {
                    _childCount--;
                    if (before is null)
                    {
                        Volatile.Write(ref chain, removed.Next);
                    }
                    else
                    {
                        before.Next = removed.Next;
                    }
                }
            }
        }

        if (found)
        {
            Unpin();
        }
    }
}
