using CosmosKernel.Abi;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.Events;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Events;

/// <summary>eventfd(2) without flags.</summary>
[SystemCall(284, "eventfd", Support.All)]
internal sealed class EventCounterCreate : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => EventCounterCreateWithFlags.Create((uint)registers.Rdi, 0);
}

/// <summary>eventfd(2).</summary>
[SystemCall(290, "eventfd2", Support.All)]
internal sealed class EventCounterCreateWithFlags : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers) => Create((uint)registers.Rdi, (int)registers.Rsi);

    /// <summary>Makes a counter and a descriptor for it.</summary>
    [MightSleep]
    public static long Create(uint count, int flags)
    {
        if ((flags & ~(EventConstants.EventSemaphore | (int)OpenFlags.NonBlocking | (int)OpenFlags.CloseOnExec)) != 0)
        {
            return -(long)Errno.EINVAL;
        }

        EventCounter file = new(count, (flags & EventConstants.EventSemaphore) != 0, (OpenFlags)flags & OpenFlags.NonBlocking);
        return FileTable.Current!.Add(file, (flags & (int)OpenFlags.CloseOnExec) != 0);
    }
}

/// <summary>timerfd_create(2).</summary>
[SystemCall(283, "timerfd_create", Support.Some, "CLOCK_REALTIME_ALARM and CLOCK_BOOTTIME_ALARM give EOPNOTSUPP: no device wakes a suspended machine.")]
internal sealed class TimerFileCreate : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int clock = (int)registers.Rdi;
        var flags = (OpenFlags)(int)registers.Rsi;
        if ((flags & ~(OpenFlags.NonBlocking | OpenFlags.CloseOnExec)) != 0)
        {
            return -(long)Errno.EINVAL;
        }

        if ((ClockId)clock is not (ClockId.Realtime or ClockId.Monotonic or ClockId.BootTime))
        {
            return -(long)(SystemClocks.IsAlarm(clock) ? Errno.EOPNOTSUPP : Errno.EINVAL);
        }

        return FileTable.Current!.Add(new TimerFile(SystemClocks.IsRealtime(clock), flags & OpenFlags.NonBlocking), (flags & OpenFlags.CloseOnExec) != 0);
    }
}

/// <summary>timerfd_settime(2).</summary>
[SystemCall(286, "timerfd_settime", Support.All)]
internal sealed class TimerFileSet : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int flags = (int)registers.Rsi;
        if (!new UserPointer<Itimerspec>(registers.Rdx).TryRead(out Itimerspec setting))
        {
            return -(long)Errno.EFAULT;
        }

        if ((flags & ~(TimerConstants.AbsoluteTime | TimerConstants.CancelOnSet)) != 0 || !setting.Value.IsValid || !setting.Interval.IsValid)
        {
            return -(long)Errno.EINVAL;
        }

        using FileReference file = FileTable.Current!.Get((int)registers.Rdi);
        if (file.File is not TimerFile timer)
        {
            return -(long)(file.File is null ? Errno.EBADF : Errno.EINVAL);
        }

        Errno result = timer.Set(
            setting.Value.ToNanoseconds(),
            setting.Interval.ToNanoseconds(),
            (flags & TimerConstants.AbsoluteTime) != 0,
            (flags & TimerConstants.CancelOnSet) != 0,
            out long value,
            out long interval);
        Itimerspec old = new(Timespec.FromNanoseconds(interval), Timespec.FromNanoseconds(value));
        return registers.R10 != 0 && !new UserPointer<Itimerspec>(registers.R10).TryWrite(old) ? -(long)Errno.EFAULT : -(long)result;
    }
}

/// <summary>timerfd_gettime(2).</summary>
[SystemCall(287, "timerfd_gettime", Support.All)]
internal sealed class TimerFileGet : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        using FileReference file = FileTable.Current!.Get((int)registers.Rdi);
        if (file.File is not TimerFile timer)
        {
            return -(long)(file.File is null ? Errno.EBADF : Errno.EINVAL);
        }

        timer.Get(out long value, out long interval);
        Itimerspec setting = new(Timespec.FromNanoseconds(interval), Timespec.FromNanoseconds(value));
        return new UserPointer<Itimerspec>(registers.Rsi).TryWrite(setting) ? 0 : -(long)Errno.EFAULT;
    }
}
