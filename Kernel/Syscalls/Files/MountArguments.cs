using System;
using System.Text;
using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Files;

/// <summary>mount(2) and umount2(2).</summary>
internal static class MountArguments
{
    private const MountFlags Types = MountFlags.Shared | MountFlags.Private | MountFlags.Slave | MountFlags.Unbindable;

    // The magic number that old programs put into the upper half.
    private const uint MagicMask = 0xFFFF0000;
    private const uint Magic = 0xC0ED0000;

    /// <summary>mount(2).</summary>
    [MightSleep]
    public static long Mount(UserThread thread, [UserAddress] ulong source, [UserAddress] ulong target, [UserAddress] ulong type, MountFlags flags, [UserAddress] ulong data)
    {
        if (((uint)flags & MagicMask) == Magic)
        {
            flags &= ~(MountFlags)MagicMask;
        }

        Errno error = ReadText(type, out string typeName);
        string options = "";
        string sourceName = "";
        error = error == Errno.Ok ? ReadText(source, out sourceName) : error;
        error = error == Errno.Ok ? ReadText(data, out options) : error;
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        error = PathArguments.Resolve(thread, PathLimits.WorkingDirectory, target, ResolveFlags.Follow, out VfsPath found);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        return thread.Credentials.Has(Capability.SysAdmin) ? -(long)Do(thread, found, source, sourceName, typeName, flags, options) : -(long)Errno.EPERM;
    }

    /// <summary>umount2(2).</summary>
    [MightSleep]
    public static long Unmount(UserThread thread, [UserAddress] ulong target, int flags)
    {
        const int Known = Vfs.UnmountForce | Vfs.UnmountDetach | Vfs.UnmountNoFollow;
        if ((flags & ~Known) != 0)
        {
            return -(long)Errno.EINVAL;
        }

        ResolveFlags how = (flags & Vfs.UnmountNoFollow) != 0 ? ResolveFlags.None : ResolveFlags.Follow;
        Errno error = PathArguments.Resolve(thread, PathLimits.WorkingDirectory, target, how, out VfsPath found);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        return thread.Credentials.Has(Capability.SysAdmin) ? -(long)Vfs.Unmount(found, flags) : -(long)Errno.EPERM;
    }

    [MightSleep]
    private static Errno Do(UserThread thread, in VfsPath target, [UserAddress] ulong source, string sourceName, string type, MountFlags flags, string options)
    {
        if ((flags & MountFlags.Remount) != 0)
        {
            return Vfs.Remount(target, flags, (flags & MountFlags.Bind) != 0 ? null : options);
        }

        if ((flags & (MountFlags.Bind | MountFlags.Move)) != 0)
        {
            Errno error = PathArguments.Resolve(thread, PathLimits.WorkingDirectory, source, ResolveFlags.Follow, out VfsPath from);
            return error != Errno.Ok ? error
                : (flags & MountFlags.Bind) != 0 ? Vfs.Bind(from, target, (flags & MountFlags.Recursive) != 0) : Vfs.MoveMount(from, target);
        }

        // All mounts are private here: that is the only type that can be asked for.
        if ((flags & Types) != 0)
        {
            return (flags & Types) == MountFlags.Private && ReferenceEquals(target.Entry, target.Mount.Root) ? Errno.Ok : Errno.EINVAL;
        }

        return Vfs.Mount(target, type, sourceName, flags, options);
    }

    // An absent text is an empty one.
    [MightSleep]
    private static Errno ReadText([UserAddress] ulong address, out string text)
    {
        text = "";
        if (address == 0)
        {
            return Errno.Ok;
        }

        Span<byte> buffer = stackalloc byte[PathLimits.PathMaximum];
        int length = UserMemory.ReadString(address, buffer);
        if (length < 0)
        {
            return length == -(int)Errno.ENAMETOOLONG ? Errno.EINVAL : Errno.EFAULT;
        }

        text = Encoding.Latin1.GetString(buffer[..length]);
        return Errno.Ok;
    }
}
