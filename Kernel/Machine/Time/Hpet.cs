using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;

namespace CosmosKernel.Machine.Time;

/// <summary>
/// The high-precision event timer (IA-PC HPET specification 1.0a): a free-running counter, and one comparator as a clock event of last resort.
/// Reading may be done in any context.
/// </summary>
[Immutable]
internal static unsafe class Hpet
{
    private const uint Capabilities = 0x000;
    private const uint Configuration = 0x010;
    private const uint MainCounter = 0x0F0;
    private const uint Timer0Configuration = 0x100;
    private const uint Timer0Comparator = 0x108;

    private const ulong Enable = 1;
    private const ulong LegacyReplacement = 2;
    private const ulong CounterIs64Bits = 1ul << 13;
    private const ulong CanReplaceLegacy = 1ul << 15;
    private const uint TimerInterruptEnable = 1u << 2;
    private const uint Timer32BitMode = 1u << 8;
    private const ulong FemtosecondsPerSecond = 1_000_000_000_000_000;

    // The specification's longest tick: 100 ns (section 2.3.4).
    private const ulong LongestPeriod = 0x05F5_E100;

    private static byte* s_registers;

    /// <summary>Whether there is a usable counter.</summary>
    internal static bool Exists => Frequency != 0;

    /// <summary>Ticks per second; 0 when there is no HPET.</summary>
    internal static ulong Frequency { get; private set; }

    /// <summary>Bits in which the counter counts, all ones: 32 or 64 of them.</summary>
    internal static ulong CounterMask { get; private set; }

    /// <summary>The counter, within <see cref="CounterMask"/>.</summary>
    internal static ulong Counter => CounterMask == uint.MaxValue
        ? Volatile.Read(ref *(uint*)(s_registers + MainCounter))
        : Volatile.Read(ref *(ulong*)(s_registers + MainCounter));

    /// <summary>Whether <see cref="ArmInterrupt"/> works: comparator 0 can take the PIT's place at ISA interrupt 0.</summary>
    internal static bool CanInterrupt => Exists && (Read(Capabilities) & CanReplaceLegacy) != 0;

    /// <summary>Starts the counter. False when the registers make no sense. Boot CPU, once.</summary>
    [BeforePublication]
    internal static bool Initialize(ulong physicalAddress)
    {
        s_registers = (byte*)DirectMap.ToVirtual(physicalAddress);
        ulong capabilities = Read(Capabilities);
        ulong period = capabilities >> 32;
        if (period == 0 || period > LongestPeriod)
        {
            return false;
        }

        ulong configuration = Read(Configuration) & ~LegacyReplacement;
        Write(Configuration, configuration | Enable);
        CounterMask = (capabilities & CounterIs64Bits) != 0 ? ulong.MaxValue : uint.MaxValue;
        Frequency = FemtosecondsPerSecond / period;
        ulong first = Counter;
        for (int i = 0; i < 1_000_000; i++)
        {
            if (Counter != first)
            {
                return true;
            }
        }

        Frequency = 0;
        return false;
    }

    /// <summary>Takes over ISA interrupt 0 from the PIT and makes comparator 0 fire once for each <see cref="ArmInterrupt"/>.</summary>
    internal static void UseInterrupt()
    {
        Write(Timer0Configuration, TimerInterruptEnable | Timer32BitMode);
        Write(Configuration, Read(Configuration) | LegacyReplacement | Enable);
    }

    /// <summary>
    /// Fires <paramref name="ticks"/> from now; the caller limits them to 2^31. False when the counter passed the target meanwhile, so that
    /// the interrupt may be 2^32 ticks away.
    /// </summary>
    internal static bool ArmInterrupt(uint ticks)
    {
        uint target = (uint)Counter + ticks;
        Volatile.Write(ref *(uint*)(s_registers + Timer0Comparator), target);
        return (int)(target - (uint)Counter) > 0;
    }

    private static ulong Read(uint register)
    {
        return Volatile.Read(ref *(ulong*)(s_registers + register));
    }

    private static void Write(uint register, ulong value)
    {
        Volatile.Write(ref *(ulong*)(s_registers + register), value);
    }
}
