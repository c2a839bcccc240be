using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;
using CosmosKernel.Tasks.Time;

namespace CosmosKernel.Syscalls.Time;

/// <summary>clock_settime(2).</summary>
[SystemCall(227, "clock_settime", Support.All)]
internal sealed class ClockSetTime : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int clock = (int)registers.Rdi;
        if ((ClockId)clock != ClockId.Realtime)
        {
            // CPU-time clocks that exist are nobody's to set; others cannot be set at all.
            return -(long)(clock < 0 && SystemClocks.TryFindCpuClock(clock, thread, out _) == Errno.Ok ? Errno.EPERM : Errno.EINVAL);
        }

        return new UserPointer<Timespec>(registers.Rsi).TryRead(out Timespec time) ? Set(time) : -(long)Errno.EFAULT;
    }

    /// <summary>Sets real time.</summary>
    public static long Set(Timespec time)
    {
        if (!time.IsValid || time.ToNanoseconds() == long.MaxValue)
        {
            return -(long)Errno.EINVAL;
        }

        if (!Credentials.Current.Has(Capability.SysTime))
        {
            return -(long)Errno.EPERM;
        }

        // It must not be less than monotonic time: the kernel would have begun before 1970.
        if (time.ToNanoseconds() < (long)Clock.MonotonicNanoseconds)
        {
            return -(long)Errno.EINVAL;
        }

        RealtimeClock.Set(time.ToNanoseconds());
        return 0;
    }
}

/// <summary>settimeofday(2).</summary>
[SystemCall(164, "settimeofday", Support.All)]
internal sealed class SetTimeOfDay : SystemCall
{
    private const int MostMinutesWest = 15 * 60;

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        Timeval time = default;
        Timezone zone = default;
        if ((registers.Rdi != 0 && !new UserPointer<Timeval>(registers.Rdi).TryRead(out time))
            || (registers.Rsi != 0 && !new UserPointer<Timezone>(registers.Rsi).TryRead(out zone)))
        {
            return -(long)Errno.EFAULT;
        }

        if (registers.Rdi != 0 && !time.IsValid)
        {
            return -(long)Errno.EINVAL;
        }

        if (!Credentials.Current.Has(Capability.SysTime))
        {
            return -(long)Errno.EPERM;
        }

        if (registers.Rsi != 0)
        {
            if (zone.MinutesWest is < -MostMinutesWest or > MostMinutesWest)
            {
                return -(long)Errno.EINVAL;
            }

            SystemTimezone.Value = zone;
        }

        return registers.Rdi == 0 ? 0 : ClockSetTime.Set(time.ToTimespec());
    }
}
