using System.Numerics;
using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Paging;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Memory.Frames;

namespace CosmosKernel.Memory.Slabs;

/// <summary>
/// Native memory of any size: slab caches up to 2048 bytes (sizes 16, 32, 48, 64, 96, 128 and so on, in half steps), contiguous frames up to 4 MiB,
/// a virtual area above. Any context but NMI up to 4 MiB; above, task context. Failure is a null pointer; nothing throws.
/// </summary>
public static unsafe class KernelHeap
{
    /// <summary>What every block is aligned to, in bytes.</summary>
    public const int Alignment = 16;

    private const int Classes = 14;
    private const nuint LargestRun = (nuint)FrameAllocator.LongestRun * Frame.Size;

    [Immutable]
    private static CacheTable s_caches;

    /// <summary>Makes the slab caches. Boot CPU, once, after the frame allocator.</summary>
    [BeforePublication]
    public static void Initialize()
    {
        SlabCache.InitializeAll();
        for (int i = 0; i < Classes; i++)
        {
            SlabCache* cache = SlabCache.Create("heap"u8, SizeOfClass(i));
            if (cache == null)
            {
                Panic.Now("There is no memory for the native heap"u8);
            }

            s_caches[i] = (nuint)cache;
        }
    }

    /// <summary>Takes a block; its contents are undefined.</summary>
    /// <param name="bytes">Size; 0 gives a block of its own too.</param>
    /// <returns>Null when memory ran out.</returns>
    public static void* Allocate(nuint bytes)
    {
        if (bytes <= SlabCache.LargestObject)
        {
            return ((SlabCache*)s_caches[ClassOf(bytes)])->Allocate();
        }

        if (bytes <= LargestRun)
        {
            Frame* frame = FrameAllocator.Allocate((bytes + Frame.Size - 1) / Frame.Size, FrameUse.NativeHeap);
            return frame == null ? null : FrameTable.AddressOf(frame);
        }

        return VirtualAreas.Allocate(bytes, VirtualAreaUse.NativeHeap);
    }

    /// <summary>Takes a block filled with zero.</summary>
    /// <returns>Null when memory ran out.</returns>
    public static void* AllocateCleared(nuint bytes)
    {
        void* block = Allocate(bytes);
        if (block != null)
        {
            RawMemory.Clear(block, bytes);
        }

        return block;
    }

    /// <summary>Takes a block at a multiple of <paramref name="alignment"/>, which is a power of two.</summary>
    /// <returns>Null when memory ran out or the alignment is no power of two.</returns>
    public static void* AllocateAligned(nuint bytes, nuint alignment)
    {
        if (!BitOperations.IsPow2((ulong)alignment))
        {
            return null;
        }

        if (alignment <= Alignment)
        {
            return Allocate(bytes);
        }

        nuint size = bytes > alignment ? bytes : alignment;
        if (size <= SlabCache.LargestObject)
        {
            // Objects of a power of two are aligned to their size.
            return Allocate((nuint)BitOperations.RoundUpToPowerOf2((ulong)size));
        }

        if (size <= LargestRun && alignment <= LargestRun)
        {
            // So are runs of frames: a run is the start of a block of the power of two that holds it.
            nuint frames = (size + Frame.Size - 1) / Frame.Size;
            Frame* frame = FrameAllocator.Allocate(frames, FrameUse.NativeHeap);
            return frame == null ? null : FrameTable.AddressOf(frame);
        }

        return VirtualAreas.Allocate(bytes, VirtualAreaUse.NativeHeap, alignment);
    }

    /// <summary>Bytes that the block really has. Panics when the pointer is no block.</summary>
    public static nuint SizeOf(void* block)
    {
        if (!DirectMap.Contains((ulong)block))
        {
            return VirtualAreas.SizeOf(block);
        }

        Frame* frame = FrameTable.Find((ulong)block);
        if (frame != null && frame->Use == FrameUse.Slab)
        {
            return (nuint)((Slab*)frame->Owner)->Cache->ObjectSize;
        }

        if (frame == null || frame->Use != FrameUse.NativeHeap || ((nuint)block & (Frame.Size - 1)) != 0)
        {
            Panic.Now("A pointer is no block of the native heap"u8);
        }

        return (nuint)frame->Count * Frame.Size;
    }

    /// <summary>Changes a block's size; its contents up to the smaller size stay.</summary>
    /// <param name="block">A block, or null for a new one.</param>
    /// <param name="bytes">The new size.</param>
    /// <returns>The block, perhaps at another address; null when memory ran out, and then the old block is as before.</returns>
    public static void* Reallocate(void* block, nuint bytes)
    {
        if (block == null)
        {
            return Allocate(bytes);
        }

        nuint size = SizeOf(block);
        if (bytes <= size && bytes >= size / 2)
        {
            return block;
        }

        void* moved = Allocate(bytes);
        if (moved != null)
        {
            nuint kept = bytes < size ? bytes : size;
            RawMemory.Copy(block, moved, kept);
            Free(block);
        }

        return moved;
    }

    /// <summary>Gives a block back; null is allowed. Panics when the pointer is no block.</summary>
    public static void Free(void* block)
    {
        if (block == null)
        {
            return;
        }

        if (!DirectMap.Contains((ulong)block))
        {
            VirtualAreas.Free(block);
            return;
        }

        Frame* frame = FrameTable.Find((ulong)block);
        if (frame != null && frame->Use == FrameUse.Slab)
        {
            ((Slab*)frame->Owner)->Cache->Free(block);
            return;
        }

        if (frame == null || frame->Use != FrameUse.NativeHeap || ((nuint)block & (Frame.Size - 1)) != 0)
        {
            Panic.Now("A pointer was released that is no block of the native heap"u8);
        }

        FrameAllocator.Free(frame);
    }

    /// <summary>The cache's number for a size up to 2048 bytes.</summary>
    internal static int ClassOf(nuint bytes)
    {
        if (bytes <= 32)
        {
            return bytes <= 16 ? 0 : 1;
        }

        // From 32 on, each power of two is halved once: 48 and 64, 96 and 128, ...
        int power = BitOperations.Log2((ulong)bytes - 1);
        return 2 + (2 * (power - 5)) + (bytes > (nuint)3 << (power - 1) ? 1 : 0);
    }

    /// <summary>Bytes of the objects of a class.</summary>
    internal static int SizeOfClass(int index) =>
        index < 2 ? 16 << index : (index & 1) == 0 ? 48 << ((index - 2) / 2) : 64 << ((index - 3) / 2);

    [InlineArray(Classes)]
    private struct CacheTable
    {
        private nuint _first;
    }
}
