using System;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Tasks.Waiting;

namespace CosmosKernel.Files.Naming;

// rename(2). Two directories are locked only by who holds the file system's RenameLock: so nobody waits in a circle, whatever the order, and no directory gets below itself, because none moves meanwhile.
public static partial class Vfs
{
    /// <summary>RENAME_NOREPLACE: the new name must be free.</summary>
    public const uint RenameNoReplace = 1;

    /// <summary>RENAME_EXCHANGE: both exist, and change places.</summary>
    public const uint RenameExchange = 2;

    /// <summary>Gives a file another name (rename(2), renameat2(2)).</summary>
    /// <param name="oldWalk">From where the old path begins, and by whom.</param>
    /// <param name="oldPath">0 to 4095 bytes without NUL.</param>
    /// <param name="newWalk">From where the new path begins.</param>
    /// <param name="newPath">0 to 4095 bytes without NUL.</param>
    /// <param name="flags">0, <see cref="RenameNoReplace"/> or <see cref="RenameExchange"/>.</param>
    /// <returns>EXDEV: another mount; EINVAL: a directory would get below itself; ENOTEMPTY; EEXIST; EBUSY.</returns>
    [MightSleep]
    public static Errno Rename(in PathWalk oldWalk, ReadOnlySpan<byte> oldPath, in PathWalk newWalk, ReadOnlySpan<byte> newPath, uint flags)
    {
        if (oldPath.IsEmpty || newPath.IsEmpty)
        {
            return Errno.ENOENT;
        }

        var oldWalker = new PathWalker(oldWalk, oldPath, ResolveFlags.None);
        Errno error = oldWalker.ToLast();
        if (error != Errno.Ok)
        {
            return error;
        }

        var newWalker = new PathWalker(newWalk, newPath, ResolveFlags.None);
        error = newWalker.ToLast();
        if (error != Errno.Ok)
        {
            return error;
        }

        if (!ReferenceEquals(oldWalker.Current.Mount, newWalker.Current.Mount))
        {
            return Errno.EXDEV;
        }

        if (oldWalker.LastKind != LastComponent.Name)
        {
            return Errno.EBUSY;
        }

        if (newWalker.LastKind != LastComponent.Name)
        {
            return (flags & RenameNoReplace) != 0 ? Errno.EEXIST : Errno.EBUSY;
        }

        if (oldWalker.Current.Mount.IsReadOnly)
        {
            return Errno.EROFS;
        }

        var change = new NameChange
        {
            Credentials = oldWalk.Credentials,
            OldPlace = oldWalker.Current.Entry,
            OldName = oldWalker.Last,
            OldHasSlash = oldWalker.HasTrailingSlash,
            NewPlace = newWalker.Current.Entry,
            NewName = newWalker.Last,
            NewHasSlash = newWalker.HasTrailingSlash,
            NoReplace = (flags & RenameNoReplace) != 0,
            Exchange = (flags & RenameExchange) != 0,
        };
        return RenameIn(change);
    }

    [MightSleep]
    private static Errno RenameIn(in NameChange change)
    {
        Inode oldDirectory = change.OldPlace.Inode!;
        Inode newDirectory = change.NewPlace.Inode!;
        if (ReferenceEquals(oldDirectory, newDirectory))
        {
            using (oldDirectory.DirectoryLock.Enter())
            {
                return change.Find(oldDirectory, oldDirectory);
            }
        }

        using (oldDirectory.FileSystem.RenameLock.Enter())
        {
            while (true)
            {
                using (oldDirectory.DirectoryLock.Enter())
                {
                    using Mutex.Guard other = newDirectory.DirectoryLock.TryEnter();
                    if (other.Taken)
                    {
                        return change.Find(oldDirectory, newDirectory);
                    }
                }

                // Whoever holds the second one holds no other: waits for it.
                using (newDirectory.DirectoryLock.Enter())
                {
                    using Mutex.Guard other = oldDirectory.DirectoryLock.TryEnter();
                    if (other.Taken)
                    {
                        return change.Find(oldDirectory, newDirectory);
                    }
                }
            }
        }
    }
}
