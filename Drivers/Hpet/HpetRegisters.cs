using System;
using CosmosKernel.Machine.Devices;

namespace CosmosKernel.Drivers.Hpet;

/// <summary>
/// The registers of an event timer block (IA-PC HPET specification 1.0a, section 2.3). The counter runs from boot on, started by the kernel, whose the general configuration is: nothing is written there. Any
/// context but NMI; nothing allocates or throws.
/// </summary>
/// <param name="memory">The block, at least <see cref="Bytes"/>.</param>
internal sealed class HpetRegisters(MmioRegion memory)
{
    /// <summary>Bytes of the block.</summary>
    public const int Bytes = 1024;

    private const long Capabilities = 0x00;
    private const long Configuration = 0x10;
    private const long Status = 0x20;
    private const long Counter = 0xF0;
    private const long FirstTimer = 0x100;
    private const long TimerBytes = 0x20;
    private const long RouteCapabilities = 4;
    private const long Comparator = 8;
    private const int MostTimers = 32;

    // The longest tick that the specification allows, in femtoseconds: 100 ns.
    private const uint LongestPeriod = 100_000_000;
    private const ulong FemtosecondsPerSecond = 1_000_000_000_000_000;

    /// <summary>Timers, 1 to 32.</summary>
    public int TimerCount => (int)((memory.Read32(Capabilities) >> 8) & (MostTimers - 1)) + 1;

    /// <summary>Ticks a second; 0 when the register makes no sense.</summary>
    public ulong Frequency
    {
        get
        {
            uint period = memory.Read32(Capabilities + 4);
            return period is 0 or > LongestPeriod ? 0 : FemtosecondsPerSecond / period;
        }
    }

    /// <summary>The counter runs.</summary>
    public bool IsRunning => (memory.Read32(Configuration) & 1) != 0;

    /// <summary>The lower half of the counter.</summary>
    public uint Now => memory.Read32(Counter);

    /// <summary>What a timer can do, and how it is set.</summary>
    public HpetTimerFlags Read(int timer) => (HpetTimerFlags)memory.Read32(At(timer));

    /// <summary>Sets it. The line goes into five bits of their own.</summary>
    public void Write(int timer, HpetTimerFlags flags, int line = 0) => memory.Write32(At(timer), (uint)flags | ((uint)line << 9));

    /// <summary>The inputs of the I/O APIC that a timer can interrupt, a bit for each.</summary>
    public uint LinesOf(int timer) => memory.Read32(At(timer) + RouteCapabilities);

    /// <summary>The input that a timer interrupts now: what it could not do reads as something else.</summary>
    public int LineOf(int timer) => (int)(memory.Read32(At(timer)) >> 9) & 31;

    /// <summary>Sets when a timer interrupts: at this value of <see cref="Now"/>, or, while <see cref="HpetTimerFlags.SetsValue"/> was just written, again after so many ticks.</summary>
    public void SetComparator(int timer, uint value) => memory.Write32(At(timer) + Comparator, value);

    /// <summary>Whether a level-triggered timer asks for attention, which is taken back.</summary>
    public bool TakeStatus(int timer)
    {
        uint bit = 1u << timer;
        if ((memory.Read32(Status) & bit) == 0)
        {
            return false;
        }

        memory.Write32(Status, bit);
        return true;
    }

    private static long At(int timer) => FirstTimer + (timer * TimerBytes);
}

/// <summary>A timer's configuration register, its lower half (section 2.3.8).</summary>
[Flags]
internal enum HpetTimerFlags : uint
{
    /// <summary>Off.</summary>
    None = 0,

    /// <summary>Interrupts as long as the status is not taken.</summary>
    Level = 1 << 1,

    /// <summary>Interrupts.</summary>
    Enabled = 1 << 2,

    /// <summary>Repeats by itself.</summary>
    Periodic = 1 << 3,

    /// <summary>Can repeat by itself.</summary>
    CanBePeriodic = 1 << 4,

    /// <summary>The next write sets the value, and the one after it the period.</summary>
    SetsValue = 1 << 6,

    /// <summary>Compares 32 bits.</summary>
    Is32Bit = 1 << 8,
}
