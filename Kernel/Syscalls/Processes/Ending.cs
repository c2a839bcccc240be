using System.Runtime.InteropServices;
using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Processes;

/// <summary>exit(2): the thread ends.</summary>
[SystemCall(60, "exit", Support.All)]
internal sealed class Exit : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        ThreadExit.Request(thread, (int)registers.Rdi);
        return 0;
    }
}

/// <summary>exit_group(2): the process ends.</summary>
[SystemCall(231, "exit_group", Support.All)]
internal sealed class ExitGroup : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        ThreadExit.RequestAll(thread.Process, (int)registers.Rdi);
        return 0;
    }
}

/// <summary>wait4(2).</summary>
[SystemCall(61, "wait4", Support.All)]
internal sealed class Wait4 : SystemCall
{
    private const int Known = WaitOptions.WNOHANG | WaitOptions.WUNTRACED | WaitOptions.WCONTINUED | WaitOptions.__WNOTHREAD | WaitOptions.__WCLONE | WaitOptions.__WALL;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int id = (int)registers.Rdi;
        int options = (int)registers.Rdx;
        if ((options & ~Known) != 0)
        {
            return -(long)Errno.EINVAL;
        }

        if (id == int.MinValue)
        {
            return -(long)Errno.ESRCH;
        }

        (int kind, int which) = id switch
        {
            -1 => (WaitOptions.P_ALL, 0),
            > 0 => (WaitOptions.P_PID, id),
            0 => (WaitOptions.P_PGID, thread.Process.Group.Id),
            _ => (WaitOptions.P_PGID, -id),
        };
        Errno error = ChildWait.Wait(thread, new ChildQuery(kind, which, options | WaitOptions.WEXITED), out WaitedChild found);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        if (found.Id != 0)
        {
            if (registers.Rsi != 0 && !UserMemory.TryWrite(registers.Rsi, (uint)found.Status))
            {
                return -(long)Errno.EFAULT;
            }

            if (registers.R10 != 0 && !new UserPointer<ResourceUsage>(registers.R10).TryWrite(found.Usage.ToAbi()))
            {
                return -(long)Errno.EFAULT;
            }
        }

        return found.Id;
    }
}

/// <summary>waitid(2).</summary>
[SystemCall(247, "waitid", Support.All)]
internal sealed class WaitId : SystemCall
{
    private const int Known = WaitOptions.WNOHANG | WaitOptions.WSTOPPED | WaitOptions.WEXITED | WaitOptions.WCONTINUED | WaitOptions.WNOWAIT
        | WaitOptions.__WNOTHREAD | WaitOptions.__WCLONE | WaitOptions.__WALL;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int kind = (int)registers.Rdi;
        int id = (int)registers.Rsi;
        int options = (int)registers.R10;
        if ((options & ~Known) != 0 || (options & (WaitOptions.WEXITED | WaitOptions.WSTOPPED | WaitOptions.WCONTINUED)) == 0)
        {
            return -(long)Errno.EINVAL;
        }

        bool noWait = false;
        if (kind == WaitOptions.P_PIDFD)
        {
            if (id < 0)
            {
                return -(long)Errno.EINVAL;
            }

            using FileReference reference = thread.Files!.Get(id);
            if (reference.File is not ProcessFile file)
            {
                return -(long)Errno.EBADF;
            }

            if (file.Process.IsCollected)
            {
                // Its number may be that of another child by now.
                return -(long)Errno.ECHILD;
            }

            kind = WaitOptions.P_PID;
            id = file.Process.Id;
            noWait = file.IsNonBlocking && (options & WaitOptions.WNOHANG) == 0;
            options |= noWait ? WaitOptions.WNOHANG : 0;
        }

        switch (kind)
        {
            case WaitOptions.P_ALL:
                break;
            case WaitOptions.P_PID when id > 0:
                break;
            case WaitOptions.P_PGID when id >= 0:
                id = id == 0 ? thread.Process.Group.Id : id;
                break;
            default:
                return -(long)Errno.EINVAL;
        }

        Errno error = ChildWait.Wait(thread, new ChildQuery(kind, id, options), out WaitedChild found);
        if (error == Errno.Ok && noWait && found.Id == 0)
        {
            error = Errno.EAGAIN;
        }

        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        if (found.Id != 0 && registers.R8 != 0 && !new UserPointer<ResourceUsage>(registers.R8).TryWrite(found.Usage.ToAbi()))
        {
            return -(long)Errno.EFAULT;
        }

        return registers.Rdx == 0 || TryWriteInfo(registers.Rdx, found) ? 0 : -(long)Errno.EFAULT;
    }

    // Only the fields that waitid(2) names are written; times are not among them.
    [MightSleep]
    private static bool TryWriteInfo([UserAddress] ulong address, in WaitedChild found)
    {
        int signal = found.Id == 0 ? 0 : Signal.SIGCHLD;
        return UserMemory.TryWrite(address, (uint)signal)
            && UserMemory.TryWrite(address + 4, 0u)
            && UserMemory.TryWrite(address + 8, (uint)found.Code)
            && UserMemory.TryWrite(address + 16, (uint)found.Id)
            && UserMemory.TryWrite(address + 20, found.Uid)
            && UserMemory.TryWrite(address + 24, (uint)found.Value);
    }
}
