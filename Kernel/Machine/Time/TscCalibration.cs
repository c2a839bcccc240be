using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Machine.Time;

/// <summary>Where the rate of the TSC came from, best first.</summary>
internal enum TscRateSource
{
    /// <summary>Nothing on this machine tells it.</summary>
    None,

    /// <summary>The processor's crystal and ratio, CPUID leaf 0x15.</summary>
    CpuIdCrystal,

    /// <summary>The hypervisor's leaf 0x40000010.</summary>
    Hypervisor,

    /// <summary>Measured against the HPET.</summary>
    Hpet,

    /// <summary>Measured against the PIT.</summary>
    Pit,

    /// <summary>Measured against the ACPI power management timer.</summary>
    PmTimer,

    /// <summary>The processor's base frequency, CPUID leaf 0x16: a marketing figure, used when nothing can be measured.</summary>
    CpuIdBase,
}

/// <summary>
/// Finds the rate of the TSC, and in the same time interval that of the local APIC timer. Runs on the boot CPU, interrupts off, once.
/// </summary>
/// <remarks>
/// A rate that CPUID states is believed only if a short measurement agrees within 2 %: emulators exist that state the rate of the
/// CPU that they imitate while their TSC counts something else.
/// </remarks>
[Immutable]
internal static class TscCalibration
{
    private const ulong KiloHertz = 1_000;
    private const ulong MegaHertz = 1_000_000;

    // Long enough for an error below 0.01 % with each reference's resolution and the spread of one reading.
    private const ulong HpetInterval = 5_000_000;
    private const ulong CoarseInterval = 20_000_000;
    private const int ReadingAttempts = 8;
    private const int LongestWait = 10_000_000;
    private const ulong StandstillTicks = 2_000_000_000;

    // A host that takes the CPU away for more than 34 ms spoils a measurement with the PIT, whose count then runs out.
    private const int PitAttempts = 3;

    private enum Reference
    {
        Hpet,
        Pit,
        PmTimer,
    }

    /// <summary>Ticks of the TSC in a second, or 0.</summary>
    internal static ulong Frequency { get; private set; }

    /// <summary>How <see cref="Frequency"/> was found.</summary>
    internal static TscRateSource Source { get; private set; }

    /// <summary>What was stated but contradicted by measurement; <see cref="TscRateSource.None"/> when nothing was.</summary>
    internal static TscRateSource Disbelieved { get; private set; }

    /// <summary>Ticks of the local APIC timer in a second, undivided, or 0 if it does not count.</summary>
    internal static ulong ApicTimerFrequency { get; private set; }

    /// <summary>Determines both rates. The HPET and the power management timer are initialised by then, if the machine has them.</summary>
    [BeforePublication]
    internal static void Run()
    {
        ulong measured = MeasureWithBest(out TscRateSource measuredWith);
        ulong stated = Stated(out TscRateSource statedBy);
        if (stated != 0 && measured != 0 && !Agree(stated, measured))
        {
            Disbelieved = statedBy;
            stated = 0;
        }

        bool useStated = stated != 0 && (measured == 0 || statedBy != TscRateSource.CpuIdBase);
        Frequency = useStated ? stated : measured;
        Source = useStated ? statedBy : measuredWith;
    }

    private static bool Agree(ulong a, ulong b)
    {
        ulong difference = a > b ? a - b : b - a;
        return difference < b / 50;
    }

    private static ulong Stated(out TscRateSource source)
    {
        uint leaves = CpuId.MaximumLeaf;
        if (leaves >= 0x15)
        {
            CpuIdResult crystal = CpuId.Read(0x15);
            if (crystal.Eax != 0 && crystal.Ebx != 0 && crystal.Ecx != 0)
            {
                source = TscRateSource.CpuIdCrystal;
                return (ulong)crystal.Ecx * crystal.Ebx / crystal.Eax;
            }
        }

        if (Hypervisor.IsPresent && Hypervisor.MaximumLeaf >= 0x4000_0010)
        {
            source = TscRateSource.Hypervisor;
            return CpuId.Read(0x4000_0010).Eax * KiloHertz;
        }

        if (leaves >= 0x16)
        {
            source = TscRateSource.CpuIdBase;
            return (CpuId.Read(0x16).Eax & 0xFFFF) * MegaHertz;
        }

        source = TscRateSource.None;
        return 0;
    }

