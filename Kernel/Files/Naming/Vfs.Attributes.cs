using CosmosKernel.Abi;
using CosmosKernel.Files.Locks;
using CosmosKernel.Files.Notification;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;

namespace CosmosKernel.Files.Naming;

// chmod(2), chown(2), utimensat(2), truncate(2).
public static partial class Vfs
{
    /// <summary>Changes permissions (chmod(2)).</summary>
    /// <returns>EPERM: not the owner; EROFS.</returns>
    [MightSleep]
    public static Errno ChangeMode(in VfsPath path, Credentials credentials, uint mode)
    {
        Inode inode = path.Inode!;
        if (path.Mount is { IsReadOnly: true })
        {
            return Errno.EROFS;
        }

        if (!IsOwner(inode, credentials))
        {
            return Errno.EPERM;
        }

        mode &= FileMode.PermissionMask;
        if ((mode & FileMode.SetGroupId) != 0 && !credentials.IsInGroup(inode.GroupId) && !credentials.Has(Capability.FileSetId))
        {
            mode &= ~FileMode.SetGroupId;
        }

        return SetAttributes(path, new AttributeChange { Permissions = mode }, NotifyEvents.Attributes);
    }

    /// <summary>Changes owner and group (chown(2)).</summary>
    /// <param name="path">What.</param>
    /// <param name="credentials">By whom.</param>
    /// <param name="userId">The new owner; <see cref="uint.MaxValue"/>: stays.</param>
    /// <param name="groupId">The new group; <see cref="uint.MaxValue"/>: stays.</param>
    /// <returns>EPERM; EROFS.</returns>
    [MightSleep]
    public static Errno ChangeOwner(in VfsPath path, Credentials credentials, uint userId, uint groupId)
    {
        Inode inode = path.Inode!;
        if (path.Mount is { IsReadOnly: true })
        {
            return Errno.EROFS;
        }

        var change = new AttributeChange();
        bool isOwner = credentials.FileUserId == inode.UserId;
        if (!credentials.Has(Capability.Chown))
        {
            bool keepsUser = userId == uint.MaxValue || (isOwner && userId == inode.UserId);
            bool mayGroup = groupId == uint.MaxValue || (isOwner && (groupId == inode.GroupId || credentials.IsInGroup(groupId)));
            if (!keepsUser || !mayGroup)
            {
                return Errno.EPERM;
            }
        }

        change.UserId = userId == uint.MaxValue ? null : userId;
        change.GroupId = groupId == uint.MaxValue ? null : groupId;

        // A program of another owner must not run with the old one's rights.
        if (!inode.IsDirectory && (userId != uint.MaxValue || groupId != uint.MaxValue))
        {
            change.Permissions = WithoutSetId(inode.Mode);
            inode.ExtendedAttributes?.DropFileCapability();
        }

        return SetAttributes(path, change, change.UserId is null && change.GroupId is null && change.Permissions is null ? NotifyEvents.None : NotifyEvents.Attributes);
    }

    /// <summary>Sets times (utimensat(2)).</summary>
    /// <param name="path">What.</param>
    /// <param name="credentials">By whom.</param>
    /// <param name="access">Nanoseconds since 1970; null: stays.</param>
    /// <param name="modify">Nanoseconds since 1970; null: stays.</param>
    /// <param name="areNow">Both are the present time: write permission is enough.</param>
    /// <returns>EPERM; EACCES; EROFS.</returns>
    [MightSleep]
    public static Errno SetTimes(in VfsPath path, Credentials credentials, long? access, long? modify, bool areNow)
    {
        Inode inode = path.Inode!;
        if (path.Mount is { IsReadOnly: true })
        {
            return Errno.EROFS;
        }

        if (!IsOwner(inode, credentials))
        {
            if (!areNow)
            {
                return Errno.EPERM;
            }

            Errno error = CheckAccess(inode, credentials, Write);
            if (error != Errno.Ok)
            {
                return error;
            }
        }

        // Both times are a change of attributes; one alone is taken for what changes it as a rule.
        NotifyEvents events = access is not null ? (modify is not null ? NotifyEvents.Attributes : NotifyEvents.Access) : modify is not null ? NotifyEvents.Modify : NotifyEvents.None;
        return SetAttributes(path, new AttributeChange { AccessTime = access, ModifyTime = modify }, events);
    }

