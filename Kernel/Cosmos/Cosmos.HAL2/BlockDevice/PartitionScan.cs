using System.Collections.Generic;
using CosmosKernel.Machine.Locking;

namespace Cosmos.HAL.BlockDevice;

/// <summary>The partitions of a disk by its tables: GPT, or MBR with the chain of logical partitions in the extended one. What is not on the disk is left out. Task context.</summary>
internal static class PartitionScan
{
    // Longer chains than any program makes; one that goes round in a circle ends there.
    private const int LongestChain = 256;

    /// <summary>Finds them.</summary>
    [MightSleep]
    public static List<Partition> Of(BlockDevice device)
    {
        var found = new List<Partition>();
        if (GPT.IsGPTPartition(device))
        {
            foreach (GPT.GPartInfo part in new GPT(device).Partitions)
            {
                Add(found, device, part.StartSector, part.SectorCount);
            }

            return found;
        }

        if (device.BlockCount == 0 || device.BlockSize < 512)
        {
            return found;
        }

        var table = new MBR(device);
        foreach (MBR.PartInfo part in table.Partitions)
        {
            Add(found, device, part.StartSector, part.SectorCount);
        }

        ulong next = table.EBRLocation;
        for (int i = 0; i < LongestChain && next != 0 && next < device.BlockCount; i++)
        {
            byte[] block = device.NewBlockArray(1);
            device.ReadBlock(next, 1, ref block);
            if (!MBR.IsTable(block))
            {
                break;
            }

            // The first entry counts from this block, the second from the extended partition's first.
            (byte kind, uint start, uint count) = MBR.EntryOf(block, 0);
            if (kind != 0)
            {
                Add(found, device, next + start, count);
            }

            (byte link, uint offset, _) = MBR.EntryOf(block, 1);
            next = MBR.IsExtended(link) && offset != 0 ? (ulong)table.EBRLocation + offset : 0;
        }

        return found;
    }

    private static void Add(List<Partition> found, BlockDevice device, ulong start, ulong count)
    {
        if (count > 0 && start > 0 && count <= device.BlockCount && start <= device.BlockCount - count)
        {
            found.Add(new Partition(device, start, count));
        }
    }
}
