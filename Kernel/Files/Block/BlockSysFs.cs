using System;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using CosmosKernel.Abi;
using CosmosKernel.Files.Block.Loop;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Modules.Block;

namespace CosmosKernel.Files.Block;

/// <summary>Block devices in sysfs: /sys/devices/virtual/block/NAME with the links of /sys/block, /sys/class/block and /sys/dev/block. The caller's lock, that of <see cref="BlockDevices"/>, makes it one task at a time.</summary>
public sealed class BlockSysFs(FixedDirectory devices, FixedDirectory disks, FixedDirectory blockClass, FixedDirectory numbers)
{
    private const string Place = "devices/virtual/block/";

    [MightSleep]
    internal void Add(BlockDevice device)
    {
        string number = NumberOf(device);
        string path = device.IsPartition ? $"{device.Disk.Name}/{device.Name}" : device.Name;
        FixedDirectory parent = devices;
        if (device.IsPartition)
        {
            if (devices.Find(device.Disk.Name) is not FixedDirectory disk)
            {
                return;
            }

            parent = disk;
        }

        FixedDirectory directory = parent.AddDirectory(device.Name);
        AddCommon(directory, device, number);
        if (device.IsPartition)
        {
            directory.Add("partition", to => to.Add((long)device.Entry!.Number).Line());
            directory.Add("start", to => to.Add(device.Start).Line());
        }
        else
        {
            AddDisk(directory, device);
            disks.AddLink(device.Name, $"../{Place}{path}");
        }

        directory.AddLink("subsystem", device.IsPartition ? "../../../../../class/block" : "../../../../class/block");
        blockClass.AddLink(device.Name, $"../../{Place}{path}");
        numbers.AddLink(number, $"../../{Place}{path}");
    }

    /// <summary>The directory of a loop device with what file it has; there while it has one.</summary>
    [MightSleep]
    internal void ShowDriver(BlockDevice device)
    {
        const string Name = "loop";
        if (device.Disk.Driver is not LoopDriver loop || devices.Find(device.Name) is not FixedDirectory directory)
        {
            return;
        }

        bool isThere = directory.Find(Name) is not null;
        if (isThere && !loop.IsBound)
        {
            directory.Remove(Name);
        }
        else if (!isThere && loop.IsBound)
        {
            loop.Describe(directory.AddDirectory(Name));
        }
    }

    [MightSleep]
    internal void Remove(BlockDevice device)
    {
        numbers.Remove(NumberOf(device));
        blockClass.Remove(device.Name);
        if (device.IsPartition)
        {
            (devices.Find(device.Disk.Name) as FixedDirectory)?.Remove(device.Name);
        }
        else
        {
            disks.Remove(device.Name);
            devices.Remove(device.Name);
        }
    }

    private static string NumberOf(BlockDevice device) => string.Create(CultureInfo.InvariantCulture, $"{device.Number.Major}:{device.Number.Minor}");

    private static void AddCommon(FixedDirectory directory, BlockDevice device, string number)
    {
        directory.Add("dev", to => to.Add(number).Line());
        directory.Add("size", to => to.Add(device.Sectors).Line());
        directory.Add("ro", to => to.Add(device.IsReadOnly ? 1L : 0L).Line());
        directory.Add("alignment_offset", to => to.Add(0L).Line());
        directory.Add("discard_alignment", to => to.Add(0L).Line());
        directory.Add("stat", to =>
        {
            BlockReports.AddStatistics(to, device.Statistics, 8);
            to.Line();
        });
        directory.Add("inflight", to => to.AddRight(device.Statistics.InFlight, 8).AddRight(0, 8).Line());
        directory.Add("uevent", to =>
        {
            to.Add("MAJOR="u8).Add((long)device.Number.Major).Add("\nMINOR="u8).Add((long)device.Number.Minor).Add("\nDEVNAME="u8).Add(device.Name);
            to.Add(device.IsPartition ? "\nDEVTYPE=partition\nPARTN="u8 : "\nDEVTYPE=disk\nDISKSEQ="u8);
            to.Add(device.IsPartition ? (ulong)device.Entry!.Number : device.Disk.Sequence).Line();
            if (device.Entry is { Name.Length: > 0 } entry)
            {
                to.Add("PARTNAME="u8).Add(entry.Name).Line();
            }
        });
        directory.AddDirectory("holders");
        directory.AddDirectory("slaves");
    }

