using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Time;

/// <summary>clock_gettime(2).</summary>
[SystemCall(228, "clock_gettime", Support.All)]
internal sealed class ClockGetTime : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno read = SystemClocks.TryRead((int)registers.Rdi, thread, out long now);
        if (read != Errno.Ok)
        {
            return -(long)read;
        }

        return new UserPointer<Timespec>(registers.Rsi).TryWrite(Timespec.FromNanoseconds(now)) ? 0 : -(long)Errno.EFAULT;
    }
}

/// <summary>clock_getres(2). All clocks count single nanoseconds.</summary>
[SystemCall(229, "clock_getres", Support.All)]
internal sealed class ClockGetResolution : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Errno read = SystemClocks.TryRead((int)registers.Rdi, thread, out _);
        if (read != Errno.Ok)
        {
            return -(long)read;
        }

        return registers.Rsi == 0 || new UserPointer<Timespec>(registers.Rsi).TryWrite(new Timespec(0, 1)) ? 0 : -(long)Errno.EFAULT;
    }
}

/// <summary>gettimeofday(2).</summary>
[SystemCall(96, "gettimeofday", Support.All)]
internal sealed class GetTimeOfDay : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        if (registers.Rdi != 0 && !new UserPointer<Timeval>(registers.Rdi).TryWrite(Timeval.FromNanoseconds(Clock.RealtimeNanoseconds)))
        {
            return -(long)Errno.EFAULT;
        }

        return registers.Rsi == 0 || new UserPointer<Timezone>(registers.Rsi).TryWrite(SystemTimezone.Value) ? 0 : -(long)Errno.EFAULT;
    }
}

/// <summary>time(2).</summary>
[SystemCall(201, "time", Support.All)]
internal sealed class TimeCall : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        long seconds = Clock.RealtimeNanoseconds / Timespec.PerSecond;
        return registers.Rdi == 0 || UserMemory.TryWrite(registers.Rdi, (ulong)seconds) ? seconds : -(long)Errno.EFAULT;
    }
}
