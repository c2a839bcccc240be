using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Machine.Cpus;

/// <summary>This CPU's interrupt flag. Code above Machine uses <c>IrqSpinLock</c> guards instead.</summary>
[LockType(LockKind.InterruptsOff)]
public static class InterruptFlag
{
    private const ulong Bit = 1ul << 9;

    /// <summary>True when maskable interrupts can arrive.</summary>
    public static bool Enabled => (CpuInstructions.ReadFlags() & Bit) != 0;

    /// <summary>Turns interrupts off; returns the flags register from before, for <see cref="Restore"/>.</summary>
    [Acquires]
    public static ulong Disable() => CpuInstructions.DisableInterrupts();

    /// <summary>True when interrupts were on according to what <see cref="Disable"/> returned.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsSetIn(ulong flags) => (flags & Bit) != 0;

    /// <summary>Turns interrupts on again if they were on when <paramref name="flags"/> was saved.</summary>
    [Releases]
    public static void Restore(ulong flags) => CpuInstructions.RestoreInterrupts(flags);

    /// <summary>Turns interrupts on.</summary>
    [Releases]
    public static void Enable() => CpuInstructions.EnableInterrupts();
}
