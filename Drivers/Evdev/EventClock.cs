namespace CosmosKernel.Drivers.Evdev;

/// <summary>The clocks that events can be stamped with, by their numbers of clock_gettime(2).</summary>
internal enum EventClock
{
    /// <summary>CLOCK_REALTIME.</summary>
    Realtime = 0,

    /// <summary>CLOCK_MONOTONIC.</summary>
    Monotonic = 1,

    /// <summary>CLOCK_BOOTTIME; the machine does not sleep, so it is the monotonic one.</summary>
    Boot = 7,
}
