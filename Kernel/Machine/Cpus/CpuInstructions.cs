using System.Runtime;
using System.Runtime.CompilerServices;

namespace CosmosKernel.Machine.Cpus;

/// <summary>
/// Single instructions that C# cannot express. Each is an X# function of a few instructions; all may be
/// called from any context.
/// </summary>
public static unsafe class CpuInstructions
{
    /// <summary>Reads the time-stamp counter, in TSC ticks (Intel SDM vol. 2B, RDTSC). Not ordered with other loads.</summary>
    [RuntimeImport("CpuReadTsc")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong ReadTsc();

    /// <summary>Tells the CPU that this is a spin loop (PAUSE).</summary>
    [RuntimeImport("CpuPause")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Pause();

    /// <summary>Turns interrupts on and waits for the next one, with no window between the two (STI; HLT).</summary>
    [RuntimeImport("CpuEnableInterruptsAndHalt")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void EnableInterruptsAndHalt();

    /// <summary>Stops this CPU for good: interrupts off, HLT in a loop. Only an NMI runs here after that.</summary>
    [RuntimeImport("CpuHaltForever")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void HaltForever();

    /// <summary>A full memory fence (MFENCE).</summary>
    [RuntimeImport("CpuFence")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Fence();

    /// <summary>Raises a breakpoint exception (INT3).</summary>
    [RuntimeImport("CpuBreakpoint")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Breakpoint();

    [RuntimeImport("CpuIdentify")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void CpuIdentify(uint leaf, uint subleaf, uint* eaxEbxEcxEdx);

    [RuntimeImport("CpuReadMsr")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern ulong ReadMsr(uint msr);

    [RuntimeImport("CpuWriteMsr")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void WriteMsr(uint msr, ulong value);

    [RuntimeImport("CpuReadControl0")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern ulong ReadControl0();

    [RuntimeImport("CpuWriteControl0")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void WriteControl0(ulong value);

    [RuntimeImport("CpuReadControl2")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern ulong ReadControl2();

    [RuntimeImport("CpuReadControl3")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern ulong ReadControl3();

    [RuntimeImport("CpuWriteControl3")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void WriteControl3(ulong value);

    [RuntimeImport("CpuReadControl4")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern ulong ReadControl4();

    [RuntimeImport("CpuWriteControl4")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void WriteControl4(ulong value);

    [RuntimeImport("CpuInvalidatePage")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void InvalidatePage(ulong address);

    [RuntimeImport("CpuLoadGdt")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void LoadGdt(void* pointer);

    [RuntimeImport("CpuLoadIdt")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void LoadIdt(void* pointer);

    [RuntimeImport("CpuLoadTaskRegister")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void LoadTaskRegister(uint selector);

    [RuntimeImport("CpuDisableInterrupts")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern ulong DisableInterrupts();

    [RuntimeImport("CpuRestoreInterrupts")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void RestoreInterrupts(ulong flags);

    [RuntimeImport("CpuEnableInterrupts")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void EnableInterrupts();

    [RuntimeImport("CpuReadFlags")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern ulong ReadFlags();

    [RuntimeImport("CpuReadStackPointer")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern ulong ReadStackPointer();

    [RuntimeImport("CpuReadFramePointer")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern ulong ReadFramePointer();

    [RuntimeImport("CpuBlockPointer")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern CpuBlock* BlockPointer();

    [RuntimeImport("CpuCurrentThread")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern Threads.ThreadBlock* CurrentThread();

    /// <summary>PreemptCount of this CPU.</summary>
    [RuntimeImport("CpuReadPreemptCount")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern uint ReadPreemptCount();

    /// <summary>InterruptDepth of this CPU.</summary>
    [RuntimeImport("CpuReadInterruptDepth")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern uint ReadInterruptDepth();

    [RuntimeImport("CpuPreemptDisable")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void PreemptDisable();

    /// <summary>Sets PreemptCount one higher. Returns the number of this CPU.</summary>
    [RuntimeImport("CpuPreemptDisableHere")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int PreemptDisableHere();

    [RuntimeImport("CpuPreemptEnableNoCheck")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void PreemptEnableNoCheck();

    /// <summary>Sets PreemptCount one lower. Returns NeedsAttention when it reached 0, else 0.</summary>
    [RuntimeImport("CpuPreemptEnable")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern uint PreemptEnable();
}
