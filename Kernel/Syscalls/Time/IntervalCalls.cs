using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Time;

/// <summary>alarm(2).</summary>
[SystemCall(37, "alarm", Support.All)]
internal sealed class Alarm : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        long value = (uint)registers.Rdi * Timespec.PerSecond;
        thread.Process.SetInterval(TimerConstants.IntervalReal, value, 0, out long old, out _);

        // Rounded to the nearest second, but what runs is not 0.
        long seconds = (old + (Timespec.PerSecond / 2)) / Timespec.PerSecond;
        return old > 0 && seconds == 0 ? 1 : seconds;
    }
}

/// <summary>getitimer(2).</summary>
[SystemCall(36, "getitimer", Support.All)]
internal sealed class GetInterval : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int which = (int)registers.Rdi;
        if (which is < TimerConstants.IntervalReal or > TimerConstants.IntervalProfile)
        {
            return -(long)Errno.EINVAL;
        }

        thread.Process.GetInterval(which, out long value, out long interval);
        Itimerval setting = new(Timeval.FromNanoseconds(interval), Timeval.FromNanoseconds(value));
        return new UserPointer<Itimerval>(registers.Rsi).TryWrite(setting) ? 0 : -(long)Errno.EFAULT;
    }
}

/// <summary>setitimer(2).</summary>
[SystemCall(38, "setitimer", Support.All)]
internal sealed class SetInterval : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int which = (int)registers.Rdi;
        Itimerval setting = default;
        if (registers.Rsi != 0 && !new UserPointer<Itimerval>(registers.Rsi).TryRead(out setting))
        {
            return -(long)Errno.EFAULT;
        }

        if (which is < TimerConstants.IntervalReal or > TimerConstants.IntervalProfile || !setting.Value.IsValid || !setting.Interval.IsValid)
        {
            return -(long)Errno.EINVAL;
        }

        thread.Process.SetInterval(
            which, setting.Value.ToTimespec().ToNanoseconds(), setting.Interval.ToTimespec().ToNanoseconds(), out long value, out long interval);
        Itimerval old = new(Timeval.FromNanoseconds(interval), Timeval.FromNanoseconds(value));
        return registers.Rdx == 0 || new UserPointer<Itimerval>(registers.Rdx).TryWrite(old) ? 0 : -(long)Errno.EFAULT;
    }
}
