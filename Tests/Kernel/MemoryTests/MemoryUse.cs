using CosmosKernel.Memory.Areas;
using CosmosKernel.Memory.Frames;
using CosmosKernel.Memory.Slabs;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Runtime.Heap;

namespace CosmosKernel.Tests.Memory;

/// <summary>Memory in use outside the managed heap, when everything that is only kept in stock has been given back.</summary>
/// <param name="Frames">Frames that are neither free nor the managed heap's.</param>
/// <param name="Areas">Virtual areas.</param>
internal readonly record struct MemoryUse(long Frames, long Areas)
{
    /// <summary>Empties stocks and measures. Task context.</summary>
    public static MemoryUse Now()
    {
        ManagedHeap.Collect();
        KernelStacks.Trim();
        SlabCache.ShrinkAll();
        FrameAllocator.DrainCaches();
        HeapStatistics heap = HeapStatistics.Capture();
        long heapFrames = (long)((heap.CommittedBytes + heap.MetadataBytes) / Frame.Size);
        return new MemoryUse((long)(FrameAllocator.ManagedFrames - FrameAllocator.FreeFrames) - heapFrames, (long)VirtualAreas.UsedAreas);
    }

    /// <summary>Fails when more is in use than before, but for <paramref name="frames"/> that the kernel's other tasks may have taken meanwhile.</summary>
    public static void CheckNoLeak(MemoryUse before, long frames, long areas)
    {
        MemoryUse after = Now();
        Check.True(after.Frames <= before.Frames + frames, $"frames in use went from {before.Frames} to {after.Frames}");
        Check.True(after.Areas <= before.Areas + areas, $"virtual areas in use went from {before.Areas} to {after.Areas}");
    }
}
