using System;
using System.Buffers.Binary;
using CosmosKernel.Abi;
using CosmosKernel.Files.Users;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;
using CosmosKernel.Modules.Block;

namespace CosmosKernel.Files.Block;

// ioctl(2) of block devices (Linux, include/uapi/linux/fs.h and hdreg.h).
internal sealed partial class BlockFile
{
    private const uint SetReadOnlyRequest = 0x125D;
    private const uint GetReadOnlyRequest = 0x125E;
    private const uint RereadPartitions = 0x125F;
    private const uint GetSize = 0x1260;
    private const uint FlushBuffers = 0x1261;
    private const uint SetReadAhead = 0x1262;
    private const uint GetReadAhead = 0x1263;
    private const uint SetFileReadAhead = 0x1264;
    private const uint GetFileReadAhead = 0x1265;
    private const uint GetMaximumSectors = 0x1267;
    private const uint GetLogicalBlock = 0x1268;
    private const uint DiscardRequest = 0x1277;
    private const uint GetMinimumTransfer = 0x1278;
    private const uint GetOptimalTransfer = 0x1279;
    private const uint GetAlignmentOffset = 0x127A;
    private const uint GetPhysicalBlock = 0x127B;
    private const uint GetDiscardZeroes = 0x127C;
    private const uint GetRotational = 0x127E;
    private const uint ZeroOut = 0x127F;
    private const uint ChangePartitions = 0x1269;
    private const uint GetCacheBlock = 0x80081270;
    private const uint SetCacheBlock = 0x40081271;
    private const uint GetBytes = 0x80081272;
    private const uint GetDiskSequence = 0x80081280;
    private const uint GetGeometry = 0x0301;

    /// <inheritdoc/>
    [MightSleep]
    public override long Control(uint request, [UserAddress] ulong argument)
    {
        if (Device.IsGone)
        {
            return -(long)Errno.ENXIO;
        }

        DiskOptions options = Device.Disk.Options;
        switch (request)
        {
            case GetBytes:
                return Write64(argument, (ulong)Device.Bytes);
            case GetSize:
                return Write64(argument, Device.Sectors);
            case GetLogicalBlock:
                return Write32(argument, (uint)Device.Disk.LogicalBlockBytes);
            case GetPhysicalBlock:
                return Write32(argument, (uint)Device.Disk.PhysicalBlockBytes);
            case GetMinimumTransfer:
                return Write32(argument, (uint)Device.Disk.PhysicalBlockBytes);
            case GetOptimalTransfer:
                return Write32(argument, (uint)options.OptimalBytes);
            case GetAlignmentOffset:
            case GetDiscardZeroes:
                return Write32(argument, 0);
            case GetCacheBlock:
                return Write64(argument, (ulong)Device.Disk.LogicalBlockBytes);
            case GetMaximumSectors:
                return Write16(argument, (ushort)Math.Min(options.MaximumSectors, ushort.MaxValue));
            case GetRotational:
                return Write16(argument, (ushort)(options.IsRotational ? 1 : 0));
            case GetReadOnlyRequest:
                return Write32(argument, Device.IsReadOnly ? 1u : 0u);
            case GetReadAhead:
            case GetFileReadAhead:
                return Write64(argument, Device.ReadAheadPages * Page.Size / DiskOptions.SectorBytes);
            case GetDiskSequence:
                return Write64(argument, Device.Disk.Sequence);
            case GetGeometry:
                return WriteGeometry(argument);
            case SetCacheBlock:
                return CheckCacheBlock(argument, Device.Disk);
            default:
                return ControlChanges(request, argument);
        }
    }

    [MightSleep]
    private long ControlChanges(uint request, [UserAddress] ulong argument)
    {
        switch (request)
        {
            case SetReadOnlyRequest:
            case RereadPartitions:
            case ChangePartitions:
            case FlushBuffers:
            case SetReadAhead:
            case SetFileReadAhead:
                if (!Credentials.Current.Has(Capability.SysAdmin))
                {
                    return -(long)Errno.EACCES;
                }

                return ControlAsAdministrator(request, argument);
            case DiscardRequest:
            case ZeroOut:
                return ControlRange(request, argument);
            default:
                return Device.Disk.Driver.Control(request, argument);
        }
    }

