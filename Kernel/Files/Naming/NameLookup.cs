using System;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Naming;

/// <summary>Looks names up: in the cache without a lock, else in the file system with the directory's lock held.</summary>
internal static class NameLookup
{
    /// <summary>Finds a name.</summary>
    /// <param name="directory">Where; it has an inode, which is a directory.</param>
    /// <param name="name">1 to 255 bytes, no slash, not . or ..</param>
    /// <param name="onlyCached">EAGAIN rather than asking the file system.</param>
    /// <param name="entry">The entry, which may be negative.</param>
    [MightSleep]
    public static Errno Find(DirectoryEntry directory, ReadOnlySpan<byte> name, bool onlyCached, out DirectoryEntry? entry)
    {
        uint hash = NameHash.Of(name);
        entry = directory.FindChild(hash, name);
        if (entry is not null)
        {
            return Errno.Ok;
        }

        if (onlyCached)
        {
            return Errno.EAGAIN;
        }

        Inode inode = directory.Inode!;
        using (inode.DirectoryLock.Enter())
        {
            return FindLocked(directory, inode, name, hash, out entry);
        }
    }

    /// <summary>Finds a name with the directory's lock held.</summary>
    /// <param name="directory">Where.</param>
    /// <param name="inode">Its inode.</param>
    /// <param name="name">1 to 255 bytes, no slash, not . or ..</param>
    /// <param name="hash">Of the name.</param>
    /// <param name="entry">The entry, which may be negative.</param>
    [RequiresLock("inode.DirectoryLock")]
    [MightSleep]
    public static Errno FindLocked(DirectoryEntry directory, Inode inode, ReadOnlySpan<byte> name, uint hash, out DirectoryEntry? entry)
    {
        entry = directory.FindChild(hash, name);
        if (entry is not null)
        {
            return Errno.Ok;
        }

        Inode? found = null;
        Errno error = directory.IsDeleted ? Errno.ENOENT : inode.Lookup(name, out found);
        if (error is not (Errno.Ok or Errno.ENOENT))
        {
            return error;
        }

        entry = new DirectoryEntry(directory, name, found);
        if (inode.CachesNames && !directory.IsDeleted)
        {
            directory.AddChild(entry);
            try
            {
                EntryCache.Add(entry, hash);
            }
            catch (OutOfMemoryException)
            {
                // Not bounded by the cache, it must not stay.
                _ = entry.TryDrop();
                throw;
            }
        }

        return Errno.Ok;
    }

    /// <summary>As <see cref="FindLocked"/>, and pins the entry, so that it stays in the cache while it is changed.</summary>
    [RequiresLock("inode.DirectoryLock")]
    [MightSleep]
    public static Errno FindPinned(DirectoryEntry directory, Inode inode, ReadOnlySpan<byte> name, out DirectoryEntry? entry)
    {
        uint hash = NameHash.Of(name);
        while (true)
        {
            Errno error = FindLocked(directory, inode, name, hash, out entry);
            if (error != Errno.Ok || entry!.TryPin())
            {
                return error;
            }

            // The cache drops it at this moment; it will be out of the table soon.
            CosmosKernel.Tasks.KernelTask.Yield();
        }
    }
}
