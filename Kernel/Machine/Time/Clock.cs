using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Machine.Time;

/// <summary>
/// The kernel's clocks, in nanoseconds. Monotonic time begins with the kernel and never goes back, on whatever CPU it is read; real time is
/// monotonic time plus an offset. Reading is allowed in any context, NMI included.
/// </summary>
public static class Clock
{
    private const ulong NanosecondsPerSecond = 1_000_000_000;

    private const ulong NanosecondsPerMicrosecond = 1_000;

    // Written by firmware for diagnostic cards; reading it has no effect.
    private const ushort DiagnosticPort = 0x80;

    private const string CounterProtocol =
        "Written by the boot CPU before the store to s_source that says this counter is used; read after a load of s_source that says so, and never written again.";

    // Volatile: its value tells which of the fields below are filled.
    [Atomic]
    private static volatile ClockSource s_source;

    [Immutable]
    private static ulong s_tscOrigin;

    [Immutable]
    private static TickScale s_tscScale;

    [Protocol(CounterProtocol)]
    private static ulong s_counterOrigin;

    [Protocol(CounterProtocol)]
    private static ulong s_counterBase;

    [Protocol(CounterProtocol)]
    private static TickScale s_counterScale;

    [Protocol(CounterProtocol)]
    private static ulong s_counterMask;

    [Atomic]
    private static ulong s_counterExtended;

    [Atomic]
    private static long s_realtimeOffset;

    /// <summary>What the clock counts.</summary>
    public static ClockSource Source => s_source;

    /// <summary>Ticks of the TSC in a second; 0 when it could not be found out.</summary>
    [Immutable]
    public static ulong TscFrequency { get; private set; }

    /// <summary>Nanoseconds since the kernel began; 0 before the clock runs.</summary>
    public static ulong MonotonicNanoseconds
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if (s_source != ClockSource.Tsc)
            {
                return ReadSlowly();
            }

