using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Memory.Frames;

/// <summary>
/// Frames for page tables, taken from the allocator in runs. Page tables are kept for good: single ones, taken while a large area is mapped, would lie scattered between its
/// pages, and when these are given back no long run of frames would be whole any more. Any context but NMI.
/// </summary>
internal static unsafe class PageTableFrames
{
    private const int Run = 32;

    private static IrqSpinLock s_lock = new(LockClass.PageTableFrames);

    [GuardedBy(nameof(s_lock))]
    private static Frame* s_stock;

    /// <summary>Forgets the stock, when the frame allocator starts anew. Boot CPU, once.</summary>
    [BeforePublication]
    internal static void Initialize() => s_stock = null;

    /// <summary>Takes a frame and clears its memory; null when there is none.</summary>
    internal static Frame* AllocateCleared()
    {
        Frame* frame = TakeStocked();
        if (frame == null)
        {
            frame = FrameAllocator.Allocate(Run, FrameUse.PageTable);
            if (frame == null)
            {
                return FrameAllocator.AllocateCleared(FrameUse.PageTable);
            }

            for (int i = 1; i < Run; i++)
            {
                frame[i].Use = FrameUse.PageTable;
                frame[i].Count = 1;
                frame[i].Owner = 0;
                frame[i].Previous = null;
                frame[i].Next = i + 1 < Run ? &frame[i + 1] : null;
            }

            frame->Count = 1;
            Stock(&frame[1], &frame[Run - 1]);
        }

        RawMemory.Clear(FrameTable.AddressOf(frame), Frame.Size);
        return frame;
    }

    private static Frame* TakeStocked()
    {
        using (s_lock.Enter())
        {
            Frame* frame = s_stock;
            if (frame != null)
            {
                s_stock = frame->Next;
                frame->Next = null;
            }

            return frame;
        }
    }

    private static void Stock(Frame* first, Frame* last)
    {
        using (s_lock.Enter())
        {
            last->Next = s_stock;
            s_stock = first;
        }
    }
}
