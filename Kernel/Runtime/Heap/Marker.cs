using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Runtime.Heap;

/// <summary>
/// Marks what is reachable, with the world stopped, on one processor. Entries of the mark stack are object references, or, told apart by their low bits,
/// the rest of a long run of references or of a long array of structs, so that a large array needs little stack.
/// </summary>
[Protocol(CollectorProtocol.WorldStopped)]
internal static unsafe class Marker
{
    private const nuint TagMask = 7;
    private const nuint RunTag = 1;
    private const nuint ItemsTag = 2;

    /// <summary>References of a run that are visited before the rest goes back onto the stack.</summary>
    private const int RunLength = 256;

    private static bool s_overflowed;
    private static nuint s_overflows;

    /// <summary>How often the mark stack was full since boot; each time costs a walk over the blocks concerned.</summary>
    public static nuint Overflows => s_overflows;

    /// <summary>Starts a collection. All mark bits are clear, because the sweep left them so.</summary>
    public static void Begin() => s_overflowed = false;

    /// <summary>Marks the object that a precise reference names; null and objects of the image are ignored.</summary>
    public static void MarkReference(nuint reference)
    {
        HeapBlock* block = BlockTable.Find(reference);
        if (block != null)
        {
            MarkCell(block, block->CellIndex(reference), reference);
        }
    }

    /// <summary>
    /// Marks the object that <paramref name="word"/> may point at or into, one past its end included (a by-ref at an array's end keeps the array, as in .NET).
    /// Any word is allowed.
    /// </summary>
    public static void MarkConservatively(nuint word)
    {
        // What .NET calls the object ranges from its reference to 8 bytes past the cell: shifted by the header, this is the cell.
        word -= HeapBlock.HeaderSize;
        HeapBlock* block = BlockTable.FindAny(word);
        if (block == null)
        {
            return;
        }

        uint index = block->CellIndex(word);
        if (index >= block->CellCount || !block->IsAllocated(index))
        {
            return;
        }

        MarkCell(block, index, block->ReferenceOf(index));
    }

    /// <summary>Treats each aligned word from <paramref name="low"/> up to <paramref name="high"/> as a possible pointer.</summary>
    public static void MarkRange(nuint low, nuint high)
    {
        for (nuint* word = (nuint*)((low + 7) & ~(nuint)7); (nuint)(word + 1) <= high; word++)
        {
            MarkConservatively(*word);
        }
    }

    /// <summary>True when the object is marked, or is none of the heap's (objects of the image live for ever).</summary>
    public static bool IsReached(nuint reference)
    {
        HeapBlock* block = BlockTable.Find(reference);
        return block == null || block->IsMarked(block->CellIndex(reference));
    }

    /// <summary>Marks everything that is reachable from what was marked so far.</summary>
    [RequiresLock(typeof(BlockTable), "s_lock")]
    public static void Drain()
    {
        while (true)
        {
            DrainStack();
            if (!s_overflowed)
            {
                return;
            }

            s_overflowed = false;
            s_overflows++;
            RescanOverflowed();
        }
    }

    /// <summary>
    /// Empties the stack. The loop is for what most objects are: few references in one run. Everything else goes through <see cref="StepSlowly"/>.
    /// </summary>
    private static void DrainStack()
    {
        nuint* bottom = MarkStack.Base;
        nuint* limit = MarkStack.Limit;
        nuint* top = MarkStack.Top;
        while (top != bottom)
        {
            nuint entry = *--top;
            if ((entry & TagMask) != 0 || GcDescriptor.SeriesCount(*(ObjectType**)entry) != 1)
            {
                MarkStack.Top = top;
                StepSlowly(entry);
                top = MarkStack.Top;
                continue;
            }

            ObjectType* type = *(ObjectType**)entry;
            nuint first = entry + ((nuint*)type)[-2];
            nuint end = first + ((nuint*)type)[-3] + type->SizeOf(entry);
            if (end - first > RunLength * (nuint)sizeof(nuint))
            {
                MarkStack.Top = top;
                SlotMarker.Visit((nuint*)first, (nuint*)end);
                top = MarkStack.Top;
                continue;
            }

            for (; first < end; first += (nuint)sizeof(nuint))
            {
                nuint reference = *(nuint*)first;
                if (!BlockTable.IsDirect(reference))
                {
                    if (reference != 0)
                    {
                        MarkStack.Top = top;
                        MarkReference(reference);
                        top = MarkStack.Top;
                    }

                    continue;
                }

                HeapBlock* block = BlockTable.FindDirect(reference);
                if (block == null || !HeapBlock.TryMark(block, block->CellIndex(reference)) || !(*(ObjectType**)reference)->ContainsReferences)
                {
                    continue;
                }

                if (top != limit)
                {
                    *top++ = reference;
                }
                else
                {
                    SetOverflowed(block);
                }
            }
        }

        MarkStack.Top = top;
    }

