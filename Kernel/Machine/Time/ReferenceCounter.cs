using System;

namespace CosmosKernel.Machine.Time;

/// <summary>A counter of known rate that another clock can be compared with. Reading: any context.</summary>
public readonly struct ReferenceCounter
{
    private readonly bool _isHpet;

    private ReferenceCounter(bool isHpet)
    {
        _isHpet = isHpet;
    }

    /// <summary>Ticks in a second.</summary>
    public ulong Frequency => _isHpet ? Hpet.Frequency : PmTimer.Frequency;

    /// <summary>The bits in which the counter counts: it wraps to 0 after this number.</summary>
    public ulong Mask => _isHpet ? Hpet.CounterMask : PmTimer.CounterMask;

    /// <summary>The counter now.</summary>
    public ulong Ticks => _isHpet ? Hpet.Counter : PmTimer.Counter;

    /// <summary>The HPET, if this machine has a usable one.</summary>
    public static bool TryGetHpet(out ReferenceCounter counter)
    {
        counter = new ReferenceCounter(isHpet: true);
        return Hpet.Exists;
    }

    /// <summary>The ACPI power management timer, if this machine has a usable one.</summary>
    public static bool TryGetPmTimer(out ReferenceCounter counter)
    {
        counter = new ReferenceCounter(isHpet: false);
        return PmTimer.Exists;
    }

    /// <summary>Nanoseconds between two readings that are less than a wrap apart.</summary>
    public ulong Nanoseconds(ulong from, ulong to) => (ulong)((((UInt128)((to - from) & Mask)) * 1_000_000_000) / Frequency);
}
