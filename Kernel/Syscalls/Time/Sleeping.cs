using CosmosKernel.Abi;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Machine.UserMode;
using CosmosKernel.Memory.User;
using CosmosKernel.Processes;

namespace CosmosKernel.Syscalls.Time;

/// <summary>nanosleep(2).</summary>
[SystemCall(35, "nanosleep", Support.All)]
internal sealed class Nanosleep : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        if (!new UserPointer<Timespec>(registers.Rdi).TryRead(out Timespec time))
        {
            return -(long)Errno.EFAULT;
        }

        return time.IsValid ? SleepRestart.Sleep(thread, WaitClock.After(time.ToNanoseconds()), new UserPointer<Timespec>(registers.Rsi)) : -(long)Errno.EINVAL;
    }
}

/// <summary>clock_nanosleep(2).</summary>
[SystemCall(230, "clock_nanosleep", Support.Some, "CLOCK_REALTIME_ALARM and CLOCK_BOOTTIME_ALARM give EOPNOTSUPP: no device wakes a suspended machine.")]
internal sealed class ClockNanosleep : SystemCall
{
    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread, ref UserRegisters registers)
    {
        int clock = (int)registers.Rdi;
        bool isAbsolute = ((int)registers.Rsi & TimerConstants.AbsoluteTime) != 0;
        Errno known = SystemClocks.TryRead(clock, thread, out _);
        if (known != Errno.Ok || (ClockId)clock == ClockId.ThreadCpuTime)
        {
            return -(long)Errno.EINVAL;
        }

        bool isCpuClock = SystemClocks.TryFindCpuClock(clock, thread, out CpuClock cpuClock) == Errno.Ok;
        if (!isCpuClock && !SystemClocks.CanWait(clock))
        {
            return -(long)Errno.EOPNOTSUPP;
        }

        if (!new UserPointer<Timespec>(registers.Rdx).TryRead(out Timespec time))
        {
            return -(long)Errno.EFAULT;
        }

        if (!time.IsValid)
        {
            return -(long)Errno.EINVAL;
        }

        var remaining = new UserPointer<Timespec>(registers.R10);
        if (isCpuClock)
        {
            if (ReferenceEquals(cpuClock.Thread, thread))
            {
                // It would wait for its own time to pass, which stands still meanwhile.
                return -(long)Errno.EINVAL;
            }

            ulong end = (ulong)time.ToNanoseconds() + (isAbsolute ? 0 : cpuClock.Read());
            return CpuSleepRestart.Sleep(thread, cpuClock, end, remaining, isAbsolute);
        }

        if (!isAbsolute)
        {
            return SleepRestart.Sleep(thread, WaitClock.After(time.ToNanoseconds()), remaining);
        }

        return ThreadSleep.TryUntil(thread, time.ToNanoseconds(), SystemClocks.IsRealtime(clock)) ? 0 : -(long)Errno.ERESTARTNOHAND;
    }
}

/// <summary>A sleep for a length of time that goes on after a signal without handler: to the same end.</summary>
internal sealed class SleepRestart : RestartBlock
{
    private readonly long _end;
    private readonly UserPointer<Timespec> _remaining;

    private SleepRestart(long end, UserPointer<Timespec> remaining)
    {
        _end = end;
        _remaining = remaining;
    }

    /// <summary>Sleeps, and prepares the restart if a signal comes.</summary>
    /// <param name="thread">The running thread.</param>
    /// <param name="end">Nanoseconds on the monotonic clock.</param>
    /// <param name="remaining">Where to say what is left, unless null.</param>
    [MightSleep]
    public static long Sleep(UserThread thread, long end, UserPointer<Timespec> remaining)
    {
        if (ThreadSleep.TryUntil(thread, end, isRealtime: false))
        {
            return 0;
        }

        long left = end - (long)Clock.MonotonicNanoseconds;
        if (left <= 0)
        {
            return 0;
        }

        if (!remaining.IsNull && !remaining.TryWrite(Timespec.FromNanoseconds(left)))
        {
            return -(long)Errno.EFAULT;
        }

        thread.Restart = new SleepRestart(end, remaining);
        return -(long)Errno.ERESTART_RESTARTBLOCK;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread) => Sleep(thread, _end, _remaining);
}

/// <summary>A sleep on a CPU-time clock that goes on after a signal without handler.</summary>
internal sealed class CpuSleepRestart : RestartBlock
{
    private readonly CpuClock _clock;
    private readonly ulong _end;
    private readonly UserPointer<Timespec> _remaining;

    private CpuSleepRestart(in CpuClock clock, ulong end, UserPointer<Timespec> remaining)
    {
        _clock = clock;
        _end = end;
        _remaining = remaining;
    }

    /// <summary>Sleeps, and prepares the restart if a signal comes.</summary>
    [MightSleep]
    public static long Sleep(UserThread thread, in CpuClock clock, ulong end, UserPointer<Timespec> remaining, bool isAbsolute)
    {
        if (ThreadSleep.TryUntil(thread, clock, end))
        {
            return 0;
        }

        if (isAbsolute)
        {
            return -(long)Errno.ERESTARTNOHAND;
        }

        ulong now = clock.Read();
        if (!remaining.IsNull && !remaining.TryWrite(Timespec.FromNanoseconds(end > now ? (long)(end - now) : 0)))
        {
            return -(long)Errno.EFAULT;
        }

        thread.Restart = new CpuSleepRestart(clock, end, remaining);
        return -(long)Errno.ERESTART_RESTARTBLOCK;
    }

    /// <inheritdoc/>
    [MightSleep]
    public override long Invoke(UserThread thread) => Sleep(thread, _clock, _end, _remaining, isAbsolute: false);
}