            // Without the fence, the TSC could be read before a load that precedes it in the program, and so seem to go back from CPU to CPU.
            Sse2.LoadFence();
            ulong ticks = CpuInstructions.ReadTsc() - s_tscOrigin;
            return s_tscScale.Convert(ticks);
        }
    }

    /// <summary>Nanoseconds since 1970-01-01 00:00:00 UTC.</summary>
    public static long RealtimeNanoseconds => Volatile.Read(ref s_realtimeOffset) + (long)MonotonicNanoseconds;

    /// <summary>Real time at which the kernel began, in nanoseconds since 1970-01-01 00:00:00 UTC. Changes when real time is set.</summary>
    public static long BootNanoseconds => Volatile.Read(ref s_realtimeOffset);

    /// <summary>
    /// The longest time in nanoseconds that may pass between two readings of the clock: counters that wrap are extended in software.
    /// </summary>
    [Atomic]
    internal static ulong LongestPause { get; private set; } = ulong.MaxValue;

    /// <summary>
    /// The monotonic time of a TSC reading from this boot; 0 for one before the kernel began, or when the TSC's rate is unknown.
    /// </summary>
    public static ulong TscToNanoseconds(ulong tsc)
    {
        return tsc > s_tscOrigin ? s_tscScale.Convert(tsc - s_tscOrigin) : 0;
    }

    /// <summary>The TSC at the monotonic clock's beginning.</summary>
    internal static ulong TscOrigin => s_tscOrigin;

    /// <summary>Nanoseconds in a tick of the TSC, times 2^32, when that is what the clock counts; else 0.</summary>
    internal static ulong TscFactor => s_source == ClockSource.Tsc ? s_tscScale.FixedPoint : 0;

    /// <summary>How many nanoseconds a number of TSC ticks takes; 0 when the TSC's rate is unknown.</summary>
    public static ulong TscIntervalToNanoseconds(ulong ticks) => s_tscScale.Convert(ticks);

    /// <summary>Sets real time, in nanoseconds since 1970-01-01 00:00:00 UTC. Monotonic time does not change.</summary>
    public static void SetRealtime(long nanoseconds)
    {
        Volatile.Write(ref s_realtimeOffset, nanoseconds - (long)MonotonicNanoseconds);
        UserClockPage.Publish();
    }

    /// <summary>
    /// Spins for at least this many nanoseconds. Any context; for waits of devices, short ones only. Before the clock runs, the time is that of as many
    /// accesses to a port of the ISA bus, about a microsecond each, and may be off by a factor of two.
    /// </summary>
    public static void Delay(ulong nanoseconds)
    {
        if (s_source == ClockSource.None)
        {
            for (ulong i = 0; i <= nanoseconds / NanosecondsPerMicrosecond; i++)
            {
                Ports.In8(DiagnosticPort);
            }

            return;
        }

        ulong start = MonotonicNanoseconds;
        while (MonotonicNanoseconds - start < nanoseconds)
        {
            CpuInstructions.Pause();
        }
    }

    /// <summary>
    /// Starts the clock with the TSC, of which <paramref name="startTicks"/> was read when the kernel began. Boot CPU, once.
    /// </summary>
    [BeforePublication]
    internal static void StartWithTsc(ulong frequency, ulong startTicks)
    {
        SetTscRate(frequency, startTicks);
        s_source = ClockSource.Tsc;
    }

    /// <summary>Makes TSC readings convertible even if the clock counts something else.</summary>
    [BeforePublication]
    internal static void SetTscRate(ulong frequency, ulong startTicks)
    {
        TscFrequency = frequency;
        s_tscOrigin = startTicks;
        s_tscScale = TickScale.Between(frequency, NanosecondsPerSecond);
    }

    /// <summary>
    /// Lets the clock count the HPET or, without one, the power management timer; it goes on from where it stands. False when the machine has neither. One CPU
    /// at a time; other CPUs may read the clock meanwhile.
    /// </summary>
    /// <param name="preferPmTimer">Takes the power management timer even if there is an HPET.</param>
    internal static bool UseCounter(bool preferPmTimer = false)
    {
        ClockSource source = Hpet.Exists && !(preferPmTimer && PmTimer.Exists) ? ClockSource.Hpet : ClockSource.PmTimer;
        if (source == ClockSource.PmTimer && !PmTimer.Exists)
        {
            return false;
        }

        ulong frequency = source == ClockSource.Hpet ? Hpet.Frequency : PmTimer.Frequency;
        s_counterMask = source == ClockSource.Hpet ? Hpet.CounterMask : PmTimer.CounterMask;
        s_counterScale = TickScale.Between(frequency, NanosecondsPerSecond);
        s_counterBase = s_source == ClockSource.None ? TscToNanoseconds(CpuInstructions.ReadTsc()) : MonotonicNanoseconds;
        s_counterOrigin = source == ClockSource.Hpet ? Hpet.Counter : PmTimer.Counter;
        Volatile.Write(ref s_counterExtended, s_counterOrigin);
        ulong longestPause = s_counterMask == ulong.MaxValue ? ulong.MaxValue : s_counterScale.Convert(s_counterMask / 2);
        LongestPause = longestPause;
        s_source = source;
        UserClockPage.Publish();
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong ReadSlowly()
    {
        return s_source switch
        {
            ClockSource.Hpet => CounterToNanoseconds(Extend(isHpet: true)),
            ClockSource.PmTimer => CounterToNanoseconds(Extend(isHpet: false)),
            _ => 0,
        };
    }

    private static ulong CounterToNanoseconds(ulong counter)
    {
        return s_counterBase + s_counterScale.Convert(counter - s_counterOrigin);
    }

    // The high bits are those of the last reading, one more if the counter has wrapped since. The counter is read after the last reading was
    // loaded, so it is not older; a CPU that lost the race to store tries again.
    private static ulong Extend(bool isHpet)
    {
        ulong mask = s_counterMask;
        if (mask == ulong.MaxValue)
        {
            return Hpet.Counter;
        }

        ulong last = Volatile.Read(ref s_counterExtended);
        while (true)
        {
            ulong counter = isHpet ? Hpet.Counter : PmTimer.Counter;
            ulong extended = (last & ~mask) | counter;
            if (extended < last)
            {
                extended += mask + 1;
            }

            ulong seen = Interlocked.CompareExchange(ref s_counterExtended, extended, last);
            if (seen == last)
            {
                return extended;
            }

            last = seen;
        }
    }
}
