using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Files;

/// <summary>What the calls about permissions and owners share.</summary>
internal static class AttributeArguments
{
    /// <summary>access(2) and its relatives.</summary>
    [MightSleep]
    public static long Access(UserThread thread, int directory, [UserAddress] ulong address, int access, int flags)
    {
        const int Effective = PathArguments.RemoveDirectory;
        if ((access & ~(Vfs.Read | Vfs.Write | Vfs.Execute)) != 0 || (flags & ~(PathArguments.NoFollow | PathArguments.EmptyPath | Effective)) != 0)
        {
            return -(long)Errno.EINVAL;
        }

        Credentials credentials = (flags & Effective) != 0 ? thread.Credentials : RealOf(thread.Credentials);
        Errno error = PathArguments.Resolve(thread, credentials, directory, address, PathArguments.FlagsOf(flags), out VfsPath found);
        if (error != Errno.Ok || access == 0)
        {
            return -(long)error;
        }

        return -(long)(found.Mount is null ? Vfs.CheckAccess(found.Inode!, credentials, access) : Vfs.CheckPathAccess(found, credentials, access));
    }

    /// <summary>chmod(2) and its relatives.</summary>
    [MightSleep]
    public static long ChangeMode(UserThread thread, int directory, [UserAddress] ulong address, uint mode, int flags)
    {
        if ((flags & ~(PathArguments.NoFollow | PathArguments.EmptyPath)) != 0)
        {
            return -(long)Errno.EINVAL;
        }

        Errno error = PathArguments.Resolve(thread, directory, address, PathArguments.FlagsOf(flags), out VfsPath found);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        // A symbolic link has no permissions to change.
        return -(long)(found.Inode!.IsSymbolicLink ? Errno.EOPNOTSUPP : Vfs.ChangeMode(found, thread.Credentials, mode));
    }

    /// <summary>chown(2) and its relatives.</summary>
    [MightSleep]
    public static long ChangeOwner(UserThread thread, int directory, [UserAddress] ulong address, uint userId, uint groupId, int flags)
    {
        if ((flags & ~(PathArguments.NoFollow | PathArguments.EmptyPath)) != 0)
        {
            return -(long)Errno.EINVAL;
        }

        Errno error = PathArguments.Resolve(thread, directory, address, PathArguments.FlagsOf(flags), out VfsPath found);
        return -(long)(error == Errno.Ok ? Vfs.ChangeOwner(found, thread.Credentials, userId, groupId) : error);
    }

    // Most callers have the same real and effective ids: then nothing is copied.
    private static Credentials RealOf(Credentials credentials)
    {
        bool isSame = credentials.UserId == credentials.FileUserId && credentials.GroupId == credentials.FileGroupId;
        bool hasOwn = credentials.Effective == (credentials.UserId == 0 ? credentials.Permitted : CapabilitySet.Empty);
        return isSame && hasOwn ? credentials : credentials.ForAccessCheck();
    }
}
