using CosmosKernel.Files.Block;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Areas;
using CosmosKernel.Memory.Frames;
using CosmosKernel.Memory.Slabs;
using CosmosKernel.Runtime.Heap;

namespace CosmosKernel.Processes.Memory;

/// <summary>What the kernel keeps only to be faster, and can give up: names of files, stacks of threads that have ended, released virtual areas, empty slabs, frames in stock at the CPUs, and unreached objects of the managed heap.</summary>
public static class MemoryReclaim
{
    /// <summary>Gives up names of files (vm.drop_caches, 2). Task context.</summary>
    [MightSleep]
    public static void DropNames()
    {
        _ = EntryCache.DropUnused();
        FreeUnreached();
    }

    /// <summary>Frees what nobody uses, and keeps the caches that help. Task context.</summary>
    [MightSleep]
    public static void FreeUnreached()
    {
        ManagedHeap.Collect();
        KernelStacks.Trim();
        SlabCache.ShrinkAll();
        FrameAllocator.DrainCaches();
    }

    /// <summary>Gives up clean pages of block devices (vm.drop_caches, 1). Task context.</summary>
    [MightSleep]
    public static void DropPages()
    {
        BlockReclaim.DropClean();
        FrameAllocator.DrainCaches();
    }

    /// <summary>Gives up everything. Task context.</summary>
    /// <returns>True when processes can have memory again: more than a sixteenth above the reserve, so that this is not done for every few pages.</returns>
    [MightSleep]
    public static bool TryReclaim()
    {
        // Clean pages first: they cost nothing to give up.
        if (BlockReclaim.TryReclaim((int)(FrameAllocator.Reserve / 8) + BlockReclaim.Batch) > 0 && IsEnough)
        {
            return true;
        }

        DropNames();
        if (IsEnough)
        {
            return true;
        }

        BlockReclaim.WriteAndDrop();
        return IsEnough;
    }

    /// <summary>Processes can have memory again, more than a few pages of it. Task context.</summary>
    internal static bool IsEnough
    {
        get
        {
            FrameAllocator.DrainCaches();
            return FrameAllocator.FreeFrames > FrameAllocator.Reserve + (FrameAllocator.Reserve / 16);
        }
    }
}
