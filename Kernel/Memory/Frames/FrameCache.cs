using System.Runtime.InteropServices;
using System.Threading;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Memory.Frames;

/// <summary>
/// A CPU's stock of single free frames, so that most allocations and releases of one frame touch no shared cache line. Its lock is only ever contended when
/// memory has run out and another CPU empties the stock, or when a task was moved between reading its CPU's number and locking.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal unsafe struct FrameCache
{
    /// <summary>Frames moved between the stock and the zones at a time.</summary>
    public const int Batch = 16;

    /// <summary>Most frames that a stock keeps.</summary>
    public const int Limit = 64;

    private IrqSpinLock _lock;

    [GuardedBy(nameof(_lock))]
    private Frame* _first;

    [GuardedBy(nameof(_lock), LockFreeReads = true)]
    private int _count;

    /// <summary>Frames in stock. Read without the lock: a snapshot.</summary>
    public readonly int Count => Volatile.Read(in _count);

    /// <summary>Makes an empty stock of zeroed memory.</summary>
    [BeforePublication]
    public void Initialize() => _lock = new IrqSpinLock(LockClass.FrameCache);

    /// <summary>Takes a frame, most recently released first; null when the zones are empty too.</summary>
    /// <param name="keepsReserve">Null, too, when the zones have only the reserve.</param>
    public Frame* Take(bool keepsReserve)
    {
        using (_lock.Enter())
        {
            if (_count == 0)
            {
                if (keepsReserve && FrameAllocator.IsLow)
                {
                    return null;
                }

                _count = FrameAllocator.TakeSingles(Batch, ref _first);
                if (_count == 0)
                {
                    return null;
                }
            }

            Frame* frame = _first;
            _first = frame->Next;
            _count--;
            return frame;
        }
    }

    /// <summary>Adds a frame, whose use is <see cref="FrameUse.Cached"/>.</summary>
    public void Give(Frame* frame)
    {
        using (_lock.Enter())
        {
            frame->Next = _first;
            _first = frame;
            _count++;
            if (_count <= Limit)
            {
                return;
            }

            // The ones used longest ago are at the end, but finding them costs more than their warm cache lines are worth.
            Frame* list = _first;
            Frame* last = list;
            for (int i = 1; i < Batch; i++)
            {
                last = last->Next;
            }

            _first = last->Next;
            last->Next = null;
            _count -= Batch;
            FrameAllocator.GiveSingles(list);
        }
    }

    /// <summary>Gives everything back to the zones.</summary>
    public void Drain()
    {
        using (_lock.Enter())
        {
            FrameAllocator.GiveSingles(_first);
            _first = null;
            _count = 0;
        }
    }
}
