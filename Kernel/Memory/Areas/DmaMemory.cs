using System.Numerics;
using System.Runtime.CompilerServices;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Frames;

namespace CosmosKernel.Memory.Areas;

/// <summary>
/// Frames for DMA, in runs of powers of two. What was once used for DMA is kept for it: a device that writes late, or a driver that uses a buffer after it was given back, can then damage the data of
/// devices, but no object of the kernel.
/// </summary>
public static unsafe class DmaMemory
{
    /// <summary>The largest buffer: 4 MiB.</summary>
    public const int LargestBytes = FrameAllocator.LongestRun * Frame.Size;

    /// <summary>The lowest limit that a device may have for its addresses: 16 MiB, less one.</summary>
    public const ulong LowestLimit = 0xFF_FFFF;

    private const ulong End32Bits = 0xFFFF_FFFF;
    private const int Orders = 11;

    private static IrqSpinLock s_lock = new(LockClass.DmaMemory);

    // By zone, then by order. The frame's Owner is its slot while it is out.
    [GuardedBy(nameof(s_lock))]
    private static ListTable s_free;

    [Atomic]
    private static ulong s_frames;

    [Atomic]
    private static ulong s_idle;

    /// <summary>Frames that were taken for DMA since boot, in use or not.</summary>
    public static ulong Frames => Volatile.Read(ref s_frames);

    /// <summary>Frames among them that no buffer uses. A snapshot.</summary>
    public static ulong IdleFrames => Volatile.Read(ref s_idle);

    /// <summary>Takes a run of at least so many bytes whose last byte is at most at an address. Any context but NMI.</summary>
    /// <returns>The first frame; null when there is none.</returns>
    internal static Frame* Take(int bytes, ulong highestAddress)
    {
        int order = BitOperations.Log2((uint)(bytes - 1) >> Frame.Shift) + (bytes > Frame.Size ? 1 : 0);
        FrameZone zone = highestAddress >= End32Bits ? FrameZone.Below4GiB : FrameZone.Below16MiB;
        if (highestAddress >= FrameTable.End - 1)
        {
            zone = FrameZone.Normal;
        }

        using (s_lock.Enter())
        {
            for (int i = (int)zone; i >= 0; i--)
            {
                int slot = (i * Orders) + order;
                var frame = (Frame*)s_free[slot];
                if (frame != null)
                {
                    s_free[slot] = (nuint)frame->Next;
                    frame->Next = null;
                    Interlocked.Add(ref s_idle, 0ul - (1ul << order));
                    return frame;
                }
            }
        }

        Frame* fresh = FrameAllocator.Allocate((nuint)1 << order, FrameUse.Dma, zone);
        if (fresh != null)
        {
            // The zone that it came from may be a lower one than asked for; that it is listed by the limit that it was taken for is only less than ideal.
            fresh->Owner = (nuint)(((int)zone * Orders) + order);
            Interlocked.Add(ref s_frames, 1ul << order);
        }

        return fresh;
    }

    /// <summary>Takes a run back that <see cref="Take"/> gave. Any context but NMI.</summary>
    internal static void Give(Frame* frame)
    {
        using (s_lock.Enter())
        {
            int slot = (int)frame->Owner;
            frame->Next = (Frame*)s_free[slot];
            s_free[slot] = (nuint)frame;
            Interlocked.Add(ref s_idle, (ulong)frame->Count);
        }
    }

    [InlineArray(FrameAllocator.ZoneCount * Orders)]
    private struct ListTable
    {
        private nuint _first;
    }
}
