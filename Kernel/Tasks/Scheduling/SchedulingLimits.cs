using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks.Scheduling;

/// <summary>
/// What an administrator tunes, in nanoseconds: Linux's sched_rt_runtime_us, sched_rt_period_us and sched_rr_timeslice_ms (sched(7)). Set by boot options
/// before other CPUs start, or later by a task; a CPU sees a change of the limit when its next period begins.
/// </summary>
public static class SchedulingLimits
{
    /// <summary>No limit for real-time tasks.</summary>
    public const ulong Unlimited = ulong.MaxValue;

    [Atomic]
    private static ulong s_realTimeRuntime;

    [Atomic]
    private static ulong s_realTimePeriod;

    [Atomic]
    private static ulong s_roundRobinSlice;

    /// <summary>Sets what holds if nobody says otherwise. Once, at boot.</summary>
    internal static void Initialize()
    {
        RealTimeRuntime = 950_000_000;
        RealTimePeriod = 1_000_000_000;
        RoundRobinSlice = 100_000_000;
    }

    /// <summary>CPU time that real-time tasks may use in each period on a CPU while others wait, or <see cref="Unlimited"/>.</summary>
    public static ulong RealTimeRuntime
    {
        get => Volatile.Read(ref s_realTimeRuntime);
        set => Volatile.Write(ref s_realTimeRuntime, value);
    }

    /// <summary>Length of the period that limits real-time tasks; not 0.</summary>
    public static ulong RealTimePeriod
    {
        get => Volatile.Read(ref s_realTimePeriod);
        set => Volatile.Write(ref s_realTimePeriod, value == 0 ? 1 : value);
    }

    /// <summary>Slice of a round-robin task.</summary>
    public static ulong RoundRobinSlice
    {
        get => Volatile.Read(ref s_roundRobinSlice);
        set => Volatile.Write(ref s_roundRobinSlice, value == 0 ? 1 : value);
    }
}