    private static void AddDisk(FixedDirectory directory, BlockDevice device)
    {
        Disk disk = device.Disk;
        DiskOptions options = disk.Options;
        directory.Add("removable", to => to.Add(options.IsRemovable ? 1L : 0L).Line());
        directory.Add("hidden", to => to.Add(0L).Line());
        directory.Add("range", to => to.Add((long)options.Minors).Line());
        directory.Add("ext_range", to => to.Add(256L).Line());
        directory.Add("capability", to => to.Add(0L).Line());
        directory.Add("diskseq", to => to.Add(disk.Sequence).Line());
        directory.Add("serial", to => to.Add(options.Serial).Line());
        FixedDirectory queue = directory.AddDirectory("queue");
        queue.Add("logical_block_size", to => to.Add((long)disk.LogicalBlockBytes).Line());
        queue.Add("hw_sector_size", to => to.Add((long)disk.LogicalBlockBytes).Line());
        queue.Add("physical_block_size", to => to.Add((long)disk.PhysicalBlockBytes).Line());
        queue.Add("minimum_io_size", to => to.Add((long)disk.PhysicalBlockBytes).Line());
        Number(queue, "optimal_io_size", options.OptimalBytes);
        Number(queue, "max_sectors_kb", options.MaximumSectors / 2);
        Number(queue, "max_hw_sectors_kb", options.MaximumSectors / 2);
        Number(queue, "max_segments", options.MaximumSegments);
        Number(queue, "max_segment_size", Page.Size);
        Number(queue, "rotational", options.IsRotational ? 1 : 0);
        Number(queue, "nr_requests", options.QueueDepth);
        Number(queue, "fua", options.SupportsForceUnitAccess ? 1 : 0);
        queue.Add("discard_granularity", to => to.Add(options.MaximumDiscardSectors > 0 ? (long)disk.LogicalBlockBytes : 0).Line());
        Number(queue, "discard_max_bytes", options.MaximumDiscardSectors * (long)DiskOptions.SectorBytes);
        Number(queue, "discard_max_hw_bytes", options.MaximumDiscardSectors * (long)DiskOptions.SectorBytes);
        Number(queue, "discard_zeroes_data", 0);
        Number(queue, "write_zeroes_max_bytes", options.MaximumWriteZeroesSectors * (long)DiskOptions.SectorBytes);
        Number(queue, "write_same_max_bytes", 0);
        Number(queue, "dax", 0);
        Number(queue, "nomerges", 0);
        Number(queue, "io_timeout", (long)(options.TimeoutNanoseconds / 1_000_000));
        queue.Add("zoned", to => to.Add("none\n"u8));
        queue.Add("write_cache", to => to.Add(options.HasWriteCache ? "write back\n"u8 : "write through\n"u8));
        queue.Add("read_ahead_kb", to => to.Add(device.ReadAheadPages * Page.Size / 1024).Line(), text => SetReadAhead(device, text));
        queue.Add("scheduler", to => to.Add(disk.Scheduler == "none" ? "[none] mq-deadline\n"u8 : "none [mq-deadline]\n"u8), text => disk.SetScheduler(Encoding.ASCII.GetString(text.Trim(" \t\n\0"u8))));
    }

    private static void Number(FixedDirectory directory, string name, long value) => directory.Add(name, to => to.Add(value).Line());

    private static Errno SetReadAhead(BlockDevice device, ReadOnlySpan<byte> text)
    {
        if (!Utf8Parser.TryParse(text, out uint value, out int used) || !text[used..].Trim(" \t\n\0"u8).IsEmpty)
        {
            return Errno.EINVAL;
        }

        device.ReadAheadPages = (ulong)value * 1024 / Page.Size;
        return Errno.Ok;
    }
}
