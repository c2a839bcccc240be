using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Machine.Cpus;

/// <summary>
/// The CPUs of the machine. Blocks are added while CPUs start, by one CPU at a time, and never removed, so readers need no lock:
/// <see cref="Count"/> is raised after the block is in place (x86 keeps the order of stores).
/// </summary>
public static unsafe class Cpu
{
    /// <summary>The most CPUs that the kernel starts.</summary>
    public const int Maximum = 255;

    [Protocol("A slot is written once, by the boot CPU, before the store to s_count that makes it known; readers look at slots below s_count only.")]
    private static CpuBlockTable s_blocks;

    [Atomic]
    private static int s_count;

    /// <summary>CPUs that were started, the one that booted included.</summary>
    public static int Count => Volatile.Read(ref s_count);

    /// <summary>The block of the CPU that runs this. Stable only while preemption is off.</summary>
    public static CpuBlock* Current => CpuInstructions.BlockPointer();

    /// <summary>Number of the CPU that runs this. Stable only while preemption is off.</summary>
    public static int CurrentIndex => (int)CpuInstructions.BlockPointer()->Index;

    /// <summary>The block of CPU <paramref name="index"/>, below <see cref="Count"/>; null beyond.</summary>
    public static CpuBlock* Get(int index) => (uint)index < (uint)Count ? (CpuBlock*)Slot(index) : null;

    /// <summary>
    /// True while CPU <paramref name="index"/> serves a hard interrupt. The CPU says so by a full fence before it begins: who reads false, after a fence of its own, knows that
    /// what the next interrupt there reads is not older than what was written before.
    /// </summary>
    public static bool IsInInterrupt(int index)
    {
        CpuBlock* block = Get(index);
        return block != null && Volatile.Read(ref block->InterruptDepth) != 0;
    }

    /// <summary>Makes a block known. Called on one CPU at a time, before the new CPU uses it.</summary>
    public static void Add(CpuBlock* block)
    {
        int index = Volatile.Read(ref s_count);
        if (index == Maximum)
        {
            Panic.Now("More CPUs than the kernel has room for"u8);
        }

        block->Self = block;
        block->Index = (uint)index;
        block->SpinToken = (uint)index + 1;
        Slot(index) = (nuint)block;
        Volatile.Write(ref s_count, index + 1);
    }

    /// <summary>Panics when the offsets that X# was compiled with differ from the compiler's layout.</summary>
    public static void VerifyLayout()
    {
        CpuBlock* block = null;
        if ((nuint)(&block->InterruptStackTop) != 0x20 || (nuint)(&block->StoppedFrame) != 0x30 || (nuint)(&block->SpinToken) != 0x9C || (nuint)(&block->InterruptedRsp) != 0x38
            || (nuint)(&block->AllocationLists[0]) != 0x400 || sizeof(CpuBlock) != CpuBlock.Bytes)
        {
            Panic.Now("The layout of CpuBlock differs from Offsets.txt"u8);
        }
    }

    // Callers have compared the index with the count; a range check here could throw, which interrupt context must not.
    private static ref nuint Slot(int index) => ref Unsafe.Add(ref Unsafe.As<CpuBlockTable, nuint>(ref s_blocks), index);

    [InlineArray(Maximum)]
    private struct CpuBlockTable
    {
        private nuint _first;
    }
}
