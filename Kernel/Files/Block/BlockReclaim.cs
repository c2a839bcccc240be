using System;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.Frames;

namespace CosmosKernel.Files.Block;

/// <summary>Gives cached pages of block devices back when memory is short: clean ones only, those first that nobody has used since the last look.</summary>
public static class BlockReclaim
{
    /// <summary>Pages that are freed at once.</summary>
    public const int Batch = 64;

    /// <summary>Fewer free frames than this, and the cache makes room for its pages from its own: a 32nd of memory above what is kept in reserve.</summary>
    internal static nuint LowFrames => FrameAllocator.Reserve + (FrameAllocator.ManagedFrames / 32);

    /// <summary>Frees pages. Task context; waits for nothing.</summary>
    /// <param name="wanted">How many, 1 and up.</param>
    /// <returns>How many were freed.</returns>
    [NoAllocation]
    public static int TryReclaim(int wanted)
    {
        int freed = 0;
        for (int pass = 0; pass < 2 && freed < wanted; pass++)
        {
            foreach (BlockDevice device in BlockDevices.All)
            {
                if (freed < wanted)
                {
                    freed += device.Cache.Reclaim(wanted - freed, evenIfReferenced: pass == 1);
                }
            }
        }

        return freed;
    }

    /// <summary>Frees all that is clean and neither in use nor mapped (vm.drop_caches). Task context; waits for nothing.</summary>
    [NoAllocation]
    public static void DropClean()
    {
        foreach (BlockDevice device in BlockDevices.All)
        {
            device.Cache.DropClean();
        }
    }

    /// <summary>Writes back what is dirty and frees all, also what is mapped: before a process is killed for want of memory. Task context.</summary>
    [MightSleep]
    public static void WriteAndDrop()
    {
        bool isDirty = BlockCacheCounters.Dirty.Value + BlockCacheCounters.Writing.Value > 0;
        foreach (BlockDevice device in BlockDevices.All)
        {
            if (isDirty)
            {
                device.Cache.WriteAndWait(0, ulong.MaxValue);
            }

            device.Cache.Remove(0, ulong.MaxValue);
        }
    }
}
