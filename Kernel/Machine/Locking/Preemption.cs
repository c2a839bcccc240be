using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Threads;

namespace CosmosKernel.Machine.Locking;

/// <summary>
/// Keeps the running thread on its CPU. A thread may be switched away only when the CPU's preemption count is 0 and interrupts are on;
/// whatever ends the last of these conditions (a guard, an interrupt's return) switches if the scheduler asked for it meanwhile.
/// </summary>
[LockType(LockKind.PreemptionOff)]
public static class Preemption
{
    private const ulong InterruptsOn = 1ul << 9;

    /// <summary>Disables preemption until the scope is disposed. Scopes nest. Any context.</summary>
    [Acquires]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scope Disable()
    {
        CpuInstructions.PreemptDisable();
        return new Scope(active: true);
    }

    /// <summary>True when the running thread can be switched away at this point.</summary>
    public static bool IsPossible => InterruptFlag.Enabled && LocalCpu.PreemptCount == 0;

    /// <summary>Panics when the caller may not sleep: preemption or interrupts are off.</summary>
    /// <param name="what">What wanted to sleep, UTF-8.</param>
    public static void AssertMaySleep(ReadOnlySpan<byte> what)
    {
        if (!IsPossible)
        {
            LockValidator.MightSleep();
            Panic.Now(what);
        }
    }

    /// <summary>Raises the count. <see cref="End"/> lowers it.</summary>
    [Acquires]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Begin() => CpuInstructions.PreemptDisable();

    /// <summary>Raises the count and gives the number of the CPU that the thread now stays on.</summary>
    [Acquires]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int BeginHere() => CpuInstructions.PreemptDisableHere();

    /// <summary>Lowers the count and switches threads if that is due and possible.</summary>
    [Releases]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void End()
    {
        if (CpuInstructions.PreemptEnable() != 0)
        {
            SwitchIfPossible();
        }
    }

    /// <summary>Restores the interrupt flag that <see cref="InterruptFlag.Disable"/> returned and switches threads if that is due and possible.</summary>
    /// <param name="flags">The flags register from before.</param>
    [Releases(typeof(InterruptFlag))]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void RestoreInterrupts(ulong flags)
    {
        if ((flags & InterruptsOn) == 0)
        {
            return;
        }

        EnableInterrupts();
    }

    /// <summary>Turns interrupts on, where they are off, and switches threads if that is due and possible.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void EnableInterrupts()
    {
        LockValidator.InterruptsTurnOn();

        // Looked at before interrupts go on: a request that comes later comes with an interrupt, whose return serves it.
        if (LocalCpu.SwitchIsDue)
        {
            SwitchNow();
        }

        InterruptFlag.Enable();
    }

    // The end of IrqSpinLockExit (SpinLocks.xs).
    [RuntimeExport("PreemptionEnableInterrupts")]
    private static void EnableInterruptsAfterLock() => EnableInterrupts();

    // Also the end of SpinLockExit.
    [RuntimeExport("PreemptionSwitch")]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SwitchIfPossible()
    {
        ulong flags = InterruptFlag.Disable();
        if ((flags & InterruptsOn) != 0)
        {
            if (LocalCpu.SwitchIsDue)
            {
                SwitchNow();
            }

            InterruptFlag.Enable();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SwitchNow() => MachineEvents.Instance?.Preempt();

    /// <summary>Keeps preemption off until it is disposed.</summary>
    public readonly ref struct Scope
    {
        private readonly bool _active;

        internal Scope(bool active)
        {
            _active = active;
        }

        /// <summary>Ends the scope; a pending reschedule happens here.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose()
        {
            if (_active)
            {
                End();
            }
        }
    }
}
