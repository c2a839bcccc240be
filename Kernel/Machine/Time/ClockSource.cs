namespace CosmosKernel.Machine.Time;

/// <summary>What the monotonic clock counts.</summary>
public enum ClockSource
{
    /// <summary>Nothing yet: the clock stands at 0.</summary>
    None,

    /// <summary>The CPUs' time-stamp counters.</summary>
    Tsc,

    /// <summary>The HPET's main counter.</summary>
    Hpet,

    /// <summary>The ACPI power management timer.</summary>
    PmTimer,
}
