using System.Runtime;
using System.Threading;

namespace CosmosKernel.Runtime.Heap;

/// <summary>Handles and finalization as CoreLib calls them.</summary>
internal static unsafe class HandleExports
{
    // System.Runtime.InteropServices.GCHandleType.
    private const int Weak = 0;
    private const int WeakTrackResurrection = 1;
    private const int Normal = 2;
    private const int Pinned = 3;

    /// <summary>Makes a handle. 0 (CoreLib throws OutOfMemoryException) when there is no memory, and for the kinds that only COM uses.</summary>
    [RuntimeExport("RhpHandleAlloc")]
    private static nuint* Allocate(nuint target, int type) => type switch
    {
        Weak => HandleTable.Allocate(HandleKind.WeakShort, target, 0),
        WeakTrackResurrection => HandleTable.Allocate(HandleKind.WeakLong, target, 0),
        Normal or Pinned => HandleTable.Allocate(HandleKind.Strong, target, 0),
        _ => null,
    };

    [RuntimeExport("RhpHandleAllocDependent")]
    private static nuint* AllocateDependent(nuint primary, nuint secondary) => HandleTable.Allocate(HandleKind.Dependent, primary, secondary);

    [RuntimeExport("RhHandleFree")]
    private static void Free(nuint* handle) => HandleTable.Free(handle);

    [RuntimeExport("RhHandleGet")]
    private static nuint Get(nuint* handle) => *handle;

    [RuntimeExport("RhHandleSet")]
    private static nuint* Set(nuint* handle, nuint target)
    {
        Volatile.Write(ref *handle, target); // The object is whole before another CPU finds it here.
        return handle;
    }

    [RuntimeExport("RhHandleGetDependent")]
    private static nuint GetDependent(nuint* handle, nuint* secondary)
    {
        // Both are cleared in one stop of the world, so the pair read below belongs together once the first word is not null: the reference keeps the object.
        nuint primary = Volatile.Read(ref *handle);
        *secondary = primary == 0 ? 0 : handle[1];
        return primary;
    }

    [RuntimeExport("RhHandleSetDependentSecondary")]
    private static void SetDependentSecondary(nuint* handle, nuint secondary) => Volatile.Write(ref handle[1], secondary);

    /// <summary>Only COM interop has reference-counted handles.</summary>
    [RuntimeExport("RhRegisterRefCountedHandleCallback")]
    private static bool RegisterRefCountedHandleCallback(nint callback, ObjectType* type) => false;

    [RuntimeExport("RhUnregisterRefCountedHandleCallback")]
    private static void UnregisterRefCountedHandleCallback(nint callback, ObjectType* type)
    {
        // None can have been registered.
    }

    [RuntimeExport("RhpGetNextFinalizableObject")]
    private static nuint GetNextFinalizable()
    {
        while (true)
        {
            nuint reference = FinalizationTable.TakeReady();
            if (reference == 0)
            {
                return 0;
            }

            // Suppressed while it waited: the bit is used up, so that it may be registered again.
            int* header = (int*)(reference - sizeof(int));
            if ((Interlocked.And(ref *header, ~(int)FinalizationTable.SuppressedBit) & (int)FinalizationTable.SuppressedBit) == 0)
            {
                return reference;
            }
        }
    }

    [RuntimeExport("RhSuppressFinalize")]
    private static void SuppressFinalize(nuint reference)
    {
        ObjectType* type = *(ObjectType**)reference;
        if ((type->Flags & ObjectType.HasFinalizer) != 0)
        {
            // The lock bits and hash code of the same word are changed by other threads.
            Interlocked.Or(ref *(int*)(reference - sizeof(int)), (int)FinalizationTable.SuppressedBit);
        }
    }

    /// <summary>False (CoreLib throws OutOfMemoryException) when there is no memory.</summary>
    [RuntimeExport("RhReRegisterForFinalize")]
    private static bool ReRegisterForFinalize(nuint reference)
    {
        ObjectType* type = *(ObjectType**)reference;
        if ((type->Flags & ObjectType.HasFinalizer) == 0)
        {
            return true;
        }

        // As in .NET: registering a suppressed object undoes that, any other is registered once more.
        int* header = (int*)(reference - sizeof(int));
        int before = Interlocked.And(ref *header, ~(int)FinalizationTable.SuppressedBit);
        return (before & (int)FinalizationTable.SuppressedBit) != 0 || FinalizationTable.Register(reference, type->IsCriticalFinalizer);
    }

    /// <summary>References on this thread's stack are found anyway; those elsewhere are found through the chain.</summary>
    [RuntimeExport("RhRegisterForGCReporting")]
    private static void RegisterForReporting(FrameRegistration* frame) => HeapRoots.Register(frame);

    [RuntimeExport("RhUnregisterForGCReporting")]
    private static void UnregisterForReporting(FrameRegistration* frame) => HeapRoots.Unregister(frame);
}
