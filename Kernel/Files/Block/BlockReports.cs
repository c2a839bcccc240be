using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Block;

namespace CosmosKernel.Files.Block;

/// <summary>Block devices in /proc, as Linux writes them. Task context.</summary>
public static class BlockReports
{
    /// <summary>/proc/partitions.</summary>
    public static void Partitions(TextBuilder to)
    {
        to.Add("major minor  #blocks  name\n\n"u8);
        foreach (BlockDevice device in BlockDevices.All)
        {
            to.AddRight(device.Number.Major, 4).Add("  "u8).AddRight(device.Number.Minor, 7).Add(' ').AddRight((long)device.Sectors / 2, 10).Add(' ').Add(device.Name).Line();
        }
    }

    /// <summary>/proc/diskstats (Linux, Documentation/admin-guide/iostats.rst).</summary>
    public static void Statistics(TextBuilder to)
    {
        foreach (BlockDevice device in BlockDevices.All)
        {
            to.AddRight(device.Number.Major, 4).Add(' ').AddRight(device.Number.Minor, 7).Add(' ').Add(device.Name).Add(' ');
            AddStatistics(to, device.Statistics, 0);
            to.Line();
        }
    }

    /// <summary>The block devices of /proc/devices.</summary>
    [MightSleep]
    public static void Majors(TextBuilder to)
    {
        foreach ((string prefix, uint major) in Disks.Majors)
        {
            to.AddRight(major, 3).Add(' ').Add(prefix == "vd" ? "virtblk" : prefix == "ram" ? "ramdisk" : prefix).Line();
        }

        to.Add("259 blkext\n"u8);
    }

    /// <summary>The 17 numbers of a disk or partition.</summary>
    internal static void AddStatistics(TextBuilder to, IoStatistics statistics, int width)
    {
        for (int i = 0; i < 2; i++)
        {
            BlockOperation operation = i == 0 ? BlockOperation.Read : BlockOperation.Write;
            AddFour(to, statistics, operation, width, i == 0);
        }

        Add(to, statistics.InFlight, width);
        Add(to, statistics.BusyMilliseconds, width);
        Add(to, statistics.WeightedMilliseconds, width);
        AddFour(to, statistics, BlockOperation.Discard, width, isFirst: false);
        Add(to, statistics.Requests(BlockOperation.Flush), width);
        Add(to, statistics.Milliseconds(BlockOperation.Flush), width);
    }

    private static void AddFour(TextBuilder to, IoStatistics statistics, BlockOperation operation, int width, bool isFirst)
    {
        if (isFirst)
        {
            to.AddRight(statistics.Requests(operation), width);
        }
        else
        {
            Add(to, statistics.Requests(operation), width);
        }

        Add(to, statistics.Merges(operation), width);
        Add(to, statistics.Sectors(operation), width);
        Add(to, statistics.Milliseconds(operation), width);
    }

    private static void Add(TextBuilder to, long value, int width) => to.Add(' ').AddRight(value, width);
}
