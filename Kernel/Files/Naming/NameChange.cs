using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Notification;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Naming;

/// <summary>A rename whose two directories have been found: checks it and does it, with both locks held.</summary>
internal readonly ref struct NameChange
{
    public required Credentials Credentials { get; init; }

    public required DirectoryEntry OldPlace { get; init; }

    public required ReadOnlySpan<byte> OldName { get; init; }

    public required bool OldHasSlash { get; init; }

    public required DirectoryEntry NewPlace { get; init; }

    public required ReadOnlySpan<byte> NewName { get; init; }

    public required bool NewHasSlash { get; init; }

    public required bool NoReplace { get; init; }

    public required bool Exchange { get; init; }

    /// <summary>Looks both names up and goes on.</summary>
    [RequiresLock("oldDirectory.DirectoryLock")]
    [RequiresLock("newDirectory.DirectoryLock")]
    [MightSleep]
    public Errno Find(Inode oldDirectory, Inode newDirectory)
    {
        Errno error = NameLookup.FindPinned(OldPlace, oldDirectory, OldName, out DirectoryEntry? entry);
        if (error != Errno.Ok)
        {
            return error;
        }

        DirectoryEntry? other = null;
        try
        {
            error = NameLookup.FindPinned(NewPlace, newDirectory, NewName, out other);
            return error == Errno.Ok ? Do(oldDirectory, newDirectory, entry!, other!) : error;
        }
        finally
        {
            // The heap may be full at any step.
            other?.UnpinAndTell();
            entry!.Unpin();
        }
    }

    [RequiresLock("oldDirectory.DirectoryLock")]
    [RequiresLock("newDirectory.DirectoryLock")]
    [MightSleep]
    private Errno Do(Inode oldDirectory, Inode newDirectory, DirectoryEntry entry, DirectoryEntry other)
    {
        Errno error = CheckNames(entry, other);
        if (error != Errno.Ok)
        {
            return error;
        }

        // Two names of one file: nothing happens (rename(2)).
        Inode inode = entry.Inode!;
        if (ReferenceEquals(inode, other.Inode))
        {
            return Errno.Ok;
        }

        error = CheckRights(oldDirectory, newDirectory, entry, other);
        if (error != Errno.Ok)
        {
            return error;
        }

        if (entry.IsMountPoint || other.IsMountPoint)
        {
            return Errno.EBUSY;
        }

        Inode? replaced = other.Inode;
        NameLink link = DirectoryEntry.PrepareLink(entry, NewPlace, NewName);
        NameLink? back = Exchange ? DirectoryEntry.PrepareLink(other, OldPlace, OldName) : null;
        error = oldDirectory.Rename(OldName, inode, newDirectory, NewName, other.Inode, Exchange);
        if (error != Errno.Ok)
        {
            return error;
        }

        if (inode.IsDirectory || (Exchange && other.Inode!.IsDirectory))
        {
            DirectoryMoves.Note();
        }

        if (back is not null)
        {
            DirectoryEntry.Exchange(link, back);
        }
        else
        {
            DirectoryEntry.Move(link, other);
        }

        FileNotify.Moved(oldDirectory, OldName, newDirectory, NewName, inode, Exchange ? null : replaced);
        if (Exchange)
        {
            FileNotify.Moved(newDirectory, NewName, oldDirectory, OldName, replaced!, null);
        }

        return Errno.Ok;
    }

    private Errno CheckNames(DirectoryEntry entry, DirectoryEntry other)
    {
        if (entry.Inode is not { } inode)
        {
            return Errno.ENOENT;
        }

        if (NoReplace && other.Inode is not null)
        {
            return Errno.EEXIST;
        }

        if (Exchange)
        {
            if (other.Inode is null)
            {
                return Errno.ENOENT;
            }

            if (NewHasSlash && !other.Inode.IsDirectory)
            {
                return Errno.ENOTDIR;
            }
        }

        if (!inode.IsDirectory && (OldHasSlash || (!Exchange && NewHasSlash)))
        {
            return Errno.ENOTDIR;
        }

        if (NewPlace.IsDeleted)
        {
            return Errno.ENOENT;
        }

        // Neither may get below itself.
        if (IsAtOrAbove(entry, NewPlace))
        {
            return Errno.EINVAL;
        }

        return IsAtOrAbove(other, OldPlace) ? (Exchange ? Errno.EINVAL : Errno.ENOTEMPTY) : Errno.Ok;
    }

    private Errno CheckRights(Inode oldDirectory, Inode newDirectory, DirectoryEntry entry, DirectoryEntry other)
    {
        Inode inode = entry.Inode!;
        Errno error = Vfs.CheckDelete(oldDirectory, entry, Credentials);
        if (error != Errno.Ok)
        {
            return error;
        }

        error = other.Inode is null ? Vfs.CheckCreate(newDirectory, Credentials) : Vfs.CheckDelete(newDirectory, other, Credentials);
        if (error != Errno.Ok)
        {
            return error;
        }

        if (other.Inode is { } replaced && !Exchange && replaced.IsDirectory != inode.IsDirectory)
        {
            return inode.IsDirectory ? Errno.ENOTDIR : Errno.EISDIR;
        }

        // A directory that moves gets another "..": that is a change of it.
        if (!ReferenceEquals(oldDirectory, newDirectory))
        {
            if (inode.IsDirectory)
            {
                error = Vfs.CheckAccess(inode, Credentials, Vfs.Write);
            }

            if (error == Errno.Ok && Exchange && other.Inode!.IsDirectory)
            {
                error = Vfs.CheckAccess(other.Inode, Credentials, Vfs.Write);
            }
        }

        return error;
    }

    private static bool IsAtOrAbove(DirectoryEntry entry, DirectoryEntry place)
    {
        for (DirectoryEntry? at = place; at is not null; at = at.Parent)
        {
            if (ReferenceEquals(at, entry))
            {
                return true;
            }
        }

        return false;
    }
}