    [MightSleep]
    private long ControlAsAdministrator(uint request, [UserAddress] ulong argument)
    {
        switch (request)
        {
            case SetReadOnlyRequest:
                Span<byte> value = stackalloc byte[4];
                if (UserMemory.Read(argument, value) != value.Length)
                {
                    return -(long)Errno.EFAULT;
                }

                bool isReadOnly = BinaryPrimitives.ReadInt32LittleEndian(value) != 0;
                if (!isReadOnly && Device.Disk.Options.IsReadOnly)
                {
                    return -(long)Errno.EACCES;
                }

                Device.SetReadOnly(isReadOnly);
                return 0;
            case RereadPartitions:
                return -(long)BlockDevices.Rescan(Device);
            case ChangePartitions:
                return -(long)ControlPartition(argument);
            case FlushBuffers:
                Errno error = Device.Sync(0, long.MaxValue);
                Device.Cache.Remove(0, ulong.MaxValue);
                return -(long)error;
            default:
                Device.ReadAheadPages = Math.Min(argument, uint.MaxValue) * DiskOptions.SectorBytes / Page.Size;
                return 0;
        }
    }

    // struct blkpg_ioctl_arg and, where that points, struct blkpg_partition (Linux, include/uapi/linux/blkpg.h).
    [MightSleep]
    private Errno ControlPartition([UserAddress] ulong argument)
    {
        const int Add = 1;
        const int Delete = 2;
        const int Resize = 3;
        Span<byte> header = stackalloc byte[24];
        if (UserMemory.Read(argument, header) != header.Length)
        {
            return Errno.EFAULT;
        }

        Span<byte> partition = stackalloc byte[20];
        if (UserMemory.Read(BinaryPrimitives.ReadUInt64LittleEndian(header[16..]), partition) != partition.Length)
        {
            return Errno.EFAULT;
        }

        long start = BinaryPrimitives.ReadInt64LittleEndian(partition);
        long length = BinaryPrimitives.ReadInt64LittleEndian(partition[8..]);
        int number = BinaryPrimitives.ReadInt32LittleEndian(partition[16..]);
        return BinaryPrimitives.ReadInt32LittleEndian(header) switch
        {
            Add => BlockDevices.AddPartition(Device, number, start, length),
            Delete => BlockDevices.DeletePartition(Device, number),
            Resize => BlockDevices.ResizePartition(Device, number, start, length),
            _ => Errno.EINVAL,
        };
    }

    [MightSleep]
    private long ControlRange(uint request, [UserAddress] ulong argument)
    {
        Span<byte> range = stackalloc byte[16];
        if (UserMemory.Read(argument, range) != range.Length)
        {
            return -(long)Errno.EFAULT;
        }

        long offset = BinaryPrimitives.ReadInt64LittleEndian(range);
        long length = BinaryPrimitives.ReadInt64LittleEndian(range[8..]);
        if (!IsWritable)
        {
            return -(long)Errno.EBADF;
        }

        if (Device.IsReadOnly)
        {
            return -(long)Errno.EPERM;
        }

        return -(long)(request == ZeroOut ? BlockRanges.WriteZeroes(Device, offset, length) : BlockRanges.Discard(Device, offset, length));
    }

    // The cache works in pages whatever is set; a block that cannot be is refused as Linux does.
    private static long CheckCacheBlock([UserAddress] ulong argument, Disk disk)
    {
        Span<byte> value = stackalloc byte[4];
        if (UserMemory.Read(argument, value) != value.Length)
        {
            return -(long)Errno.EFAULT;
        }

        int bytes = BinaryPrimitives.ReadInt32LittleEndian(value);
        return bytes >= disk.LogicalBlockBytes && bytes <= Page.Size && int.IsPow2(bytes) ? 0 : -(long)Errno.EINVAL;
    }

    // Cylinders, heads and sectors mean nothing; programs of old want numbers.
    private long WriteGeometry([UserAddress] ulong argument)
    {
        const int Heads = 16;
        const int Sectors = 63;
        Span<byte> geometry = stackalloc byte[16];
        geometry[0] = Heads;
        geometry[1] = Sectors;
        BinaryPrimitives.WriteUInt16LittleEndian(geometry[2..], (ushort)((ulong)Device.Disk.Sectors / (Heads * Sectors)));
        BinaryPrimitives.WriteUInt64LittleEndian(geometry[8..], Device.Start);
        return UserMemory.Write(argument, geometry) == geometry.Length ? 0 : -(long)Errno.EFAULT;
    }

    private static long Write64([UserAddress] ulong argument, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return UserMemory.Write(argument, bytes) == bytes.Length ? 0 : -(long)Errno.EFAULT;
    }

    private static long Write32([UserAddress] ulong argument, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return UserMemory.Write(argument, bytes) == bytes.Length ? 0 : -(long)Errno.EFAULT;
    }

    private static long Write16([UserAddress] ulong argument, ushort value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
        return UserMemory.Write(argument, bytes) == bytes.Length ? 0 : -(long)Errno.EFAULT;
    }
}
