using CosmosKernel.Machine.Time;

namespace CosmosKernel.Runtime.Native;

/// <summary>CoreLib's <c>Interop.Sys.TimeSpec</c>: a time as utimensat(2) takes it.</summary>
internal readonly struct NativeTime(long seconds, long nanoseconds)
{
    private const long Now = 0x3FFFFFFF;
    private const long Omit = 0x3FFFFFFE;

    private readonly long _seconds = seconds;
    private readonly long _nanoseconds = nanoseconds;

    /// <summary>Nanoseconds since 1970; null: stays.</summary>
    public long? ToNanoseconds() => _nanoseconds switch
    {
        Now => Clock.RealtimeNanoseconds,
        Omit => null,
        _ => (_seconds * 1_000_000_000) + _nanoseconds,
    };
}
