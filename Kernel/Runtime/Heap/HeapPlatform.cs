using System.Runtime;
using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;
using CosmosKernel.Machine.Threads;
using CosmosKernel.Machine.Time;
using CosmosKernel.Runtime.Modules;

namespace CosmosKernel.Runtime.Heap;

/// <summary>What the heap needs of the machine. The heap's unit tests put something else in this place.</summary>
internal static unsafe class HeapPlatform
{
    /// <summary>Nanoseconds since boot.</summary>
    public static ulong Nanoseconds => Clock.MonotonicNanoseconds;

    /// <summary>True while this thread has an exception in flight: it may use the reserve.</summary>
    public static bool IsThrowing => CurrentThread()->ExInfoHead != null;

    /// <summary>
    /// True when this code may run a collection: in a task that can be preempted, or while there is only one CPU. Elsewhere allocation makes the heap larger.
    /// </summary>
    public static bool CanCollect => Cpu.Count == 1 ? !LocalCpu.InInterrupt : Preemption.IsPossible;

    /// <summary>Tells the finalizer thread that there is work.</summary>
    public static void SignalFinalizers() => FinalizerThread.Signal();

    /// <summary>Keeps this thread on its CPU.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void DisablePreemption() => Preemption.Begin();

    /// <summary>The counterpart of <see cref="DisablePreemption"/>; may switch threads.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void EnablePreemption() => Preemption.End();

    /// <summary>Tells the CPU that this is a spin loop.</summary>
    public static void Relax() => CpuInstructions.Pause();

    /// <summary>Turns interrupts off; returns what <see cref="RestoreInterrupts"/> wants.</summary>
    public static ulong DisableInterrupts() => InterruptFlag.Disable();

    /// <summary>Turns interrupts on again if they were on, and switches threads if that became due.</summary>
    public static void RestoreInterrupts(ulong flags) => Preemption.RestoreInterrupts(flags);

    /// <summary>Stops all other CPUs. Interrupts are off.</summary>
    public static void StopWorld() => WorldStop.Stop();

    /// <summary>Lets them go on.</summary>
    public static void ResumeWorld() => WorldStop.Resume();

    /// <summary>The head of this CPU's free list of class <paramref name="index"/>. Preemption is off.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint* AllocationList(int index) => (nuint*)&Cpu.Current->AllocationLists[index];

    /// <summary>Empties the free lists of the CPU that the task is on; the next sweep finds the cells again. Each store is whole, so it may move meanwhile.</summary>
    public static void ForgetAllocationLists()
    {
        for (int index = 0; index <= CpuBlock.LargestListedSize / 8; index++)
        {
            Volatile.Write(ref *AllocationList(index), 0);
        }
    }

    /// <summary>Empties all free lists of all CPUs; the sweep finds the cells again. World stopped.</summary>
    public static void DropAllocationLists()
    {
        for (int cpu = 0; cpu < Cpu.Count; cpu++)
        {
            HeapMemory.Zero((byte*)Cpu.Get(cpu)->AllocationLists, ((CpuBlock.LargestListedSize / 8) + 1) * 8);
        }
    }

    /// <summary>Counts what the running thread allocates.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CountAllocated(nuint bytes) => CurrentThread()->AllocatedBytes += bytes;

    /// <summary>Bytes that the running thread allocated, up to the last time that it filled a free list.</summary>
    public static ulong AllocatedByThread => CurrentThread()->AllocatedBytes;

    /// <summary>Bytes of the cells on all CPUs' free lists. World stopped.</summary>
    public static nuint BytesOnAllocationLists()
    {
        nuint bytes = 0;
        for (int cpu = 0; cpu < Cpu.Count; cpu++)
        {
            for (int index = 0; index < SizeClasses.FirstMedium; index++)
            {
                for (nuint link = (nuint)Cpu.Get(cpu)->AllocationLists[index]; link > 1; link = *(nuint*)(link - 1))
                {
                    bytes += SizeClasses.CellSize(index);
                }
            }
        }

        return bytes;
    }

    /// <summary>Marks all roots that are not in the heap's own tables. World stopped.</summary>
    /// <param name="stackPointer">Where this thread's stack is to be scanned from, with the registers above it; 0 for all of it.</param>
    public static void MarkRoots(nuint stackPointer) => HeapRoots.Mark(stackPointer);

    /// <summary>Begins to look for references to modules that go, if there are any. World stopped.</summary>
    public static void BeginModules() => ModuleReach.Begin();

    /// <summary>Marks the static fields of the modules that go and were found to be reached since the last time. World stopped.</summary>
    /// <returns>Whether it marked any.</returns>
    [RequiresLock(typeof(BlockTable), "s_lock")]
    [RequiresLock(typeof(HandleTable), "s_lock")]
    public static bool MarkReachedModules() => ModuleReach.MarkReached();

    /// <summary>Declares the modules that were not reached dead. World stopped.</summary>
    public static void EndModules() => ModuleReach.End();

    /// <summary>Collects, with this thread's stack scanned from the caller on.</summary>
    [RuntimeImport("HeapCollectNow")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Collect();

    /// <summary>True for an address in the image or in a loaded module, where objects live that were made at build time.</summary>
    public static bool IsImage(nuint address) => (address >= ImageLayout.ReadOnlyStart && address < ImageLayout.End) || ModuleArea.Contains(address);

    /// <summary>True where a MethodTable can lie: in the image, or in native memory for types made at run time.</summary>
    public static bool IsTypeAddress(nuint address) => IsImage(address)
        || (DirectMap.Contains(address) && BlockTable.FindAny(address) == null)
        || (address >= PageTables.VirtualAreaBase && address < PageTables.VirtualAreaBase + PageTables.VirtualAreaBytes);

    [RuntimeImport("CpuCurrentThread")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern ThreadBlock* CurrentThread();
}
