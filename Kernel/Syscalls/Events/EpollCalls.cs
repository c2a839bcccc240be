using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Events;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Events;

/// <summary>epoll_create(2).</summary>
[SystemCall(213, "epoll_create", Support.All)]
internal sealed class EpollCreate : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
        => (int)registers.Rdi <= 0 ? -(long)Errno.EINVAL : FileTable.Current!.Add(new EpollFile(), closeOnExec: false);
}

/// <summary>epoll_create1(2).</summary>
[SystemCall(291, "epoll_create1", Support.All)]
internal sealed class EpollCreateWithFlags : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        var flags = (OpenFlags)(int)registers.Rdi;
        return (flags & ~OpenFlags.CloseOnExec) != 0
            ? -(long)Errno.EINVAL
            : FileTable.Current!.Add(new EpollFile(), (flags & OpenFlags.CloseOnExec) != 0);
    }
}

/// <summary>epoll_ctl(2). EPOLLWAKEUP is accepted, and nothing suspends the machine.</summary>
[SystemCall(233, "epoll_ctl", Support.All)]
internal sealed class EpollControl : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int operation = (int)registers.Rsi;
        EpollEvent wanted = default;
        if (operation != EventConstants.EpollDelete && !new UserPointer<EpollEvent>(registers.R10).TryRead(out wanted))
        {
            return -(long)Errno.EFAULT;
        }

        using FileReference watcher = FileTable.Current!.Get((int)registers.Rdi);
        using FileReference watched = FileTable.Current!.Get((int)registers.Rdx);
        if (watcher.File is null || watched.File is null)
        {
            return -(long)Errno.EBADF;
        }

        return watcher.File is EpollFile epoll ? -(long)epoll.Control(operation, (int)registers.Rdx, watched.File, wanted) : -(long)Errno.EINVAL;
    }
}

/// <summary>epoll_wait(2).</summary>
[SystemCall(232, "epoll_wait", Support.All)]
internal sealed class EpollWait : SystemCall
{
    // As many as fit into 2 GiB.
    private const int MostEvents = int.MaxValue / 12;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => Wait(thread, ref registers, CallTimeout.FromMilliseconds((int)registers.R10));

    /// <summary>Waits for events of the epoll in the first register, for as many as the third says.</summary>
    [MightSleep]
    public static long Wait(UserThread thread, ref UserRegisters registers, in CallTimeout timeout)
    {
        int maximum = (int)registers.Rdx;
        if (maximum is <= 0 or > MostEvents)
        {
            return -(long)Errno.EINVAL;
        }

        if (!UserMemory.IsRange(registers.Rsi, (ulong)maximum * (ulong)UserPointer<EpollEvent>.Size))
        {
            return -(long)Errno.EFAULT;
        }

        using FileReference file = FileTable.Current!.Get((int)registers.Rdi);
        if (file.File is not EpollFile epoll)
        {
            return -(long)(file.File is null ? Errno.EBADF : Errno.EINVAL);
        }

        WaitClock.Set(thread, timeout.End, isRealtime: false);
        long result = epoll.Wait(new UserPointer<EpollEvent>(registers.Rsi), maximum, thread.Deadline, timeout.MayWait);
        thread.Deadline.Clear();
        return result;
    }
}

/// <summary>epoll_pwait(2).</summary>
[SystemCall(281, "epoll_pwait", Support.All)]
internal sealed class EpollWaitWithMask : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno error = CallMask.Begin(thread, registers.R8, registers.R9);
        return error == Errno.Ok ? CallMask.End(thread, EpollWait.Wait(thread, ref registers, CallTimeout.FromMilliseconds((int)registers.R10))) : -(long)error;
    }
}

/// <summary>epoll_pwait2(2).</summary>
[SystemCall(441, "epoll_pwait2", Support.All)]
internal sealed class EpollWaitPrecise : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno error = CallTimeout.TryRead(registers.R10, out CallTimeout timeout);
        if (error == Errno.Ok)
        {
            error = CallMask.Begin(thread, registers.R8, registers.R9);
        }

        return error == Errno.Ok ? CallMask.End(thread, EpollWait.Wait(thread, ref registers, timeout)) : -(long)error;
    }
}
