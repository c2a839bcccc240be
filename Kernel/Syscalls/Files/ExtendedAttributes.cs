using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Files;

/// <summary>setxattr(2).</summary>
[SystemCall(188, "setxattr", Support.Some, "system.posix_acl_access and system.posix_acl_default: EOPNOTSUPP")]
internal sealed class SetAttributeCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno error = PathArguments.Resolve(thread, PathLimits.WorkingDirectory, registers.Rdi, ResolveFlags.Follow, out VfsPath path);
        return error != Errno.Ok ? -(long)error : ExtendedAttributeArguments.Set(thread, path, registers.Rsi, registers.Rdx, registers.R10, (int)registers.R8);
    }
}

/// <summary>lsetxattr(2).</summary>
[SystemCall(189, "lsetxattr", Support.Some, "system.posix_acl_access and system.posix_acl_default: EOPNOTSUPP")]
internal sealed class LinkSetAttributeCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno error = PathArguments.Resolve(thread, PathLimits.WorkingDirectory, registers.Rdi, ResolveFlags.None, out VfsPath path);
        return error != Errno.Ok ? -(long)error : ExtendedAttributeArguments.Set(thread, path, registers.Rsi, registers.Rdx, registers.R10, (int)registers.R8);
    }
}

/// <summary>fsetxattr(2).</summary>
[SystemCall(190, "fsetxattr", Support.Some, "system.posix_acl_access and system.posix_acl_default: EOPNOTSUPP")]
internal sealed class FileSetAttributeCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno error = ExtendedAttributeArguments.Resolve(thread, (int)registers.Rdi, out VfsPath path);
        return error != Errno.Ok ? -(long)error : ExtendedAttributeArguments.Set(thread, path, registers.Rsi, registers.Rdx, registers.R10, (int)registers.R8);
    }
}

/// <summary>getxattr(2).</summary>
[SystemCall(191, "getxattr", Support.Some, "system.posix_acl_access and system.posix_acl_default: EOPNOTSUPP")]
internal sealed class GetAttributeCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno error = PathArguments.Resolve(thread, PathLimits.WorkingDirectory, registers.Rdi, ResolveFlags.Follow, out VfsPath path);
        return error != Errno.Ok ? -(long)error : ExtendedAttributeArguments.Get(thread, path, registers.Rsi, registers.Rdx, registers.R10);
    }
}

/// <summary>lgetxattr(2).</summary>
[SystemCall(192, "lgetxattr", Support.Some, "system.posix_acl_access and system.posix_acl_default: EOPNOTSUPP")]
internal sealed class LinkGetAttributeCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno error = PathArguments.Resolve(thread, PathLimits.WorkingDirectory, registers.Rdi, ResolveFlags.None, out VfsPath path);
        return error != Errno.Ok ? -(long)error : ExtendedAttributeArguments.Get(thread, path, registers.Rsi, registers.Rdx, registers.R10);
    }
}

/// <summary>fgetxattr(2).</summary>
[SystemCall(193, "fgetxattr", Support.Some, "system.posix_acl_access and system.posix_acl_default: EOPNOTSUPP")]
internal sealed class FileGetAttributeCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno error = ExtendedAttributeArguments.Resolve(thread, (int)registers.Rdi, out VfsPath path);
        return error != Errno.Ok ? -(long)error : ExtendedAttributeArguments.Get(thread, path, registers.Rsi, registers.Rdx, registers.R10);
    }
}

/// <summary>listxattr(2).</summary>
[SystemCall(194, "listxattr", Support.All)]
internal sealed class ListAttributesCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno error = PathArguments.Resolve(thread, PathLimits.WorkingDirectory, registers.Rdi, ResolveFlags.Follow, out VfsPath path);
        return error != Errno.Ok ? -(long)error : ExtendedAttributeArguments.List(thread, path, registers.Rsi, registers.Rdx);
    }
}

/// <summary>llistxattr(2).</summary>
[SystemCall(195, "llistxattr", Support.All)]
internal sealed class LinkListAttributesCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno error = PathArguments.Resolve(thread, PathLimits.WorkingDirectory, registers.Rdi, ResolveFlags.None, out VfsPath path);
        return error != Errno.Ok ? -(long)error : ExtendedAttributeArguments.List(thread, path, registers.Rsi, registers.Rdx);
    }
}

/// <summary>flistxattr(2).</summary>
[SystemCall(196, "flistxattr", Support.All)]
internal sealed class FileListAttributesCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno error = ExtendedAttributeArguments.Resolve(thread, (int)registers.Rdi, out VfsPath path);
        return error != Errno.Ok ? -(long)error : ExtendedAttributeArguments.List(thread, path, registers.Rsi, registers.Rdx);
    }
}

/// <summary>removexattr(2).</summary>
[SystemCall(197, "removexattr", Support.Some, "system.posix_acl_access and system.posix_acl_default: EOPNOTSUPP")]
internal sealed class RemoveAttributeCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno error = PathArguments.Resolve(thread, PathLimits.WorkingDirectory, registers.Rdi, ResolveFlags.Follow, out VfsPath path);
        return error != Errno.Ok ? -(long)error : ExtendedAttributeArguments.Remove(thread, path, registers.Rsi);
    }
}

/// <summary>lremovexattr(2).</summary>
[SystemCall(198, "lremovexattr", Support.Some, "system.posix_acl_access and system.posix_acl_default: EOPNOTSUPP")]
internal sealed class LinkRemoveAttributeCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno error = PathArguments.Resolve(thread, PathLimits.WorkingDirectory, registers.Rdi, ResolveFlags.None, out VfsPath path);
        return error != Errno.Ok ? -(long)error : ExtendedAttributeArguments.Remove(thread, path, registers.Rsi);
    }
}

/// <summary>fremovexattr(2).</summary>
[SystemCall(199, "fremovexattr", Support.Some, "system.posix_acl_access and system.posix_acl_default: EOPNOTSUPP")]
internal sealed class FileRemoveAttributeCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno error = ExtendedAttributeArguments.Resolve(thread, (int)registers.Rdi, out VfsPath path);
        return error != Errno.Ok ? -(long)error : ExtendedAttributeArguments.Remove(thread, path, registers.Rsi);
    }
}

/// <summary>name_to_handle_at(2). No file system here has handles.</summary>
[SystemCall(303, "name_to_handle_at", Support.All)]
internal sealed class NameToHandleCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        const int HandleId = 0x200;
        int flags = (int)registers.R8;
        if ((flags & ~(PathArguments.Follow | PathArguments.EmptyPath | HandleId)) != 0)
        {
            return -(long)Errno.EINVAL;
        }

        ResolveFlags how = ((flags & PathArguments.Follow) != 0 ? ResolveFlags.Follow : ResolveFlags.None) | ((flags & PathArguments.EmptyPath) != 0 ? ResolveFlags.AllowEmpty : ResolveFlags.None);
        Errno error = PathArguments.Resolve(thread, (int)registers.Rdi, registers.Rsi, how, out _);
        return -(long)(error == Errno.Ok ? Errno.EOPNOTSUPP : error);
    }
}
