using System.Runtime.InteropServices;

namespace CosmosKernel.Abi;

/// <summary>A time in seconds and nanoseconds (timespec(3type)).</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct Timespec(long Seconds, long Nanoseconds)
{
    /// <summary>Nanoseconds in a second.</summary>
    public const long PerSecond = 1_000_000_000;

    // Times further away than this, 292 years, never come.
    private const long MostSeconds = long.MaxValue / PerSecond;

    /// <summary>Nanoseconds are less than a second and nothing is negative: what a duration or a deadline must be.</summary>
    public bool IsValid => Seconds >= 0 && (ulong)Nanoseconds < PerSecond;

    /// <summary>It is zero.</summary>
    public bool IsZero => Seconds == 0 && Nanoseconds == 0;

    /// <summary>A valid time as nanoseconds; one that does not fit is the longest there is.</summary>
    public long ToNanoseconds() => Seconds >= MostSeconds ? long.MaxValue : (Seconds * PerSecond) + Nanoseconds;

    /// <summary>Nanoseconds, not negative, as a time.</summary>
    public static Timespec FromNanoseconds(long nanoseconds) => new(nanoseconds / PerSecond, nanoseconds % PerSecond);
}

/// <summary>A period and a first expiry (timer_settime(2)).</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct Itimerspec(Timespec Interval, Timespec Value);