    [BeforePublication]
    private static ulong MeasureWithBest(out TscRateSource source)
    {
        ulong rate = 0;
        source = TscRateSource.None;
        if (Hpet.Exists)
        {
            source = TscRateSource.Hpet;
            rate = Measure(Reference.Hpet, Hpet.Frequency, HpetInterval);
        }

        for (int i = 0; i < PitAttempts && rate == 0; i++)
        {
            source = TscRateSource.Pit;
            rate = Measure(Reference.Pit, Pit.Frequency, CoarseInterval);
        }

        if (rate == 0 && PmTimer.Exists)
        {
            source = TscRateSource.PmTimer;
            rate = Measure(Reference.PmTimer, PmTimer.Frequency, CoarseInterval);
        }

        return rate;
    }

    [BeforePublication]
    private static ulong Measure(Reference reference, ulong rate, ulong nanoseconds)
    {
        if (reference == Reference.Pit)
        {
            Pit.StartMeasuring();
        }

        ulong wanted = rate * (nanoseconds / 1000) / 1_000_000;
        LocalApic.MaskTimer();
        LocalApic.StartTimer(uint.MaxValue);
        Reading first = Take(reference);
        Reading last = first;
        for (int i = 0; i < LongestWait; i++)
        {
            ulong elapsed = Elapsed(reference, first.Reference, Current(reference));
            if (elapsed >= wanted)
            {
                last = Take(reference);
                break;
            }

            // A reference that does not move.
            if (elapsed == 0 && CpuInstructions.ReadTsc() - first.Tsc > StandstillTicks)
            {
                break;
            }
        }

        LocalApic.StartTimer(0);
        ulong ticks = Elapsed(reference, first.Reference, last.Reference);
        if (ticks < wanted || (reference == Reference.Pit && last.Reference > Pit.LongestCount) || last.Tsc <= first.Tsc)
        {
            return 0;
        }

        ApicTimerFrequency = Scale(first.ApicTimer - last.ApicTimer, rate, ticks);
        return Scale(last.Tsc - first.Tsc, rate, ticks);
    }

    // counted * rate / ticks, rounded; both factors stay below 2^32 in any interval used here, except a TSC that an emulator lets jump.
    private static ulong Scale(ulong counted, ulong rate, ulong ticks)
    {
        ulong whole = counted / ticks * rate;
        return whole + ((counted % ticks * rate + (ticks / 2)) / ticks);
    }

    // The host of a virtual machine may take the CPU away between two reads, so the reading that took the shortest time is kept.
    private static Reading Take(Reference reference)
    {
        Reading best = default;
        ulong shortest = ulong.MaxValue;
        for (int i = 0; i < ReadingAttempts; i++)
        {
            ulong before = CpuInstructions.ReadTsc();
            ulong value = Current(reference);
            uint apic = LocalApic.TimerCount;
            ulong after = CpuInstructions.ReadTsc();
            if (after - before < shortest)
            {
                shortest = after - before;
                best = new Reading { Reference = value, ApicTimer = apic, Tsc = before + ((after - before) / 2) };
            }
        }

        return best;
    }

    private static ulong Current(Reference reference)
    {
        return reference switch
        {
            Reference.Hpet => Hpet.Counter,
            Reference.Pit => Pit.MeasuredTicks,
            _ => PmTimer.Counter,
        };
    }

    private static ulong Elapsed(Reference reference, ulong from, ulong to)
    {
        return reference switch
        {
            Reference.Hpet => (to - from) & Hpet.CounterMask,
            Reference.Pit => to - from,
            _ => (to - from) & PmTimer.CounterMask,
        };
    }

    private struct Reading
    {
        internal ulong Reference;
        internal ulong Tsc;
        internal uint ApicTimer;
    }
}
