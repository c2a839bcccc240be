using System;
using CosmosKernel.Abi;
using CosmosKernel.Files.Block.Partitions;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Block;

namespace CosmosKernel.Files.Block;

// Partitions that programs add and take away, whatever the table on the disk says (Linux, BLKPG; partx(8), addpart(8)).
public static partial class BlockDevices
{
    private const long MostPartitions = 65_535;

    /// <summary>Adds a partition until it is taken away or the table is read again. Task context.</summary>
    /// <param name="device">The disk.</param>
    /// <param name="number">1 and up.</param>
    /// <param name="start">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <returns>EINVAL: not whole blocks of the disk, or it can have no partitions; EBUSY: the number is taken, or a part of another partition.</returns>
    [MightSleep]
    internal static Errno AddPartition(BlockDevice device, long number, long start, long length)
    {
        if (Check(device, number, start, length) is var error && error != Errno.Ok)
        {
            return error;
        }

        using (s_lock.Enter())
        {
            if (device.IsGone)
            {
                return Errno.ENXIO;
            }

            if (FindPartition(device.Disk, number) is not null || Overlaps(device.Disk, number, start, length))
            {
                return Errno.EBUSY;
            }

            ulong block = (ulong)device.Disk.LogicalBlockBytes;
            EnterPartition(device, new PartitionEntry((int)number, (ulong)start / block, (ulong)length / block, Guid.Empty, Guid.Empty, ""));
            return Errno.Ok;
        }
    }

    /// <summary>Takes a partition away; the table on the disk stays. Task context.</summary>
    /// <returns>ENXIO: there is none; EBUSY: somebody has it open.</returns>
    [MightSleep]
    internal static Errno DeletePartition(BlockDevice device, long number)
    {
        if (device.IsPartition)
        {
            return Errno.EINVAL;
        }

        using (s_lock.Enter())
        {
            if (FindPartition(device.Disk, number) is not { } partition)
            {
                return Errno.ENXIO;
            }

            if (!partition.TrySetGoneIfUnused())
            {
                return Errno.EBUSY;
            }

            Withdraw(partition);
            Forget(partition);
            return Errno.Ok;
        }
    }

    /// <summary>Gives a partition another length. Task context.</summary>
    /// <returns>As for adding and taking away; EINVAL: it would begin elsewhere.</returns>
    [MightSleep]
    internal static Errno ResizePartition(BlockDevice device, long number, long start, long length)
    {
        if (Check(device, number, start, length) is var error && error != Errno.Ok)
        {
            return error;
        }

        using (s_lock.Enter())
        {
            if (FindPartition(device.Disk, number) is not { } partition)
            {
                return Errno.ENXIO;
            }

            if ((long)(partition.Start * DiskOptions.SectorBytes) != start)
            {
                return Errno.EINVAL;
            }

            if (Overlaps(device.Disk, number, start, length))
            {
                return Errno.EBUSY;
            }

            partition.SetSectors((ulong)length / DiskOptions.SectorBytes);
            return Errno.Ok;
        }
    }

    private static Errno Check(BlockDevice device, long number, long start, long length)
    {
        int block = device.Disk.LogicalBlockBytes;
        bool isRight = !device.IsPartition && number is > 0 and <= MostPartitions && start >= 0 && length > 0 && start % block == 0 && length % block == 0
            && start <= device.Bytes && length <= device.Bytes - start;
        return isRight ? Errno.Ok : Errno.EINVAL;
    }

    private static BlockDevice? FindPartition(Disk disk, long number)
    {
        foreach (BlockDevice device in All)
        {
            if (ReferenceEquals(device.Disk, disk) && device.Entry is { } entry && entry.Number == number)
            {
                return device;
            }
        }

        return null;
    }

    private static bool Overlaps(Disk disk, long number, long start, long length)
    {
        foreach (BlockDevice device in All)
        {
            long other = (long)(device.Start * DiskOptions.SectorBytes);
            if (ReferenceEquals(device.Disk, disk) && device.Entry is { } entry && entry.Number != number && start < other + device.Bytes && other < start + length)
            {
                return true;
            }
        }

        return false;
    }

    [RequiresLock(nameof(s_lock))]
    [MightSleep]
    private static BlockDevice EnterPartition(BlockDevice whole, PartitionEntry entry)
    {
        Disk disk = whole.Disk;
        var number = (uint)entry.Number < disk.Options.Minors
            ? new DeviceNumber(disk.Major, disk.FirstMinor + (uint)entry.Number)
            : new DeviceNumber(ExtendedMajor, s_nextExtended++);
        var partition = new BlockDevice(whole, entry, number);
        Enter(partition);
        return partition;
    }
}
