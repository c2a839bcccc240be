using System.Runtime.Intrinsics.X86;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;

namespace CosmosKernel.Machine.Interrupts;

/// <summary>
/// This CPU's local APIC (Intel SDM vol. 3A, chapter 11), in x2APIC mode (MSRs) when the CPU has it, else through memory. All CPUs use the same mode.
/// Members act on the APIC of the CPU that calls, so the caller is not preemptible. Sending is allowed in any context, NMI included where it says so.
/// </summary>
public static unsafe class LocalApic
{
    private const ulong ApicEnable = 1ul << 11;
    private const ulong X2ApicEnable = 1ul << 10;
    private const ulong AddressMask = 0x000F_FFFF_FFFF_F000;
    private const ulong DefaultAddress = 0xFEE0_0000;
    private const uint X2ApicMsrs = 0x800;

    private const uint Id = 0x020;
    private const uint Version = 0x030;
    private const uint TaskPriority = 0x080;
    private const uint Eoi = 0x0B0;
    private const uint LogicalDestination = 0x0D0;
    private const uint DestinationFormat = 0x0E0;
    private const uint SpuriousVector = 0x0F0;
    private const uint ErrorStatus = 0x280;
    private const uint CommandLow = 0x300;
    private const uint CommandHigh = 0x310;
    private const uint LvtTimer = 0x320;
    private const uint LvtThermal = 0x330;
    private const uint LvtPerformance = 0x340;
    private const uint LvtLint0 = 0x350;
    private const uint LvtLint1 = 0x360;
    private const uint LvtError = 0x370;
    private const uint InitialCount = 0x380;
    private const uint CurrentCount = 0x390;
    private const uint DivideConfiguration = 0x3E0;

    private const uint SoftwareEnable = 1u << 8;
    private const uint Masked = 1u << 16;
    private const uint DeadlineMode = 2u << 17;
    private const uint DivideByOne = 0xB;
    private const uint DeliveryPending = 1u << 12;
    private const uint LevelAssert = 1u << 14;
    private const uint AllOthers = 3u << 18;
    private const uint DeliverNmi = 4u << 8;
    private const uint DeliverInit = 5u << 8;
    private const uint DeliverStartUp = 6u << 8;
    private const uint LineActiveLow = 1u << 13;
    private const uint LineLevelTriggered = 1u << 15;
    private const int DeliverySpins = 1_000_000;

    [Immutable]
    private static byte* s_registers;

    [Immutable]
    private static bool s_x2Apic;

    [Atomic]
    private static ulong s_errors;

    [Atomic]
    private static ulong s_spurious;

    [Atomic]
    private static uint s_lastError;

    /// <summary>Whether the APICs are in x2APIC mode.</summary>
    public static bool IsX2Apic => s_x2Apic;

    /// <summary>This CPU's APIC id.</summary>
    public static uint CurrentId => s_x2Apic ? Read(Id) : Read(Id) >> 24;

    /// <summary>Error interrupts of all local APICs since boot.</summary>
    public static ulong ErrorCount => Volatile.Read(ref s_errors);

    /// <summary>Error status of the last error interrupt (Intel SDM vol. 3A, figure 11-9).</summary>
    public static uint LastError => Volatile.Read(ref s_lastError);

    /// <summary>Spurious interrupts since boot.</summary>
    public static ulong SpuriousCount => Volatile.Read(ref s_spurious);

    /// <summary>
    /// Chooses the mode and enables the boot CPU's APIC. <paramref name="physicalAddress"/> is the MADT's, 0 when there is none.
    /// <paramref name="allowX2Apic"/> is false for the kernel option <c>nox2apic</c>, which firmware that has turned x2APIC on overrules.
    /// </summary>
    [BeforePublication]
    internal static void Initialize(ulong physicalAddress, bool allowX2Apic)
    {
        ulong current = Msr.Read(Msr.ApicBase);
        s_x2Apic = CpuId.HasX2Apic && (allowX2Apic || (current & X2ApicEnable) != 0);
        if (physicalAddress == 0)
        {
            physicalAddress = current & AddressMask;
        }

        s_registers = (byte*)DirectMap.ToVirtual(physicalAddress == 0 ? DefaultAddress : physicalAddress);
        InitializeCpu();
    }

    /// <summary>
    /// Enables this CPU's APIC: mode, all local interrupts masked except errors, every priority accepted. Each CPU once, interrupts off.
    /// </summary>
    internal static void InitializeCpu()
    {
        ulong state = Msr.Read(Msr.ApicBase);
        if ((state & ApicEnable) == 0)
        {
            state |= ApicEnable;
            Msr.Write(Msr.ApicBase, state);
        }

        if (s_x2Apic)
        {
            Msr.Write(Msr.ApicBase, state | X2ApicEnable);
        }
        else
        {
            // Flat model, so that a stray logical destination finds a defined state; the kernel itself uses physical ids only.
            Write(DestinationFormat, 0xFFFF_FFFF);
            Write(LogicalDestination, 0);
        }

        uint entries = ((Read(Version) >> 16) & 0xFF) + 1;
        Write(LvtTimer, Masked | Vectors.Timer);
        Write(LvtLint0, Masked | Vectors.Spurious);
        Write(LvtLint1, Masked | Vectors.Spurious);
        if (entries > 4)
        {
            Write(LvtPerformance, Masked | Vectors.Spurious);
        }

        if (entries > 5)
        {
            Write(LvtThermal, Masked | Vectors.Spurious);
        }

        // The register latches on write; two writes clear what firmware left.
        Write(ErrorStatus, 0);
        Write(ErrorStatus, 0);
        Write(LvtError, Vectors.ApicError);
        Write(TaskPriority, 0);
        Write(SpuriousVector, SoftwareEnable | Vectors.Spurious);
    }