    private static void StepSlowly(nuint entry)
    {
        switch (entry & TagMask)
        {
            case 0:
                Scan(entry);
                break;

            case RunTag:
                SlotMarker.Visit((nuint*)(entry - RunTag), (nuint*)MarkStack.Pop());
                break;

            default:
                ScanItems(entry - ItemsTag, MarkStack.Pop());
                break;
        }
    }

    private static void Scan(nuint reference)
    {
        ObjectType* type = *(ObjectType**)reference;
        nint count = GcDescriptor.SeriesCount(type);
        if (count > 0)
        {
            GcDescriptor.WalkSeries<SlotMarker>(reference, type, type->SizeOf(reference));
        }
        else if (count < 0)
        {
            ScanItems(reference, GcDescriptor.FirstItem(reference, type));
        }
    }

    private static void SetOverflowed(HeapBlock* block)
    {
        block->Overflowed = 1;
        s_overflowed = true;
    }

    /// <summary>Visits some items of an array of structs from <paramref name="item"/> on, and leaves the rest on the stack.</summary>
    private static void ScanItems(nuint reference, nuint item)
    {
        ObjectType* type = *(ObjectType**)reference;
        nuint end = reference + type->SizeOf(reference) - HeapBlock.HeaderSize;
        nuint stop = item + (GcDescriptor.ItemStride(type) * RunLength);
        if (stop < end && MarkStack.PushPair(stop, reference | ItemsTag))
        {
            end = stop;
        }

        GcDescriptor.WalkItems<SlotMarker>(type, item, end);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MarkCell(HeapBlock* block, uint index, nuint reference)
    {
        if (!HeapBlock.TryMark(block, index))
        {
            return;
        }

        nuint type = *(nuint*)reference;
        if (!ObjectType.IsHalfMade(type) && ((ObjectType*)type)->ContainsReferences && !MarkStack.Push(reference))
        {
            SetOverflowed(block);
        }
    }

    /// <summary>Scans again every marked object of the blocks in which one did not fit on the stack.</summary>
    [RequiresLock(typeof(BlockTable), "s_lock")]
    private static void RescanOverflowed()
    {
        BlockCursor cursor = default;
        HeapBlock* block;
        while ((block = BlockTable.NextBlock(ref cursor)) != null)
        {
            if (block->Overflowed == 0)
            {
                continue;
            }

            block->Overflowed = 0;
            for (uint index = 0; index < block->CellCount; index++)
            {
                if (!block->IsMarked(index))
                {
                    continue;
                }

                nuint reference = block->ReferenceOf(index);
                nuint type = *(nuint*)reference;
                if (!ObjectType.IsHalfMade(type) && ((ObjectType*)type)->ContainsReferences)
                {
                    Scan(reference);
                    DrainStack();
                }
            }
        }
    }

    /// <summary>Marks what a run of slots refers to.</summary>
    private readonly struct SlotMarker : ISlotVisitor
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Visit(nuint* first, nuint* end)
        {
            if (end - first > RunLength && MarkStack.PushPair((nuint)end, (nuint)(first + RunLength) | RunTag))
            {
                end = first + RunLength;
            }

            for (; first < end; first++)
            {
                nuint reference = *first;
                if (reference != 0)
                {
                    MarkReference(reference);
                }
            }
        }
    }
}
