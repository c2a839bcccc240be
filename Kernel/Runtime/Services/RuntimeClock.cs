namespace CosmosKernel.Runtime.Services;

/// <summary>
/// The clocks that .NET reads. The machine's clock code puts an instance into <see cref="Instance"/> when the clocks run; before that, time stands at 0.
/// </summary>
public abstract class RuntimeClock
{
    /// <summary>The clocks; null until they run. Written once.</summary>
    public static RuntimeClock? Instance { get; set; }

    /// <summary>Nanoseconds since boot; never goes back. Any context.</summary>
    public abstract ulong MonotonicNanoseconds { get; }

    /// <summary>Nanoseconds since 1970-01-01 00:00 UTC. Any context.</summary>
    public abstract long UnixNanoseconds { get; }

    internal static ulong Now => Instance is { } clock ? clock.MonotonicNanoseconds : 0;
}
