using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Machine.Time;

/// <summary>What raises a CPU's timer interrupt.</summary>
public enum ClockEventDevice
{
    /// <summary>Nothing yet.</summary>
    None,

    /// <summary>The local APIC, when the TSC reaches a value.</summary>
    TscDeadline,

    /// <summary>The local APIC's own counter.</summary>
    ApicTimer,

    /// <summary>The HPET on the boot CPU, which passes the interrupt on to the others.</summary>
    HpetBroadcast,

    /// <summary>The PIT on the boot CPU, which passes the interrupt on to the others.</summary>
    PitBroadcast,
}

/// <summary>
/// A one-shot timer on each CPU. <see cref="Arm"/> replaces what was armed before. The interrupt (vector <see cref="Vectors.Timer"/>) comes at the
/// deadline or soon after it; when the deadline is further away than <see cref="LongestDelay"/> it comes earlier, and in rare cases it comes without cause:
/// the receiver looks at the clock and arms again.
/// </summary>
public static unsafe class ClockEvent
{
    private const ulong NanosecondsPerSecond = 1_000_000_000;
    private const ulong OneHour = 3600 * NanosecondsPerSecond;

    [Immutable]
    private static ClockEventDevice s_device;

    [Immutable]
    private static TickScale s_tscTicks;

    [Immutable]
    private static TickScale s_apicTicks;

    /// <summary>What raises the interrupt.</summary>
    public static ClockEventDevice Device => s_device;

    /// <summary>The longest time in nanoseconds that the device can count.</summary>
    [Atomic]
    public static ulong LongestDelay { get; private set; }

    /// <summary>
    /// Lets this CPU's timer interrupt come at <paramref name="deadlineNanoseconds"/> of monotonic time, at once if that has passed. Interrupts off.
    /// </summary>
    public static void Arm(ulong deadlineNanoseconds)
    {
        Arm(deadlineNanoseconds, Clock.MonotonicNanoseconds);
    }

    /// <summary>
    /// As <see cref="Arm(ulong)"/>, by a caller that has just read the clock: <paramref name="now"/> is what it read. The interrupt is late by the time since then.
    /// </summary>
    public static void Arm(ulong deadlineNanoseconds, ulong now)
    {
        ulong delay = deadlineNanoseconds > now ? deadlineNanoseconds - now : 0;
        if (delay > LongestDelay)
        {
            delay = LongestDelay;
        }

        // Two comparisons are cheaper than a switch, which becomes a jump through a table.
        if (s_device == ClockEventDevice.ApicTimer)
        {
            // One tick more than the rounded-down count, so that it is neither early nor 0, which would stop the timer.
            LocalApic.StartTimer((uint)s_apicTicks.Convert(delay) + 1);
        }
        else if (s_device == ClockEventDevice.TscDeadline)
        {
            Msr.Write(Msr.TscDeadline, CpuInstructions.ReadTsc() + s_tscTicks.Convert(delay) + 1);
        }
        else if (s_device != ClockEventDevice.None)
        {
            BroadcastTimer.Arm(now + delay);
        }
    }

    /// <summary>Cancels this CPU's deadline; an interrupt that is already on its way still comes. Interrupts off.</summary>
    public static void Disarm()
    {
        switch (s_device)
        {
            case ClockEventDevice.ApicTimer:
                LocalApic.StartTimer(0);
                break;
            case ClockEventDevice.TscDeadline:
                Msr.Write(Msr.TscDeadline, 0);
                break;
            case ClockEventDevice.HpetBroadcast:
            case ClockEventDevice.PitBroadcast:
                BroadcastTimer.Disarm();
                break;
            default:
                break;
        }
    }

    /// <summary>
    /// Chooses the device, best first. The clock and the boot CPU's APIC are running; <paramref name="allowDeadline"/> and
    /// <paramref name="allowApicTimer"/> are false for the kernel options that switch them off. Boot CPU, once, interrupts off.
    /// </summary>
    [BeforePublication]
    internal static void Initialize(bool tscIsSteady, bool allowDeadline, bool allowApicTimer)
    {
        ulong longest;
        if (allowApicTimer && allowDeadline && tscIsSteady && CpuId.HasTscDeadline && Clock.TscFrequency != 0)
        {
            s_tscTicks = TickScale.Between(NanosecondsPerSecond, Clock.TscFrequency);
            longest = OneHour;
            s_device = ClockEventDevice.TscDeadline;
        }
        else if (allowApicTimer && TscCalibration.ApicTimerFrequency != 0)
        {
            ulong frequency = TscCalibration.ApicTimerFrequency;
            s_apicTicks = TickScale.Between(NanosecondsPerSecond, frequency);
            longest = TickScale.Between(frequency, NanosecondsPerSecond).Convert(uint.MaxValue - 1);
            longest = longest > OneHour ? OneHour : longest;

            // The count that this delay gives must fit into 32 bits after rounding in both directions.
            while (s_apicTicks.Convert(longest) >= uint.MaxValue)
            {
                longest--;
            }

            s_device = ClockEventDevice.ApicTimer;
        }
        else
        {
            s_device = Hpet.CanInterrupt ? ClockEventDevice.HpetBroadcast : ClockEventDevice.PitBroadcast;
            longest = OneHour;
        }

        LongestDelay = longest < Clock.LongestPause ? longest : Clock.LongestPause;
        InitializeCpu();
        if (s_device >= ClockEventDevice.HpetBroadcast)
        {
            BroadcastTimer.Initialize(s_device == ClockEventDevice.HpetBroadcast);
        }
    }

    /// <summary>Sets up this CPU's timer, disarmed. Each CPU, interrupts off.</summary>
    internal static void InitializeCpu()
    {
        switch (s_device)
        {
            case ClockEventDevice.ApicTimer:
                LocalApic.UseOneShotTimer();
                break;
            case ClockEventDevice.TscDeadline:
                LocalApic.UseDeadlineTimer();
                break;
            default:
                LocalApic.MaskTimer();
                BroadcastTimer.InitializeCpu();
                break;
        }
    }

    /// <summary>The clock has changed its source; delays that it cannot measure are shortened.</summary>
    internal static void OnClockChanged()
    {
        if (LongestDelay > Clock.LongestPause)
        {
            LongestDelay = Clock.LongestPause;
        }
    }

    /// <summary>First part of the timer interrupt's handler: passes a shared interrupt on. Interrupt context.</summary>
    internal static void OnInterrupt()
    {
        if (s_device >= ClockEventDevice.HpetBroadcast)
        {
            BroadcastTimer.OnInterrupt();
        }
    }
}
