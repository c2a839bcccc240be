using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Processes;

// What RLIMIT_RTTIME looks at.
public sealed partial class UserThread
{
    /// <summary>Voluntary switches when it was seen last that it had blocked, or had no real-time policy.</summary>
    [GuardedBy(typeof(Process), nameof(Process.SignalLock))]
    internal long RealTimeSwitches { get; set; } = -1;

    /// <summary>Its CPU time at the last look, nanoseconds.</summary>
    [GuardedBy(typeof(Process), nameof(Process.SignalLock))]
    internal ulong RealTimeSeen { get; set; }

    /// <summary>What it has used since without blocking, nanoseconds.</summary>
    [GuardedBy(typeof(Process), nameof(Process.SignalLock))]
    internal ulong RealTimeUsed { get; set; }

    /// <summary>How often it got SIGXCPU since.</summary>
    [GuardedBy(typeof(Process), nameof(Process.SignalLock))]
    internal ulong RealTimeWarnings { get; set; }
}
