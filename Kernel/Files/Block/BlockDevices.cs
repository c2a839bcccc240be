using System;
using System.Collections.Generic;
using System.Threading;
using CosmosKernel.Abi;
using CosmosKernel.Files.Block.Partitions;
using CosmosKernel.Files.Descriptors;
using CosmosKernel.Files.DeviceFiles;
using CosmosKernel.Files.Naming;
using CosmosKernel.Files.SystemFiles;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Block;
using CosmosKernel.Modules.Log;
using Mutex = CosmosKernel.Tasks.Waiting.Mutex;

namespace CosmosKernel.Files.Block;

/// <summary>All block devices: disks and their partitions, by device number. It gives them nodes in /dev and directories in /sys.</summary>
public static partial class BlockDevices
{
    /// <summary>Major number of partitions for which a disk's own numbers do not suffice.</summary>
    public const uint ExtendedMajor = 259;

    private const uint NodePermissions = 0x1B0;

    private static readonly Mutex s_lock = new("block devices");

    [GuardedBy(nameof(s_lock), LockFreeReads = true)]
    private static BlockDevice[] s_devices = [];

    [GuardedBy(nameof(s_lock))]
    private static uint s_nextExtended;

    [GuardedBy(nameof(s_lock))]
    private static BlockSysFs? s_sysFs;

    /// <summary>All of them now: each disk before its partitions. Any context.</summary>
    public static ReadOnlySpan<BlockDevice> All => Volatile.Read(ref s_devices);

    /// <summary>Begins to hear of disks. Once, at boot, in task context.</summary>
    [MightSleep]
    public static void Start()
    {
        Writeback.Start();
        Disks.Listen(new Listener());
    }

    /// <summary>Where sysfs shows block devices. Once, at boot, in task context.</summary>
    [MightSleep]
    public static void Show(BlockSysFs sysFs)
    {
        ArgumentNullException.ThrowIfNull(sysFs);
        using (s_lock.Enter())
        {
            s_sysFs = sysFs;
            foreach (BlockDevice device in s_devices)
            {
                sysFs.Add(device);
            }
        }
    }

    /// <summary>The device with a number; null when there is none. Any context.</summary>
    public static BlockDevice? Find(DeviceNumber number)
    {
        foreach (BlockDevice device in All)
        {
            if (device.Number == number)
            {
                return device;
            }
        }

        return null;
    }

    /// <summary>Opens a node. Task context; permissions have been checked.</summary>
    /// <returns>ENXIO: there is no such device, or its module is starting or stopping; EACCES: it cannot be written.</returns>
    [MightSleep]
    public static Errno Open(in VfsPath path, Inode inode, OpenFlags flags, out OpenFile? file)
    {
        ArgumentNullException.ThrowIfNull(inode);
        file = null;
        if (Find(inode.Device) is not { IsGone: false } device)
        {
            return Errno.ENXIO;
        }

        bool writes = (flags & OpenFlags.AccessMode) != OpenFlags.ReadOnly;
        if (writes && device.IsReadOnly)
        {
            return Errno.EACCES;
        }

        // The file ends this use when it is closed.
        if (device.Disk.Owner is { } owner && !owner.TryGet())
        {
            return Errno.ENXIO;
        }

        if (!device.TryAddUser())
        {
            device.Disk.Owner?.Put();
            return Errno.ENXIO;
        }

        try
        {
            file = new BlockFile(path, inode, flags, device);
            return Errno.Ok;
        }
        catch
        {
            // No file will close: it ends here.
            device.RemoveUser();
            device.Disk.Owner?.Put();
            throw;
        }
    }

    /// <summary>Writes all that is dirty, and flushes all disks (sync(2)). Task context.</summary>
    [MightSleep]
    public static void SyncAll()
    {
        foreach (BlockDevice device in All)
        {
            if (!device.IsGone)
            {
                device.Cache.StartWriting(0, ulong.MaxValue, waits: true);
            }
        }

        foreach (BlockDevice device in All)
        {
            if (!device.IsGone)
            {
                device.Cache.AwaitWriting(0, ulong.MaxValue);
            }
        }

        foreach (Disk disk in Disks.All)
        {
            if (disk.Options.HasWriteCache && FindDisk(disk) is { IsGone: false } device && device.Flush() is var error && error != Errno.Ok)
            {
                KernelLog.Write(LogLevel.Error, $"{disk.Name}: flush failed: {error}");
            }
        }
    }

    /// <summary>Reads the partition table again (BLKRRPART). Task context.</summary>
    /// <returns>EBUSY: a partition is in use; EINVAL: it is a partition itself.</returns>
    [MightSleep]
    public static Errno Rescan(BlockDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (device.IsPartition || !device.Disk.ReadsPartitions)
        {
            return Errno.EINVAL;
        }

        using (s_lock.Enter())
        {
            return RenewPartitions(device);
        }
    }

    /// <summary>Shows what is particular to a disk's driver in sysfs, or what has changed of it. Task context.</summary>
    [MightSleep]
    internal static void ShowDriver(BlockDevice device)
    {
        using (s_lock.Enter())
        {
            if (!device.IsGone)
            {
                s_sysFs?.ShowDriver(device);
            }
        }
    }

