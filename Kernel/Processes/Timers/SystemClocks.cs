using CosmosKernel.Abi;
using CosmosKernel.Machine.Time;
using CosmosKernel.Tasks;

namespace CosmosKernel.Processes;

/// <summary>The clocks of clock_gettime(2), by their numbers. Task context.</summary>
public static class SystemClocks
{
    // A negative number: the inverted id of a process or thread, and in the low bits what is measured and whether it is a thread.
    private const int IdShift = 3;
    private const int ThreadBit = 4;
    private const int KindMask = 3;
    private const int KindOfDevice = 3;

    /// <summary>CPU-time clocks that measure all time, time in user mode, and what is scheduled.</summary>
    public const int KindAll = 0;

    /// <summary>Time in user mode.</summary>
    public const int KindUser = 1;

    /// <summary>All time, exactly.</summary>
    public const int KindExact = 2;

    /// <summary>The number is that of a clock that reads real time.</summary>
    public static bool IsRealtime(int clock) => (ClockId)clock is ClockId.Realtime or ClockId.RealtimeAlarm or ClockId.RealtimeCoarse or ClockId.Tai;

    /// <summary>The number is that of a clock that reads monotonic time; nothing suspends the machine, so there is but one.</summary>
    public static bool IsMonotonic(int clock) => (ClockId)clock is ClockId.Monotonic or ClockId.MonotonicRaw or ClockId.MonotonicCoarse or ClockId.BootTime or ClockId.BootTimeAlarm;

    /// <summary>Timers and sleeps can use it, CPU-time clocks apart.</summary>
    public static bool CanWait(int clock) => (ClockId)clock is ClockId.Realtime or ClockId.Monotonic or ClockId.BootTime or ClockId.Tai;

    /// <summary>The clock would wake a suspended machine, for which there is no device.</summary>
    public static bool IsAlarm(int clock) => (ClockId)clock is ClockId.RealtimeAlarm or ClockId.BootTimeAlarm;

    /// <summary>Reads a clock.</summary>
    /// <param name="clock">Its number.</param>
    /// <param name="caller">The running thread.</param>
    /// <param name="nanoseconds">What it says.</param>
    /// <returns>Ok; EINVAL: there is no such clock.</returns>
    public static Errno TryRead(int clock, UserThread caller, out long nanoseconds)
    {
        if (IsMonotonic(clock))
        {
            nanoseconds = (long)Clock.MonotonicNanoseconds;
            return Errno.Ok;
        }

        if (IsRealtime(clock))
        {
            nanoseconds = Clock.RealtimeNanoseconds;
            return Errno.Ok;
        }

        Errno found = TryFindCpuClock(clock, caller, out CpuClock cpuClock);
        nanoseconds = found == Errno.Ok ? (long)cpuClock.Read() : 0;
        return found;
    }

    /// <summary>Finds whose CPU time a clock counts.</summary>
    /// <param name="clock">Its number.</param>
    /// <param name="caller">The running thread.</param>
    /// <param name="found">The clock.</param>
    /// <returns>Ok; EINVAL: it is no CPU-time clock, or there is no such process or thread, or the thread is another process's.</returns>
    public static Errno TryFindCpuClock(int clock, UserThread caller, out CpuClock found)
    {
        found = default;
        if ((ClockId)clock == ClockId.ProcessCpuTime)
        {
            found = new CpuClock(caller.Process, null, KindExact);
            return Errno.Ok;
        }

        if ((ClockId)clock == ClockId.ThreadCpuTime)
        {
            found = new CpuClock(caller.Process, caller, KindExact);
            return Errno.Ok;
        }

        int kind = clock & KindMask;
        if (clock >= 0 || kind == KindOfDevice)
        {
            return Errno.EINVAL;
        }

        int id = ~(clock >> IdShift);
        if ((clock & ThreadBit) != 0)
        {
            UserThread? thread = id == 0 ? caller : ProcessTable.FindThread(id);
            if (thread is null || !ReferenceEquals(thread.Process, caller.Process))
            {
                return Errno.EINVAL;
            }

            found = new CpuClock(thread.Process, thread, kind);
            return Errno.Ok;
        }

        Process? process = id == 0 ? caller.Process : ProcessTable.Find(id);
        if (process is null)
        {
            return Errno.EINVAL;
        }

        found = new CpuClock(process, null, kind);
        return Errno.Ok;
    }
}
