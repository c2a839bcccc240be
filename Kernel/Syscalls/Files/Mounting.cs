using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Files;

/// <summary>chroot(2).</summary>
[SystemCall(161, "chroot", Support.All)]
internal sealed class ChangeRootCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno error = PathArguments.Resolve(thread, PathLimits.WorkingDirectory, registers.Rdi, ResolveFlags.Follow | ResolveFlags.Directory, out VfsPath found);
        if (error == Errno.Ok)
        {
            error = Vfs.CheckAccess(found.Inode!, thread.Credentials, Vfs.Execute);
        }

        if (error == Errno.Ok && !thread.Credentials.Has(Capability.SysChroot))
        {
            error = Errno.EPERM;
        }

        return -(long)(error != Errno.Ok || thread.FileSystem!.TrySetRoot(found) ? error : Errno.ENOENT);
    }
}

/// <summary>mount(2).</summary>
[SystemCall(165, "mount", Support.Some, "making mounts shared, slave or unbindable; block devices")]
internal sealed class MountCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => MountArguments.Mount(thread, registers.Rdi, registers.Rsi, registers.Rdx, (MountFlags)(uint)registers.R10, registers.R8);
}

/// <summary>umount2(2).</summary>
[SystemCall(166, "umount2", Support.Some, "MNT_EXPIRE")]
internal sealed class UnmountCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => MountArguments.Unmount(thread, registers.Rdi, (int)registers.Rsi);
}

/// <summary>pivot_root(2).</summary>
[SystemCall(155, "pivot_root", Support.Some, "only the caller's root and working directory move along")]
internal sealed class PivotRootCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        if (!thread.Credentials.Has(Capability.SysAdmin))
        {
            return -(long)Errno.EPERM;
        }

        Errno error = PathArguments.Resolve(thread, PathLimits.WorkingDirectory, registers.Rdi, ResolveFlags.Follow | ResolveFlags.Directory, out VfsPath newRoot);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        error = PathArguments.Resolve(thread, PathLimits.WorkingDirectory, registers.Rsi, ResolveFlags.Follow | ResolveFlags.Directory, out VfsPath putOld);
        return -(long)(error == Errno.Ok ? Vfs.PivotRoot(newRoot, putOld, thread.FileSystem!) : error);
    }
}
