using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Threads;

namespace CosmosKernel.Machine.Cpus;

/// <summary>
/// What safe code may see and change of the CPU that it runs on. Except where a member says otherwise the answers are
/// stable only while preemption is off.
/// </summary>
public static unsafe class LocalCpu
{
    /// <summary>
    /// How many reasons there are now not to switch threads on this CPU. Right for the code that asks in any context: it is read by one instruction, so it is
    /// this CPU's count, and while that is above 0 the thread stays here.
    /// </summary>
    public static uint PreemptCount
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => CpuInstructions.ReadPreemptCount();
    }

    /// <summary>True inside a hard interrupt. Right for the code that asks in any context, as <see cref="PreemptCount"/> is.</summary>
    public static bool InInterrupt => CpuInstructions.ReadInterruptDepth() != 0;

    /// <summary>The scheduler wants to run on this CPU at the next chance. Set and cleared with interrupts off.</summary>
    public static bool NeedResched
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => CpuInstructions.BlockPointer()->NeedResched != 0;
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        set => CpuInstructions.BlockPointer()->NeedResched = value ? (ushort)1 : (ushort)0;
    }

    /// <summary>Deferred work waits to run on this CPU at the next chance. Read, set and cleared with interrupts off.</summary>
    public static bool DeferredPending
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => CpuInstructions.BlockPointer()->DeferredPending != 0;
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        set => CpuInstructions.BlockPointer()->DeferredPending = value ? (ushort)1 : (ushort)0;
    }

    /// <summary>A switch is wanted or deferred work waits, and the preemption count allows it.</summary>
    internal static bool SwitchIsDue
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            CpuBlock* cpu = CpuInstructions.BlockPointer();
            return cpu->NeedsAttention != 0 && cpu->PreemptCount == 0;
        }
    }

    /// <summary>This CPU's run queue, as the scheduler stored it; null before. The block is a root of the collector.</summary>
    public static object? Scheduler
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Unsafe.As<nint, object?>(ref CpuInstructions.BlockPointer()->Scheduler);
        set => Unsafe.As<nint, object?>(ref CpuInstructions.BlockPointer()->Scheduler) = value;
    }

    /// <summary>
    /// Takes back the wish to reschedule and gives this CPU's run queue. Interrupts are off. A switch with preemption off, with a spin lock held for
    /// example, would break what the lock promises: it is a panic.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static object? BeginSchedule()
    {
        Locking.LockValidator.NothingHeldAtSwitch();
        CpuBlock* cpu = CpuInstructions.BlockPointer();
        if (cpu->PreemptCount != 0)
        {
            Panic.Now("A task sleeps or yields with preemption off"u8);
        }

        cpu->NeedResched = 0;
        return Unsafe.As<nint, object?>(ref cpu->Scheduler);
    }

    /// <summary>The owner of the thread that runs here, a property of the thread: right in any context, preemption on or off. Null before the thread has one.</summary>
    public static object? CurrentOwner
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Unsafe.As<nint, object?>(ref CpuInstructions.CurrentThread()->Owner);
    }

    /// <summary>Declares that this CPU schedules from now on, and which thread is its idle thread.</summary>
    public static void StartScheduling(MachineThread idle)
    {
        idle.BecomeIdleThreadHere();

        // A CPU comes up with preemption off; from here on interrupts may switch threads.
        CpuInstructions.BlockPointer()->PreemptCount = 0;
    }
}
