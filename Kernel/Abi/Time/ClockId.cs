namespace CosmosKernel.Abi;

/// <summary>Clocks of Linux (clock_gettime(2)). Negative numbers are CPU-time clocks of a process or thread, or of an open clock device.</summary>
public enum ClockId
{
    /// <summary>Real time; may be set.</summary>
    Realtime = 0,

    /// <summary>Time since boot, without that in suspend.</summary>
    Monotonic = 1,

    /// <summary>CPU time of all threads of the process.</summary>
    ProcessCpuTime = 2,

    /// <summary>CPU time of the thread.</summary>
    ThreadCpuTime = 3,

    /// <summary>Monotonic, never adjusted in its rate.</summary>
    MonotonicRaw = 4,

    /// <summary>Real time of the last tick.</summary>
    RealtimeCoarse = 5,

    /// <summary>Monotonic time of the last tick.</summary>
    MonotonicCoarse = 6,

    /// <summary>Time since boot, with that in suspend.</summary>
    BootTime = 7,

    /// <summary>Real time, whose timers wake a suspended machine.</summary>
    RealtimeAlarm = 8,

    /// <summary>Boot time, whose timers wake a suspended machine.</summary>
    BootTimeAlarm = 9,

    /// <summary>International atomic time.</summary>
    Tai = 11,
}
