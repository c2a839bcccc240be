using System.Runtime;

namespace CosmosKernel.Runtime.Heap;

/// <summary>
/// The allocation functions that compiled code and CoreLib call, besides the fast paths of <c>Allocate.xs</c>, which come here when a free list is empty.
/// </summary>
internal static unsafe class AllocationExports
{
    // GC_ALLOC_FLAGS of the runtime's interface with CoreLib.
    private const uint FlagFinalize = 0x1;
    private const uint FlagZeroingOptional = 0x10;

    /// <summary>Where <c>RhpNewFast</c> goes when it cannot serve a request itself.</summary>
    /// <returns>The object; 0 makes the X# caller throw OutOfMemoryException.</returns>
    [RuntimeExport("HeapNewObjectSlow")]
    private static nuint NewObjectSlow(ObjectType* type, int length, nuint stackPointer) => ManagedHeap.Allocate(type, 0, stackPointer);

    /// <summary>Where <c>RhpNewArray</c> and <c>RhNewString</c> go.</summary>
    /// <returns>The object; 0 makes the X# caller throw OutOfMemoryException, or OverflowException for a negative length.</returns>
    [RuntimeExport("HeapNewArraySlow")]
    private static nuint NewArraySlow(ObjectType* type, int length, nuint stackPointer) =>
        length < 0 ? 0 : ManagedHeap.Allocate(type, (uint)length, stackPointer);

    /// <summary>Where <c>RhpNewFinalizable</c> goes.</summary>
    /// <returns>The object; 0 makes the X# caller throw OutOfMemoryException.</returns>
    [RuntimeExport("HeapNewFinalizableSlow")]
    private static nuint NewFinalizable(ObjectType* type, int length, nuint stackPointer)
    {
        nuint reference = ManagedHeap.Allocate(type, 0, stackPointer);
        return reference != 0 && FinalizationTable.Register(reference, type->IsCriticalFinalizer) ? reference : 0;
    }

    [RuntimeExport("HeapCollectFrom")]
    private static void CollectFrom(nuint stackPointer) => Collector.Collect(Collector.Epoch, stackPointer);

    /// <summary>GC.AllocateArray and its kin; a null result makes CoreLib throw.</summary>
    [RuntimeExport("RhAllocateNewArray")]
    private static void AllocateNewArray(ObjectType* type, uint length, uint flags, nuint* result) =>
        *result = length > ManagedHeap.LargestLength ? 0 : ManagedHeap.Allocate(type, length, 0, (flags & FlagZeroingOptional) != 0);

    /// <summary>Objects that CoreLib makes by their type, static bases among them; a null result makes it fail.</summary>
    [RuntimeExport("RhAllocateNewObject")]
    private static void AllocateNewObject(ObjectType* type, uint flags, nuint* result)
    {
        nuint reference = ManagedHeap.Allocate(type, 0, 0);
        if (reference != 0 && (flags & FlagFinalize) != 0 && !FinalizationTable.Register(reference, type->IsCriticalFinalizer))
        {
            reference = 0;
        }

        *result = reference;
    }

    /// <summary>Clears memory that may hold references, in whole references where it is aligned.</summary>
    [RuntimeExport("RhpGcSafeZeroMemory")]
    private static byte* GcSafeZeroMemory(byte* start, nuint bytes)
    {
        byte* end = start + bytes;
        byte* at = start;
        while (at < end && ((nuint)at & 7) != 0)
        {
            *at++ = 0;
        }

        nuint whole = (nuint)(end - at) & ~(nuint)7;
        HeapMemory.Zero(at, whole);
        at += whole;
        while (at < end)
        {
            *at++ = 0;
        }

        return start;
    }
}
