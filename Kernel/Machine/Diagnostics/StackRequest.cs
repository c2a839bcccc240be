using System;
using System.Threading;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;

namespace CosmosKernel.Machine.Diagnostics;

/// <summary>Where a CPU is, written to the early console: this CPU, or by NMI another one, whatever it is doing and whether or not its interrupts are on.</summary>
public static unsafe class StackRequest
{
    private const ulong Patience = 1_000_000_000;

    // Number + 1 of the CPU that was asked; 0 when none is. It stays when a CPU does not answer: its NMI may still come.
    [Atomic]
    private static int s_asked;

    /// <summary>Writes the task and the calls that led here, through interrupts to what they interrupted. Any context.</summary>
    [NoAllocation]
    public static void WriteHere()
    {
        WriteTask();
        Panic.WriteBacktrace(0, CpuInstructions.ReadStackPointer(), CpuInstructions.ReadFramePointer());
    }

    /// <summary>Lets another CPU write its task and stack, and waits until it has, a second at most. Any context but NMI, interrupts off.</summary>
    /// <param name="cpu">A CPU that was started, not this one.</param>
    /// <returns>False when it does not answer, or an earlier request was never answered.</returns>
    [NoAllocation]
    public static bool Ask(int cpu)
    {
        CpuBlock* block = Cpu.Get(cpu);
        if (block == null || Interlocked.CompareExchange(ref s_asked, cpu + 1, 0) != 0)
        {
            return false;
        }

        LocalApic.SendNmi(block->ApicId);
        ulong end = Clock.MonotonicNanoseconds + Patience;
        while (Volatile.Read(ref s_asked) != 0)
        {
            if (Clock.MonotonicNanoseconds > end)
            {
                return false;
            }

            CpuInstructions.Pause();
        }

        return true;
    }

    /// <summary>Asked by every NMI: serves the request if it is for this CPU.</summary>
    internal static bool TryServe(InterruptFrame* frame)
    {
        if (Volatile.Read(ref s_asked) != Cpu.CurrentIndex + 1)
        {
            return false;
        }

        WriteTask();
        Panic.WriteBacktrace(frame->Rip, frame->Rsp, frame->Rbp);
        Volatile.Write(ref s_asked, 0);
        return true;
    }

    private static void WriteTask()
    {
        EarlyConsole.Write("  CPU "u8);
        EarlyConsole.WriteDecimal((ulong)Cpu.CurrentIndex);
        EarlyConsole.Write(", "u8);
        if (LocalCpu.CurrentOwner is { } owner)
        {
            Panic.Describer?.Describe(owner);
        }

        EarlyConsole.Write("\n"u8);
    }
}
