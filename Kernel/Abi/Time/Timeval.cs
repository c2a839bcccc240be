using System.Runtime.InteropServices;

namespace CosmosKernel.Abi;

/// <summary>A time in seconds and microseconds (timeval(3type)).</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct Timeval(long Seconds, long Microseconds)
{
    private const long PerSecond = 1_000_000;

    private const long NanosecondsPerMicrosecond = 1_000;

    /// <summary>Microseconds are less than a second and nothing is negative.</summary>
    public bool IsValid => Seconds >= 0 && (ulong)Microseconds < PerSecond;

    /// <summary>The same with nanoseconds.</summary>
    public Timespec ToTimespec() => new(Seconds, Microseconds * NanosecondsPerMicrosecond);

    /// <summary>Nanoseconds, not negative, as a time, rounded down.</summary>
    public static Timeval FromNanoseconds(long nanoseconds) => new(nanoseconds / Timespec.PerSecond, nanoseconds % Timespec.PerSecond / NanosecondsPerMicrosecond);
}

/// <summary>A period and a first expiry (setitimer(2)).</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct Itimerval(Timeval Interval, Timeval Value);

/// <summary>What gettimeofday(2) calls a time zone: kept, and unused by the kernel.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct Timezone(int MinutesWest, int DaylightSaving);