    /// <summary>Makes a local pin (0 or 1) of this CPU deliver NMI, as the MADT describes the wiring.</summary>
    internal static void EnableNmiPin(int pin, bool activeLow, bool levelTriggered)
    {
        uint value = DeliverNmi | (activeLow ? LineActiveLow : 0) | (levelTriggered ? LineLevelTriggered : 0);
        Write(pin == 0 ? LvtLint0 : LvtLint1, value);
    }

    /// <summary>Ends the interrupt in service. Interrupt context; every vector from 32 on but the spurious one.</summary>
    public static void EndOfInterrupt()
    {
        Write(Eoi, 0);
    }

    /// <summary>Sends a vector to one CPU. Any context but NMI.</summary>
    public static void Send(uint apicId, byte vector)
    {
        SendCommand(apicId, LevelAssert | vector);
    }

    /// <summary>Sends a vector to all other CPUs. Any context.</summary>
    public static void SendToAllOthers(byte vector)
    {
        SendCommand(0, AllOthers | LevelAssert | vector);
    }

    /// <summary>Sends an NMI to one CPU. Any context but NMI.</summary>
    public static void SendNmi(uint apicId)
    {
        SendCommand(apicId, DeliverNmi | LevelAssert);
    }

    /// <summary>
    /// Sends an NMI to all other CPUs, those that were never started excepted (they ignore it). Any context, NMI included: a broadcast
    /// needs no destination, so it does not disturb a command that the NMI interrupted.
    /// </summary>
    public static void SendNmiToAllOthers()
    {
        SendCommand(0, AllOthers | DeliverNmi | LevelAssert);
    }

    /// <summary>Resets a CPU into the state in which it waits for <see cref="SendStartUp"/>.</summary>
    internal static void SendInit(uint apicId)
    {
        SendCommand(apicId, DeliverInit | LevelAssert);
    }

    /// <summary>Starts a CPU in real mode at page <paramref name="page"/> (physical address / 4096, below 256).</summary>
    internal static void SendStartUp(uint apicId, byte page)
    {
        SendCommand(apicId, DeliverStartUp | LevelAssert | page);
    }

    /// <summary>Sets the timer to count down once, without dividing, from what <see cref="StartTimer"/> gives.</summary>
    internal static void UseOneShotTimer()
    {
        Write(DivideConfiguration, DivideByOne);
        Write(LvtTimer, Vectors.Timer);
    }

    /// <summary>Sets the timer to fire when the TSC reaches the MSR <see cref="Msr.TscDeadline"/>.</summary>
    internal static void UseDeadlineTimer()
    {
        Write(LvtTimer, DeadlineMode | Vectors.Timer);

        // The first write of the deadline must not overtake the mode's, which goes through memory (Intel SDM vol. 3A, section 11.5.4.1).
        Sse2.MemoryFence();
    }

    /// <summary>Keeps the timer from interrupting.</summary>
    internal static void MaskTimer()
    {
        Write(DivideConfiguration, DivideByOne);
        Write(LvtTimer, Masked | Vectors.Timer);
    }

    /// <summary>Starts the one-shot timer; 0 stops it.</summary>
    internal static void StartTimer(uint count)
    {
        Write(InitialCount, count);
    }

    /// <summary>What is left of the one-shot timer's count.</summary>
    internal static uint TimerCount => Read(CurrentCount);

    /// <summary>The error interrupt. Interrupt context.</summary>
    internal static void OnError()
    {
        Write(ErrorStatus, 0);
        Volatile.Write(ref s_lastError, Read(ErrorStatus));
        Interlocked.Increment(ref s_errors);
    }

    /// <summary>The spurious interrupt, which has no end of interrupt. Interrupt context.</summary>
    internal static void OnSpurious()
    {
        Interlocked.Increment(ref s_spurious);
    }

    private static void SendCommand(uint apicId, uint command)
    {
        if (s_x2Apic)
        {
            // WRMSR to an x2APIC register does not wait for earlier stores, which the receiver must see (Intel SDM vol. 3A, section 11.12.3).
            Sse2.MemoryFence();
            Sse2.LoadFence();
            Msr.Write(X2ApicMsrs + (CommandLow >> 4), ((ulong)apicId << 32) | command);
            return;
        }

        ulong flags = InterruptFlag.Disable();
        WaitForDelivery();
        if ((command & AllOthers) == 0)
        {
            Write(CommandHigh, apicId << 24);
        }

        Write(CommandLow, command);
        InterruptFlag.Restore(flags);
    }

    // Old APICs hold one command at a time. An APIC that never becomes idle is broken: the command is then sent in any case.
    private static void WaitForDelivery()
    {
        for (int i = 0; i < DeliverySpins && (Read(CommandLow) & DeliveryPending) != 0; i++)
        {
            CpuInstructions.Pause();
        }
    }

    private static uint Read(uint register)
    {
        return s_x2Apic ? (uint)Msr.Read(X2ApicMsrs + (register >> 4)) : Volatile.Read(ref *(uint*)(s_registers + register));
    }

    private static void Write(uint register, uint value)
    {
        if (s_x2Apic)
        {
            Msr.Write(X2ApicMsrs + (register >> 4), value);
        }
        else
        {
            Volatile.Write(ref *(uint*)(s_registers + register), value);
        }
    }
}
