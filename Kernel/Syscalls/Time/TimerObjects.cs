using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Time;

/// <summary>timer_create(2).</summary>
[SystemCall(222, "timer_create", Support.Some, "CLOCK_REALTIME_ALARM and CLOCK_BOOTTIME_ALARM give EOPNOTSUPP: no device wakes a suspended machine.")]
internal sealed class TimerCreate : SystemCall
{
    private const int LastSignal = 64;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int clock = (int)registers.Rdi;
        if (SystemClocks.TryRead(clock, thread, out _) != Errno.Ok)
        {
            return -(long)Errno.EINVAL;
        }

        CpuClock? cpuClock = SystemClocks.TryFindCpuClock(clock, thread, out CpuClock found) == Errno.Ok ? found : null;
        if (cpuClock is null && !SystemClocks.CanWait(clock))
        {
            return -(long)Errno.EOPNOTSUPP;
        }

        SignalEvent? notice = null;
        UserThread? target = null;
        if (registers.Rsi != 0)
        {
            if (!new UserPointer<SignalEvent>(registers.Rsi).TryRead(out SignalEvent given))
            {
                return -(long)Errno.EFAULT;
            }

            if (!IsValid(thread, given, out target))
            {
                return -(long)Errno.EINVAL;
            }

            notice = given;
        }

        Errno made = thread.Process.CreateTimer(clock, cpuClock, target, notice, out int id);
        if (made != Errno.Ok)
        {
            return -(long)made;
        }

        if (!UserMemory.TryWrite(registers.Rdx, (uint)id))
        {
            thread.Process.DeleteTimer(id);
            return -(long)Errno.EFAULT;
        }

        return 0;
    }

    private static bool IsValid(UserThread thread, in SignalEvent given, out UserThread? target)
    {
        target = null;
        switch (given.Notify)
        {
            case TimerConstants.NotifyNone:
                return true;
            case TimerConstants.NotifySignal or TimerConstants.NotifyThread:
                return given.Signal is > 0 and <= LastSignal;
            case TimerConstants.NotifyThreadId or (TimerConstants.NotifyThreadId | TimerConstants.NotifyThread):
                target = ProcessTable.FindThread(given.ThreadId);
                return given.Signal is > 0 and <= LastSignal && target is not null && ReferenceEquals(target.Process, thread.Process);
            default:
                return false;
        }
    }
}

/// <summary>timer_settime(2).</summary>
[SystemCall(223, "timer_settime", Support.All)]
internal sealed class TimerSet : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        if (registers.Rdx == 0)
        {
            return -(long)Errno.EINVAL;
        }

        if (!new UserPointer<Itimerspec>(registers.Rdx).TryRead(out Itimerspec setting))
        {
            return -(long)Errno.EFAULT;
        }

        if (!setting.Value.IsValid || !setting.Interval.IsValid)
        {
            return -(long)Errno.EINVAL;
        }

        bool isAbsolute = ((int)registers.Rsi & TimerConstants.AbsoluteTime) != 0;
        Errno result = thread.Process.SetTimer(
            (int)registers.Rdi, setting.Value.ToNanoseconds(), setting.Interval.ToNanoseconds(), isAbsolute, out long value, out long interval);
        if (result != Errno.Ok)
        {
            return -(long)result;
        }

        Itimerspec old = new(Timespec.FromNanoseconds(interval), Timespec.FromNanoseconds(value));
        return registers.R10 == 0 || new UserPointer<Itimerspec>(registers.R10).TryWrite(old) ? 0 : -(long)Errno.EFAULT;
    }
}

/// <summary>timer_gettime(2).</summary>
[SystemCall(224, "timer_gettime", Support.All)]
internal sealed class TimerGet : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno result = thread.Process.GetTimer((int)registers.Rdi, out long value, out long interval);
        if (result != Errno.Ok)
        {
            return -(long)result;
        }

        Itimerspec setting = new(Timespec.FromNanoseconds(interval), Timespec.FromNanoseconds(value));
        return new UserPointer<Itimerspec>(registers.Rsi).TryWrite(setting) ? 0 : -(long)Errno.EFAULT;
    }
}

/// <summary>timer_getoverrun(2).</summary>
[SystemCall(225, "timer_getoverrun", Support.All)]
internal sealed class TimerGetOverrun : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => thread.Process.GetTimerOverruns((int)registers.Rdi);
}

/// <summary>timer_delete(2).</summary>
[SystemCall(226, "timer_delete", Support.All)]
internal sealed class TimerDelete : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => -(long)thread.Process.DeleteTimer((int)registers.Rdi);
}