    /// <summary>The present time as a time of an inode. Any context.</summary>
    public static long Now => Clock.RealtimeNanoseconds;

    /// <summary>Sets the size of a file by its path (truncate(2)).</summary>
    /// <returns>EISDIR; EINVAL: no regular file; EACCES; EROFS; EFBIG; ETXTBSY: it is executed.</returns>
    [MightSleep]
    public static Errno Truncate(in VfsPath path, Credentials credentials, long size)
    {
        Inode inode = path.Inode!;
        if (!inode.IsRegular)
        {
            return inode.IsDirectory ? Errno.EISDIR : Errno.EINVAL;
        }

        Errno error = CheckAccess(inode, credentials, Write);
        if (error != Errno.Ok)
        {
            return error;
        }

        if (path.Mount.IsReadOnly)
        {
            return Errno.EROFS;
        }

        error = CheckSize(size);
        if (error == Errno.Ok)
        {
            error = inode.AddUser(FileUse.Write);
        }

        if (error != Errno.Ok)
        {
            return error;
        }

        try
        {
            error = FileLeases.Break(inode, forWrite: true, waits: true);
            return error == Errno.Ok ? TruncateTo(path, credentials, size) : error;
        }
        finally
        {
            inode.RemoveUser(FileUse.Write);
        }
    }

    /// <summary>Checks a new size against RLIMIT_FSIZE, and sends SIGXFSZ. Task context.</summary>
    /// <returns>EFBIG.</returns>
    public static Errno CheckSize(long size)
    {
        if (FileServices.Instance is { } services && (ulong)size > services.FileSizeLimit)
        {
            services.SignalFileSize();
            return Errno.EFBIG;
        }

        return Errno.Ok;
    }

    /// <summary>Permission bits without those that a write takes away: the set-user-id bit, and the set-group-id bit of a program.</summary>
    public static uint WithoutSetId(uint mode)
    {
        mode &= FileMode.PermissionMask & ~FileMode.SetUserId;
        return (mode & FileMode.GroupExecute) != 0 ? mode & ~FileMode.SetGroupId : mode;
    }

    /// <summary>A file was written: it loses its capabilities, and its set-id bits unless the writer may keep them. Task context.</summary>
    /// <returns>It had set-id bits and has lost them.</returns>
    [NoAllocation]
    public static bool DropSetId(Inode inode, Credentials credentials)
    {
        inode.ExtendedAttributes?.DropFileCapability();
        uint mode = inode.Mode;
        if ((mode & (FileMode.SetUserId | FileMode.SetGroupId)) == 0 || credentials.Has(Capability.FileSetId))
        {
            return false;
        }

        inode.SetPermissions(WithoutSetId(mode));
        return true;
    }

    [MightSleep]
    private static Errno SetAttributes(in VfsPath path, in AttributeChange change, NotifyEvents events)
    {
        Errno error = path.Inode!.SetAttributes(change);
        if (error == Errno.Ok && events != NotifyEvents.None)
        {
            FileNotify.Changed(path, events);
        }

        return error;
    }

    [MightSleep]
    private static Errno TruncateTo(in VfsPath path, Credentials credentials, long size)
    {
        Inode inode = path.Inode!;
        Errno error = inode.Truncate(size);
        if (error == Errno.Ok)
        {
            bool hadBits = DropSetId(inode, credentials);
            FileNotify.Changed(path, hadBits ? NotifyEvents.Modify | NotifyEvents.Attributes : NotifyEvents.Modify);
        }

        return error;
    }
}
