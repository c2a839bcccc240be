using System;
using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Syscalls.Signals;

/// <summary>rt_sigsuspend(2).</summary>
[SystemCall(130, "rt_sigsuspend", Support.All)]
internal sealed class RtSigsuspend : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        if (registers.Rsi != SignalSet.Bytes)
        {
            return -(long)Errno.EINVAL;
        }

        if (!UserMemory.TryRead(registers.Rdi, out ulong bits))
        {
            return -(long)Errno.EFAULT;
        }

        SignalMasks.SetForCall(thread, new SignalSet(bits));
        SignalWait.Pause(thread);
        return -(long)Errno.ERESTARTNOHAND;
    }
}

/// <summary>pause(2).</summary>
[SystemCall(34, "pause", Support.All)]
internal sealed class Pause : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        SignalWait.Pause(thread);
        return -(long)Errno.ERESTARTNOHAND;
    }
}

/// <summary>rt_sigtimedwait(2).</summary>
[SystemCall(128, "rt_sigtimedwait", Support.All)]
internal sealed class RtSigtimedwait : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        if (registers.R10 != SignalSet.Bytes)
        {
            return -(long)Errno.EINVAL;
        }

        if (!UserMemory.TryRead(registers.Rdi, out ulong bits))
        {
            return -(long)Errno.EFAULT;
        }

        ulong deadline = Scheduler.Never;
        if (registers.Rdx != 0)
        {
            if (!new UserPointer<Timespec>(registers.Rdx).TryRead(out Timespec timeout))
            {
                return -(long)Errno.EFAULT;
            }

            if (!timeout.IsValid)
            {
                return -(long)Errno.EINVAL;
            }

            ulong span = (ulong)timeout.ToNanoseconds();
            ulong now = Clock.MonotonicNanoseconds;
            deadline = span == 0 ? 0 : span < Scheduler.Never - now ? now + span : Scheduler.Never;
        }

        Errno error = SignalWait.Take(thread, new SignalSet(bits), deadline, out SignalInfo info);
        if (error != Errno.Ok)
        {
            return -(long)error;
        }

        return registers.Rsi == 0 || UserSignalInfo.TryWrite(registers.Rsi, info) ? info.Number : -(long)Errno.EFAULT;
    }
}

/// <summary>restart_syscall(2): goes on with what an interrupted call has left.</summary>
[SystemCall(219, "restart_syscall", Support.All)]
internal sealed class RestartSyscall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => thread.Restart is { } restart ? restart.Invoke(thread) : -(long)Errno.EINTR;
}
