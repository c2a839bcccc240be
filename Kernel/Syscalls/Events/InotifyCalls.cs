using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.Notification;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Processes;
using CosmosKernel.Syscalls.Files;

namespace CosmosKernel.Syscalls.Events;

/// <summary>inotify_init(2).</summary>
[SystemCall(253, "inotify_init", Support.All)]
internal sealed class InotifyCreate : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => InotifyCreateWithFlags.Create(thread, OpenFlags.ReadOnly);
}

/// <summary>inotify_init1(2).</summary>
[SystemCall(294, "inotify_init1", Support.All)]
internal sealed class InotifyCreateWithFlags : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        var flags = (OpenFlags)(int)registers.Rdi;
        return (flags & ~(OpenFlags.NonBlocking | OpenFlags.CloseOnExec)) != 0 ? -(long)Errno.EINVAL : Create(thread, flags);
    }

    /// <summary>Makes an instance and a descriptor for it.</summary>
    [MightSleep]
    public static long Create(UserThread thread, OpenFlags flags)
    {
        Errno error = InotifyFile.Create(thread.Credentials.UserId, flags & OpenFlags.NonBlocking, out InotifyFile? file);
        return error == Errno.Ok ? thread.Files!.Add(file!, (flags & OpenFlags.CloseOnExec) != 0) : -(long)error;
    }
}

/// <summary>inotify_add_watch(2).</summary>
[SystemCall(254, "inotify_add_watch", Support.All)]
internal sealed class InotifyAddWatch : SystemCall
{
    private const NotifyEvents Known = NotifyEvents.All | NotifyEvents.Unmount | NotifyEvents.QueueOverflow | NotifyEvents.Ignored | NotifyEvents.OnlyDirectory | NotifyEvents.DontFollow
        | NotifyEvents.ExcludeUnlinked | NotifyEvents.MaskAdd | NotifyEvents.MaskCreate | NotifyEvents.IsDirectory | NotifyEvents.OneShot;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        var mask = (NotifyEvents)(uint)registers.Rdx;
        if ((mask & ~Known) != 0 || mask == NotifyEvents.None)
        {
            return -(long)Errno.EINVAL;
        }

        using FileReference reference = thread.Files!.Get((int)registers.Rdi);
        if (reference.File is not { IsPathOnly: false } file)
        {
            return -(long)Errno.EBADF;
        }

        const NotifyEvents Both = NotifyEvents.MaskAdd | NotifyEvents.MaskCreate;
        if (file is not InotifyFile instance || (mask & Both) == Both)
        {
            return -(long)Errno.EINVAL;
        }

        ResolveFlags how = (mask & NotifyEvents.DontFollow) != 0 ? ResolveFlags.None : ResolveFlags.Follow;
        how |= (mask & NotifyEvents.OnlyDirectory) != 0 ? ResolveFlags.Directory : ResolveFlags.None;
        while (true)
        {
            Errno error = PathArguments.Resolve(thread, PathLimits.WorkingDirectory, registers.Rsi, how, out VfsPath found);
            if (error == Errno.Ok)
            {
                error = Vfs.CheckAccess(found.Inode!, thread.Credentials, Vfs.Read);
            }

            if (error != Errno.Ok)
            {
                return -(long)error;
            }

            // Pinned, so that an inode that goes away meanwhile takes the new watch along. What is nowhere, such as a pipe, stays.
            bool isPlace = found.Mount is not null;
            if (isPlace && !found.TryPin())
            {
                continue;
            }

            try
            {
                return instance.Watch(found.Inode!, mask);
            }
            finally
            {
                if (isPlace)
                {
                    found.Unpin();
                }
            }
        }
    }
}

/// <summary>inotify_rm_watch(2).</summary>
[SystemCall(255, "inotify_rm_watch", Support.All)]
internal sealed class InotifyRemoveWatch : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        using FileReference reference = thread.Files!.Get((int)registers.Rdi);
        return reference.File is not { IsPathOnly: false } file ? -(long)Errno.EBADF : -(long)(file is InotifyFile instance ? instance.Unwatch((int)registers.Rsi) : Errno.EINVAL);
    }
}
