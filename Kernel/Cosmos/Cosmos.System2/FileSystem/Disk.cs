using System;
using System.Collections.Generic;
using System.IO;
using Cosmos.HAL.BlockDevice;
using CosmosKernel.Machine.Locking;

namespace Cosmos.System.FileSystem;

/// <summary>
/// A disk. That of a drive in memory has one partition, which is mounted, and no blocks. Those that drivers have (<see cref="BlockDevice.Devices"/>) are read and written as blocks, and partitioned with an MBR; no file
/// system is on them, so nothing is mounted. Task context.
/// </summary>
[Owned]
public class Disk
{
    // 1 MiB, as programs of today do; and a kind of partition that says nothing of what is on it but that it is data.
    private const ulong Alignment = 1024 * 1024;
    private const byte Data = 0x83;

    /// <summary>What it is.</summary>
    public BlockDevice Host;

    private readonly List<ManagedPartition> _partitions = [];

    /// <summary>A disk with the partitions of <see cref="Partition.Partitions"/> that are on it.</summary>
    [MightSleep]
    public Disk(BlockDevice mainBlockDevice)
        : this(mainBlockDevice, Partition.Partitions.FindAll(partition => ReferenceEquals(partition.Host, mainBlockDevice)).ConvertAll(partition => new ManagedPartition(partition)))
    {
    }

    internal Disk(BlockDevice device, FileSystem fileSystem)
        : this(device, [new ManagedPartition(new Partition(device, 0, device.BlockCount)) { MountedFS = fileSystem, RootPath = fileSystem.RootPath }])
    {
    }

    private Disk(BlockDevice device, List<ManagedPartition> partitions)
    {
        ArgumentNullException.ThrowIfNull(device);
        Host = device;
        Size = (long)(device.BlockCount * device.BlockSize);
        _partitions = partitions;
    }

    /// <summary>Whether its partition table is, or will be, an MBR; a drive in memory has none.</summary>
    public bool IsMBR
    {
        [MightSleep]
        get => Host is not DriveDevice && !GPT.IsGPTPartition(Host);
    }

    /// <summary>Bytes.</summary>
    public long Size { get; }

    /// <summary>What kind it is.</summary>
    public BlockDeviceType Type => Host.Type;

    /// <summary>Its partitions.</summary>
    public List<ManagedPartition> Partitions => _partitions;

    /// <summary>Mounts what is not mounted: nothing, since drives always are, and nothing is known that could be on a disk.</summary>
    public void Mount()
    {
    }

    /// <summary>Mounts a partition: nothing, as in <see cref="Mount"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such partition.</exception>
    public void MountPartition(int index) => _ = _partitions[index];

    /// <summary>Writes size and partitions to the console.</summary>
    [MightSleep]
    public void DisplayInformation()
    {
        global::System.Console.WriteLine($"{Type}, {Size} bytes, {_partitions.Count} partition{(_partitions.Count == 1 ? "" : "s")}");
        foreach (ManagedPartition partition in _partitions)
        {
            if (partition.MountedFS is { } fileSystem)
            {
                fileSystem.DisplayFileSystemInfo();
            }
            else
            {
                global::System.Console.WriteLine($"from block {partition.Host.StartingSector}, {partition.Host.BlockCount} blocks of {partition.Host.BlockSize} bytes");
            }
        }
    }

    /// <summary>Makes a partition behind all others, in the first entry of the MBR that is free. The kernel's own names (<c>/dev/vda1</c>) follow at once, unless one of them is open.</summary>
    /// <param name="size">MiB.</param>
    /// <exception cref="ArgumentException">The size is not positive.</exception>
    /// <exception cref="IOException">There is no room, or no entry is free; or the disk reports an error.</exception>
    /// <exception cref="NotSupportedException">The disk has a GPT, or is a drive in memory.</exception>
    [MightSleep]
    public void CreatePartition(int size)
    {
        if (size <= 0)
        {
            throw new ArgumentException($"a partition of {size} MiB", nameof(size));
        }

        byte[] block = ReadTable();
        if (!MBR.IsTable(block))
        {
            Array.Clear(block);
        }

        ulong unit = Math.Max(1, Alignment / Host.BlockSize);
        ulong start = unit;
        int free = -1;
        for (int i = MBR.Entries - 1; i >= 0; i--)
        {
            (byte kind, uint first, uint blocks) = MBR.EntryOf(block, i);
            if (kind == 0)
            {
                free = i;
            }
            else
            {
                start = Math.Max(start, ((ulong)first + blocks + unit - 1) / unit * unit);
            }
        }

        ulong count = (ulong)size * 1024 * 1024 / Host.BlockSize;
        if (free < 0)
        {
            throw new IOException($"the MBR of {Host} has no free entry for one more partition");
        }

        if (start > Host.BlockCount || count > Host.BlockCount - start)
        {
            throw new IOException($"{size} MiB from block {start} on do not fit on {Host}, which has {Host.BlockCount} blocks of {Host.BlockSize} bytes");
        }

        MBR.SetEntry(block, free, Data, start, count);
        MBR.Write(Host, block);
        var partition = new Partition(Host, start, count);
        Partition.Partitions.Add(partition);
        _partitions.Add(new ManagedPartition(partition));
    }

    /// <summary>Deletes a partition of the MBR.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such partition.</exception>
    /// <exception cref="NotSupportedException">It is none of the four of an MBR.</exception>
    [MightSleep]
    public void DeletePartition(int index)
    {
        ManagedPartition partition = _partitions[index];
        byte[] block = ReadTable();
        for (int i = 0; i < MBR.Entries; i++)
        {
            (byte kind, uint start, uint count) = MBR.EntryOf(block, i);
            if (kind != 0 && start == partition.Host.StartingSector && count == partition.Host.BlockCount)
            {
                MBR.SetEntry(block, i, 0, 0, 0);
                MBR.Write(Host, block);
                Partition.Partitions.Remove(partition.Host);
                _partitions.RemoveAt(index);
                return;
            }
        }

        throw new NotSupportedException($"partition {index} of {Host} is none of the four of its MBR");
    }

    /// <summary>Deletes all partitions.</summary>
    /// <exception cref="NotSupportedException">One is none of the four of an MBR.</exception>
    [MightSleep]
    public void Clear()
    {
        while (_partitions.Count > 0)
        {
            DeletePartition(_partitions.Count - 1);
        }
    }

    /// <summary>Not supported: there is no file system for disks.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public void FormatPartition(int index, string format, bool quick = true) => throw new NotSupportedException($"there is no file system {format} for disks (docs/cosmos.md)");

    [MightSleep]
    private byte[] ReadTable()
    {
        if (Host is DriveDevice || !IsMBR)
        {
            throw new NotSupportedException(Host is DriveDevice ? "a drive in memory has no partitions to change" : $"{Host} has a GPT, which is read and not written");
        }

        return MBR.Read(Host);
    }
}
