using System.Numerics;
using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Memory.Frames;

/// <summary>
/// The free memory of one zone as blocks of 2^order frames, each aligned to its size, split in halves on demand and joined with their buddies on release
/// (Knowlton, CACM 8, 1965). A bit per order tells which lists are not empty. All methods may be called from any context but NMI.
/// </summary>
internal unsafe struct BuddyZone
{
    /// <summary>Number of orders: blocks of 4 KiB to 4 MiB.</summary>
    public const int Orders = FrameTable.SectionShift - Frame.Shift + 1;

    private IrqSpinLock _lock;

    [GuardedBy(nameof(_lock))]
    private Words _heads;

    [GuardedBy(nameof(_lock))]
    private Words _blocks;

    [GuardedBy(nameof(_lock))]
    private uint _nonEmpty;

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private nuint _freeFrames;

    /// <summary>Frames in free blocks. Read without the lock: a snapshot.</summary>
    public readonly nuint FreeFrames => Volatile.Read(in _freeFrames);

    /// <summary>Free blocks of an order. A snapshot.</summary>
    public nuint FreeBlocks(int order)
    {
        using (_lock.Enter())
        {
            return _blocks[order];
        }
    }

    /// <summary>Makes an empty zone of zeroed memory.</summary>
    [BeforePublication]
    public void Initialize() => _lock = new IrqSpinLock(LockClass.BuddyZone);

    /// <summary>Takes a block; null when there is none of this order or above.</summary>
    public Frame* Take(int order)
    {
        using (_lock.Enter())
        {
            return TakeLocked(order);
        }
    }

    /// <summary>Takes up to <paramref name="count"/> single frames, linked by <see cref="Frame.Next"/>.</summary>
    /// <param name="count">How many are wanted.</param>
    /// <param name="list">Where they are put in front.</param>
    /// <returns>How many there were.</returns>
    public int TakeSingles(int count, ref Frame* list)
    {
        using (_lock.Enter())
        {
            int taken = 0;
            while (taken < count)
            {
                Frame* frame = TakeLocked(0);
                if (frame == null)
                {
                    break;
                }

                frame->Next = list;
                list = frame;
                taken++;
            }

            return taken;
        }
    }

    /// <summary>Gives a block back and joins it with its buddies.</summary>
    public void Give(Frame* block, int order)
    {
        using (_lock.Enter())
        {
            GiveLocked(block, order);
        }
    }

    /// <summary>Gives <paramref name="count"/> frames back that start at <paramref name="first"/>, as the fewest blocks whose alignment allows it.</summary>
    public void GiveRun(Frame* first, nuint count)
    {
        using (_lock.Enter())
        {
            while (count != 0)
            {
                int order = LargestOrder(FrameTable.NumberOf(first), count);
                GiveLocked(first, order);
                first += 1 << order;
                count -= (nuint)1 << order;
            }
        }
    }

    /// <summary>Gives back the single frames of a list linked by <see cref="Frame.Next"/>.</summary>
    public void GiveSingles(Frame* list)
    {
        using (_lock.Enter())
        {
            while (list != null)
            {
                Frame* next = list->Next;
                GiveLocked(list, 0);
                list = next;
            }
        }
    }

    private static int LargestOrder(nuint number, nuint count)
    {
        int order = Orders - 1;
        int aligned = BitOperations.TrailingZeroCount((ulong)number);
        int fits = BitOperations.Log2((ulong)count);
        order = aligned < order ? aligned : order;
        return fits < order ? fits : order;
    }

    [RequiresLock(nameof(_lock))]
    private Frame* TakeLocked(int order)
    {
        uint candidates = _nonEmpty & (uint.MaxValue << order);
        if (candidates == 0)
        {
            return null;
        }

        int found = BitOperations.TrailingZeroCount(candidates);
        var block = (Frame*)_heads[found];
        Unlink(block, found);
        while (found > order)
        {
            // The upper half goes back; the lower one is split on.
            found--;
            Link(block + (1 << found), found);
        }

        _freeFrames -= (nuint)1 << order;
        block->Use = FrameUse.None;
        return block;
    }

    [RequiresLock(nameof(_lock))]
    private void GiveLocked(Frame* block, int order)
    {
        _freeFrames += (nuint)1 << order;
        nuint number = FrameTable.NumberOf(block);
        while (order < Orders - 1)
        {
            nuint buddyNumber = number ^ ((nuint)1 << order);
            Frame* buddy = FrameTable.Base + buddyNumber;
            if (buddy->Use != FrameUse.Free || buddy->Order != order)
            {
                break;
            }

            Unlink(buddy, order);
            buddy->Use = FrameUse.None;
            number &= ~((nuint)1 << order);
            order++;
        }

        Link(FrameTable.Base + number, order);
    }

    [RequiresLock(nameof(_lock))]
    private void Link(Frame* block, int order)
    {
        var head = (Frame*)_heads[order];
        block->Use = FrameUse.Free;
        block->Order = (byte)order;
        block->Count = 0;
        block->Previous = null;
        block->Next = head;
        if (head != null)
        {
            head->Previous = block;
        }

        _heads[order] = (nuint)block;
        _blocks[order]++;
        _nonEmpty |= 1u << order;
    }

    [RequiresLock(nameof(_lock))]
    private void Unlink(Frame* block, int order)
    {
        Frame* next = block->Next;
        Frame* previous = block->Previous;
        if (next != null)
        {
            next->Previous = previous;
        }

        if (previous != null)
        {
            previous->Next = next;
        }
        else
        {
            _heads[order] = (nuint)next;
            if (next == null)
            {
                _nonEmpty &= ~(1u << order);
            }
        }

        _blocks[order]--;
    }

    [InlineArray(Orders)]
    private struct Words
    {
        private nuint _first;
    }
}
