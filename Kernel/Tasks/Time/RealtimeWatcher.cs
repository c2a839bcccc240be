using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Tasks.Time;

/// <summary>
/// Something that waits for a moment of real time. Sleeps and timers wait on the monotonic clock, so when real time is set they have to be reckoned anew. Derive from it, and let
/// <see cref="RealtimeClock"/> know it as long as it waits.
/// </summary>
public abstract class RealtimeWatcher
{
    /// <summary>The next that waits.</summary>
    [GuardedBy(typeof(RealtimeClock), "s_lock")]
    internal RealtimeWatcher? Next { get; set; }

    /// <summary>The previous one.</summary>
    [GuardedBy(typeof(RealtimeClock), "s_lock")]
    internal RealtimeWatcher? Previous { get; set; }

    /// <summary>It is known.</summary>
    [GuardedBy(typeof(RealtimeClock), "s_lock")]
    internal bool IsWatching { get; set; }

    /// <summary>Real time was set. Called with interrupts off and the list's lock held: may start timers and wake tasks, and takes no lock that is held around <see cref="RealtimeClock.Watch"/>.</summary>
    [InterruptContext]
    [NoAllocation]
    protected internal abstract void OnClockSet();
}
