using System.Runtime.CompilerServices;
using CosmosKernel.Machine.Paging;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Memory.Frames;

namespace CosmosKernel.Runtime.Heap;

/// <summary>
/// Where the heap's memory comes from: runs of frames in the direct map, whose descriptors name their block, and virtual areas. Contents are undefined.
/// The heap's unit tests put native memory in this place.
/// </summary>
internal static unsafe class HeapFrames
{
    /// <summary>Bytes of a frame.</summary>
    public const int FrameSize = Frame.Size;

    /// <summary>Areas begin at multiples of this many bytes from <see cref="AreaBase"/>, so that no two of the heap's areas share one of these units.</summary>
    public const nuint AreaGranule = 2 << 20;

    /// <summary>Start of the direct map.</summary>
    public static nuint DirectBase => unchecked((nuint)DirectMap.Base);

    /// <summary>Bytes of the direct map.</summary>
    public static nuint DirectBytes => unchecked((nuint)(DirectMap.Limit - DirectMap.Base));

    /// <summary>Start of the virtual areas.</summary>
    public static nuint AreaBase => unchecked((nuint)PageTables.VirtualAreaBase);

    /// <summary>Bytes of the virtual areas.</summary>
    public static nuint AreaBytes => unchecked((nuint)PageTables.VirtualAreaBytes);

    /// <summary>Bytes of all memory that there is to allocate from.</summary>
    public static nuint TotalBytes => FrameAllocator.ManagedFrames * FrameSize;

    /// <summary>Bytes of frames that nobody uses, those included that only wait for other CPUs to forget a released area. A snapshot, taken without a lock.</summary>
    public static nuint FreeBytes => (FrameAllocator.FreeFrames + VirtualAreas.HeldFrames) * FrameSize;

    /// <summary>Takes contiguous frames; null when there is no such run. Any context.</summary>
    public static byte* AllocateRun(nuint frames)
    {
        Frame* frame = FrameAllocator.Allocate(frames, FrameUse.ManagedHeap);
        return frame == null ? null : (byte*)FrameTable.AddressOf(frame);
    }

    /// <summary>Gives a whole run back. Any context.</summary>
    public static void FreeRun(byte* memory, nuint frames) => FrameAllocator.Free(FrameTable.OfAddress(memory));

    /// <summary>Takes a virtual area; null when memory or addresses ran out. No locks held.</summary>
    public static byte* AllocateArea(nuint bytes) => (byte*)VirtualAreas.Allocate(bytes, VirtualAreaUse.ManagedHeap, AreaGranule);

    /// <summary>Gives a virtual area back. May wait for all CPUs: no locks held, interrupts on.</summary>
    public static void FreeArea(byte* memory, nuint bytes) => VirtualAreas.Free(memory);

    /// <summary>Names the block that the frames of a run belong to, or none.</summary>
    public static void SetOwner(byte* memory, nuint frames, void* owner)
    {
        Frame* frame = FrameTable.OfAddress(memory);
        for (nuint i = 0; i < frames; i++)
        {
            // The use tells FindOwner that the owner's word is the heap's, in every frame of the run: the word comes first.
            frame[i].Owner = (nuint)owner;
            frame[i].Use = FrameUse.ManagedHeap;
        }
    }

    /// <summary>The block of an address of the direct map that is inside an object, or null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void* GetOwner(nuint address) => (void*)FrameTable.OfAddress((void*)address)->Owner;

    /// <summary>The block of an address of the direct map's range, which need not be memory at all; null when it belongs to none.</summary>
    public static void* FindOwner(nuint address)
    {
        Frame* frame = FrameTable.Find(address);
        return frame != null && frame->Use == FrameUse.ManagedHeap ? (void*)frame->Owner : null;
    }
}
