using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Diagnostics;

namespace CosmosKernel.Machine.Cpus;

/// <summary>
/// The CPUs of the machine. Blocks are added while CPUs start, by one CPU at a time, and never removed, so readers need no lock:
/// <see cref="Count"/> is raised after the block is in place (x86 keeps the order of stores).
/// </summary>
public static unsafe class Cpu
{
    /// <summary>The most CPUs that the kernel starts.</summary>
    public const int Maximum = 255;

    private static CpuBlockTable s_blocks;
    private static int s_count;

    /// <summary>CPUs that were started, the one that booted included.</summary>
    public static int Count => Volatile.Read(ref s_count);

    /// <summary>The block of the CPU that runs this. Stable only while preemption is off.</summary>
    public static CpuBlock* Current => CpuInstructions.BlockPointer();

    /// <summary>Number of the CPU that runs this. Stable only while preemption is off.</summary>
    public static int CurrentIndex => (int)CpuInstructions.BlockPointer()->Index;

    /// <summary>The block of CPU <paramref name="index"/>, below <see cref="Count"/>; null beyond.</summary>
    public static CpuBlock* Get(int index) => (uint)index < (uint)Count ? (CpuBlock*)Slot(index) : null;

    /// <summary>Makes a block known. Called on one CPU at a time, before the new CPU uses it.</summary>
    public static void Add(CpuBlock* block)
    {
        int index = s_count;
        if (index == Maximum)
        {
            Panic.Now("More CPUs than the kernel has room for"u8);
        }

        block->Self = block;
        block->Index = (uint)index;
        Slot(index) = (nuint)block;
        Volatile.Write(ref s_count, index + 1);
    }

    /// <summary>Panics when the offsets that X# was compiled with differ from the compiler's layout.</summary>
    public static void VerifyLayout()
    {
        CpuBlock* block = null;
        if ((nuint)(&block->InterruptStackTop) != 0x20 || (nuint)(&block->StoppedFrame) != 0x30 || (nuint)(&block->InterruptedRsp) != 0x38
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