    [RequiresLock(nameof(s_lock))]
    [MightSleep]
    private static Errno RenewPartitions(BlockDevice device)
    {
        if (device.IsGone)
        {
            return Errno.ENXIO;
        }

        BlockDevice[] partitions = Array.FindAll(s_devices, other => ReferenceEquals(other.Disk, device.Disk) && other.IsPartition);
        int used = Array.FindIndex(partitions, other => !other.TrySetGoneIfUnused());
        if (used >= 0)
        {
            Array.ForEach(partitions[..used], other => other.ComeBack());
            return Errno.EBUSY;
        }

        foreach (BlockDevice other in partitions)
        {
            Withdraw(other);
            Forget(other);
        }

        ReadPartitions(device);
        return Errno.Ok;
    }

    private static BlockDevice? FindDisk(Disk disk)
    {
        foreach (BlockDevice device in All)
        {
            if (ReferenceEquals(device.Disk, disk) && !device.IsPartition)
            {
                return device;
            }
        }

        return null;
    }

    [RequiresLock(nameof(s_lock))]
    [MightSleep]
    private static void ReadPartitions(BlockDevice device)
    {
        Disk disk = device.Disk;
        if (!disk.ReadsPartitions)
        {
            return;
        }

        device.KeepCache();
        var table = PartitionTable.Read(new CacheReader(device));
        device.LeaveCache();
        foreach (string message in table.Messages)
        {
            KernelLog.Write(LogLevel.Warning, $"{disk.Name}: {message}");
        }

        string names = "";
        foreach (PartitionEntry entry in table.Entries)
        {
            names += " " + EnterPartition(device, entry).Name;
        }

        if (names.Length > 0)
        {
            KernelLog.Write(LogLevel.Info, $" {disk.Name}:{names}");
        }
    }

    [RequiresLock(nameof(s_lock))]
    [MightSleep]
    private static void Enter(BlockDevice device)
    {
        Volatile.Write(ref s_devices, [.. s_devices, device]);
        try
        {
            device.Node = DeviceNodes.Add(device.Name, FileMode.BlockDevice | NodePermissions, 0, device.Number);
        }
        catch (InvalidOperationException failure)
        {
            // Somebody has made a file of this name: that one stays.
            KernelLog.Write(LogLevel.Warning, $"{device.Name}: {failure.Message}");
        }

        s_sysFs?.Add(device);
    }

    // No new user comes; those that there are see ENXIO.
    [RequiresLock(nameof(s_lock))]
    [MightSleep]
    private static void Withdraw(BlockDevice device)
    {
        device.SetGone();
        device.Node?.Dispose();
        device.Node = null;
        s_sysFs?.Remove(device);
    }

    [RequiresLock(nameof(s_lock))]
    [MightSleep]
    private static void Forget(BlockDevice device)
    {
        device.Cache.AwaitWriting(0, ulong.MaxValue);
        device.Cache.Abandon();
        Volatile.Write(ref s_devices, Array.FindAll(s_devices, other => !ReferenceEquals(other, device)));
    }

    private sealed class Listener : DiskListener
    {
        [MightSleep]
        public override void Added(Disk disk)
        {
            using (s_lock.Enter())
            {
                var device = new BlockDevice(disk, new DeviceNumber(disk.Major, disk.FirstMinor));
                Enter(device);
                long megabytes = disk.Sectors / 2048;
                KernelLog.Write(LogLevel.Info, $"{disk.Name}: {disk.Sectors} sectors of 512 bytes ({megabytes} MiB), blocks of {disk.LogicalBlockBytes}{(disk.IsReadOnly ? ", read-only" : "")}");
                ReadPartitions(device);
            }
        }

        [MightSleep]
        public override void Leaving(Disk disk)
        {
            using (s_lock.Enter())
            {
                foreach (BlockDevice device in s_devices)
                {
                    if (ReferenceEquals(device.Disk, disk))
                    {
                        Withdraw(device);
                    }
                }
            }
        }

        [MightSleep]
        public override void Removed(Disk disk)
        {
            using (s_lock.Enter())
            {
                foreach (BlockDevice device in s_devices)
                {
                    if (ReferenceEquals(device.Disk, disk))
                    {
                        Forget(device);
                    }
                }
            }
        }

        [MightSleep]
        public override void Changed(Disk disk)
        {
            using (s_lock.Enter())
            {
                FindDisk(disk)?.Resize((ulong)disk.Sectors);
            }
        }

        [MightSleep]
        public override Errno RereadPartitions(Disk disk)
        {
            using (s_lock.Enter())
            {
                return FindDisk(disk) is { } device ? RenewPartitions(device) : Errno.ENXIO;
            }
        }
    }

    private sealed class CacheReader(BlockDevice device) : SectorReader
    {
        public override int BlockBytes => device.Disk.LogicalBlockBytes;

        public override ulong Blocks => (ulong)device.Bytes / (ulong)BlockBytes;

        [MightSleep]
        public override bool TryRead(ulong block, Span<byte> to)
        {
            var sink = new DataSink(to);
            return block < Blocks && device.Cache.Read(ref sink, (long)(block * (ulong)BlockBytes), new ReadAhead()) == to.Length;
        }
    }
}
