using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Runtime.Heap;

/// <summary>
/// Checks the heap at the end of marking, world stopped: each reference in a reached object names a reached object of the heap, at its exact
/// address and with a sane MethodTable, or an object of the image. Objects of the image refer to nothing in the heap.
/// </summary>
[Protocol(CollectorProtocol.WorldStopped)]
internal static unsafe class HeapVerifier
{
    private static ulong s_errors;
    private static nuint s_firstObject;
    private static nuint s_firstSlot;
    private static nuint s_object;
    private static bool s_objectIsFrozen;

    /// <summary>Bad references that the last verification found.</summary>
    public static ulong Errors => s_errors;

    /// <summary>The object that holds the first bad reference; 0 when there was none.</summary>
    public static nuint FirstObject => s_firstObject;

    /// <summary>The address of the first bad reference; the object itself when its MethodTable or size is wrong.</summary>
    public static nuint FirstSlot => s_firstSlot;

    /// <summary>Runs the check.</summary>
    [RequiresLock(typeof(BlockTable), "s_lock")]
    public static void VerifyMarked()
    {
        s_errors = 0;
        s_firstObject = 0;
        s_firstSlot = 0;
        BlockCursor cursor = default;
        HeapBlock* block;
        while ((block = BlockTable.NextBlock(ref cursor)) != null)
        {
            switch (block->Kind)
            {
                case BlockKind.Cells:
                case BlockKind.LargeFrames:
                case BlockKind.LargeArea:
                    VerifyBlock(block);
                    break;

                case BlockKind.Frozen:
                    VerifyFrozen(block);
                    break;
            }
        }
    }

    private static void VerifyBlock(HeapBlock* block)
    {
        for (uint index = 0; index < block->CellCount; index++)
        {
            if (!block->IsMarked(index))
            {
                continue;
            }

            s_object = block->ReferenceOf(index);
            s_objectIsFrozen = false;
            if (!block->IsAllocated(index))
            {
                Report(s_object);
                continue;
            }

            nuint type = *(nuint*)s_object;
            if (ObjectType.IsHalfMade(type))
            {
                continue;
            }

            if (!IsSane((ObjectType*)type) || ((ObjectType*)type)->SizeOf(s_object) > block->CellSize)
            {
                Report(s_object);
                continue;
            }

            if (((ObjectType*)type)->ContainsReferences)
            {
                GcDescriptor.Walk<SlotVerifier>(s_object, (ObjectType*)type);
            }
        }
    }

    private static void VerifyFrozen(HeapBlock* segment)
    {
        // Objects follow each other, each with its header word before it.
        nuint end = (nuint)segment->Start + segment->Bytes;
        nuint reference = (nuint)segment->Start + HeapBlock.HeaderSize;
        s_objectIsFrozen = true;
        while (reference + HeapBlock.HeaderSize < end)
        {
            ObjectType* type = *(ObjectType**)reference;
            if (type == null)
            {
                return;
            }

            s_object = reference;
            if (type->ContainsReferences)
            {
                GcDescriptor.Walk<SlotVerifier>(reference, type);
            }

            reference += type->SizeOf(reference);
        }
    }

    private static void VerifySlot(nuint* slot)
    {
        nuint reference = *slot;
        if (reference == 0)
        {
            return;
        }

        HeapBlock* block = BlockTable.FindAny(reference);
        if (block == null)
        {
            if (!HeapPlatform.IsImage(reference))
            {
                Report((nuint)slot);
            }

            return;
        }

        uint index = block->CellIndex(reference);
        if (s_objectIsFrozen || index >= block->CellCount || block->ReferenceOf(index) != reference || !block->IsAllocated(index)
            || !block->IsMarked(index) || !IsSane(*(ObjectType**)reference))
        {
            Report((nuint)slot);
        }
    }

    private static bool IsSane(ObjectType* type) =>
        ((nuint)type & 7) == 0 && HeapPlatform.IsTypeAddress((nuint)type) && type->BaseSize >= ObjectType.MinimumSize - 4;

    private static void Report(nuint slot)
    {
        if (s_errors++ == 0)
        {
            s_firstObject = s_object;
            s_firstSlot = slot;
        }
    }

    private readonly struct SlotVerifier : ISlotVisitor
    {
        public static void Visit(nuint* first, nuint* end)
        {
            for (; first < end; first++)
            {
                VerifySlot(first);
            }
        }
    }
}
