using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory;

namespace CosmosKernel.Runtime.Heap;

/// <summary>
/// The managed heap as the rest of the runtime sees it. Objects never move. Small ones come from the processors' free lists without a lock (<c>Allocate.xs</c>); everything
/// else arrives here. See docs/heap.md.
/// </summary>
public static unsafe class ManagedHeap
{
    /// <summary>The most elements that an array can have, for the check of a length against overflow.</summary>
    internal const uint LargestLength = 0x7FFF_FFFF;

    /// <summary>Starts the heap. Once, on the booting processor, when frames can be allocated.</summary>
    /// <returns>False when there is no memory for its tables.</returns>
    [BeforePublication]
    internal static bool Initialize()
    {
        HeapTotals.Reset();
        PauseRecord.Initialize();
        CollectionPolicy.Initialize();
        Collector.Initialize();
        SizeClasses.Initialize();
        LargeHeap.Initialize();
        HandleTable.Initialize();
        FinalizationTable.Initialize();
        HeapReserve.Initialize();
        if (!BlockTable.Initialize() || !CellHeap.Initialize() || !MarkStack.Initialize())
        {
            return false;
        }

        HeapReserve.Fill();
        return true;
    }

    /// <summary>Collects the whole heap now. Task context. Returns when the unreached objects are freed; finalizers may still run.</summary>
    public static void Collect() => HeapPlatform.Collect();

    /// <summary>
    /// From now on, until the counted system call ends, each object that the running task makes on this CPU is seen by <see cref="FaultInjection"/>: the CPU's lists of free cells are forgotten, and found again by the next
    /// collection. Task context.
    /// </summary>
    public static void CountAllocations() => HeapPlatform.ForgetAllocationLists();

    /// <summary>
    /// Collects, and checks every reference of every reachable object: it must name an allocated, reached object with a sane MethodTable.
    /// </summary>
    /// <returns>The number of bad references; 0 is sound.</returns>
    public static ulong Verify()
    {
        HeapOptions.BeginVerification();
        HeapPlatform.Collect();
        HeapOptions.EndVerification();
        return HeapVerifier.Errors;
    }

    /// <summary>Allocates an object. Task context.</summary>
    /// <param name="type">Its MethodTable.</param>
    /// <param name="length">Elements, for arrays and strings; otherwise 0.</param>
    /// <param name="stackPointer">Where this thread's stack is to be scanned from if this collects, with the registers above it; 0 for all of it.</param>
    /// <param name="uninitialized">True when the elements need not be cleared; ignored for types with references.</param>
    /// <returns>The object's reference, or 0 when memory is exhausted even after a collection.</returns>
    internal static nuint Allocate(ObjectType* type, uint length, nuint stackPointer, bool uninitialized = false)
    {
        nuint size = type->SizeOf(length);
        uint epoch = Collector.Epoch;
        if (FaultInjection.IsEnabled && FaultInjection.Fails())
        {
            return 0;
        }

        if (CollectionPolicy.IsDue && HeapPlatform.CanCollect)
        {
            Collector.Collect(epoch, stackPointer);
        }

        nuint reference = Take(size);
        if (reference == 0)
        {
            reference = TakeUnderPressure(size, stackPointer);
            if (reference == 0)
            {
                return 0;
            }
        }

        if (size > SizeClasses.LargestFast)
        {
            // The word of the MethodTable stays odd until the end: a collection in between keeps the object and does not look into it.
            *(ulong*)(reference - HeapBlock.HeaderSize) = 0;
            nuint bytes = size - (2 * (nuint)HeapBlock.HeaderSize);
            bool skip = uninitialized && !type->ContainsReferences;
            HeapMemory.Zero((byte*)reference + 8, skip ? 8 : bytes);
        }

        if (type->IsVariable)
        {
            *(uint*)(reference + ObjectType.LengthOffset) = length;
        }

        // From here on the object is whole. x86 keeps the order of stores; the volatile write keeps the compiler from changing it.
        Volatile.Write(ref *(nuint*)reference, (nuint)type);
        return reference;
    }

    private static nuint Take(nuint size)
    {
        if (size <= SizeClasses.LargestFast)
        {
            nuint reference = CellHeap.TakeFast(SizeClasses.ClassOf(size));
            if (FaultInjection.IsEnabled && FaultInjection.IsCounting)
            {
                HeapPlatform.ForgetAllocationLists();
            }

            return reference;
        }

        return size <= SizeClasses.LargestCell ? CellHeap.TakeMedium(SizeClasses.ClassOf(size)) : LargeHeap.Take(size);
    }

    /// <summary>Frames are exhausted: frees what can be freed, first without and then with a collection.</summary>
    private static nuint TakeUnderPressure(nuint size, nuint stackPointer)
    {
        if (size > HeapFrames.TotalBytes || !HeapPlatform.CanCollect)
        {
            return 0;
        }

        uint epoch = Collector.Epoch;
        Collector.FinishSweep();
        CellHeap.ReleaseEmptyBlocks();
        nuint reference = Take(size);
        if (reference == 0)
        {
            Collector.Collect(epoch, stackPointer);
            CellHeap.ReleaseEmptyBlocks();
            reference = Take(size);
        }

        return reference;
    }
}
