using System;
using System.Buffers.Binary;
using CosmosKernel.Abi;
using CosmosKernel.Files.Naming;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Memory.User;

namespace CosmosKernel.Syscalls.Files;

/// <summary>struct stat, struct statx and struct statfs (stat(2), statx(2), statfs(2)).</summary>
internal static class StatEncoding
{
    /// <summary>STATX_BASIC_STATS, STATX_BTIME and STATX_MNT_ID: what statx tells.</summary>
    private const uint StatxMask = 0x1FFF;
    private const int StatBytes = 144;
    private const int StatxBytes = 256;
    private const int StatfsBytes = 120;

    /// <summary>Writes a struct stat.</summary>
    [MightSleep]
    public static long WriteStat(Inode inode, [UserAddress] ulong address)
    {
        inode.GetAttributes(out InodeAttributes from);
        Span<byte> to = stackalloc byte[StatBytes];
        to.Clear();
        Put64(to, 0, from.Device.Encoded);
        Put64(to, 8, from.Number);
        Put64(to, 16, from.Links);
        Put32(to, 24, from.Mode);
        Put32(to, 28, from.UserId);
        Put32(to, 32, from.GroupId);
        Put64(to, 40, from.RealDevice.Encoded);
        Put64(to, 48, (ulong)from.Size);
        Put64(to, 56, (ulong)from.BlockBytes);
        Put64(to, 64, (ulong)from.Blocks);
        PutTime(to, 72, from.AccessTime, 8);
        PutTime(to, 88, from.ModifyTime, 8);
        PutTime(to, 104, from.ChangeTime, 8);
        return UserMemory.TryWrite(address, to) ? 0 : -(long)Errno.EFAULT;
    }

    /// <summary>Writes a struct statx.</summary>
    /// <param name="path">What; the mount may be missing.</param>
    /// <param name="address">Where to.</param>
    [MightSleep]
    public static long WriteStatx(in VfsPath path, [UserAddress] ulong address)
    {
        path.Inode!.GetAttributes(out InodeAttributes from);
        Span<byte> to = stackalloc byte[StatxBytes];
        to.Clear();
        Put32(to, 0, from.BirthTime == 0 ? StatxMask & ~0x800u : StatxMask);
        Put32(to, 4, (uint)from.BlockBytes);
        Put32(to, 16, from.Links);
        Put32(to, 20, from.UserId);
        Put32(to, 24, from.GroupId);
        BinaryPrimitives.WriteUInt16LittleEndian(to[28..], (ushort)from.Mode);
        Put64(to, 32, from.Number);
        Put64(to, 40, (ulong)from.Size);
        Put64(to, 48, (ulong)from.Blocks);
        PutTime(to, 64, from.AccessTime, 4);
        PutTime(to, 80, from.BirthTime, 4);
        PutTime(to, 96, from.ChangeTime, 4);
        PutTime(to, 112, from.ModifyTime, 4);
        Put32(to, 128, from.RealDevice.Major);
        Put32(to, 132, from.RealDevice.Minor);
        Put32(to, 136, from.Device.Major);
        Put32(to, 140, from.Device.Minor);
        Put64(to, 144, path.Mount is { } mount ? (ulong)mount.Id : 0);

        // STATX_ATTR_MOUNT_ROOT.
        const ulong MountRoot = 0x2000;
        Put64(to, 8, path.Mount is { } shown && ReferenceEquals(shown.Root, path.Entry) ? MountRoot : 0);
        Put64(to, 56, MountRoot);
        return UserMemory.TryWrite(address, to) ? 0 : -(long)Errno.EFAULT;
    }

    /// <summary>Writes a struct statfs.</summary>
    [MightSleep]
    public static long WriteStatfs(in VfsPath path, [UserAddress] ulong address)
    {
        path.Inode!.FileSystem.GetStatistics(out FileSystemStatistics from);
        Span<byte> to = stackalloc byte[StatfsBytes];
        to.Clear();
        Put64(to, 0, (ulong)from.Magic);
        Put64(to, 8, (ulong)from.BlockBytes);
        Put64(to, 16, from.Blocks);
        Put64(to, 24, from.FreeBlocks);
        Put64(to, 32, from.FreeBlocks);
        Put64(to, 40, from.Inodes);
        Put64(to, 48, from.FreeInodes);
        Put32(to, 56, path.Inode.FileSystem.Device.Minor);
        Put64(to, 64, PathLimits.NameMaximum);
        Put64(to, 72, (ulong)from.BlockBytes);

        // ST_VALID, and those flags of the mount that have the same value here.
        MountFlags flags = path.Mount?.Flags ?? MountFlags.None;
        Put64(to, 80, 0x20 | (ulong)(flags & (MountFlags.ReadOnly | MountFlags.NoSetId | MountFlags.NoDevices | MountFlags.NoExec | MountFlags.NoAccessTime | MountFlags.NoDirectoryAccessTime)));
        return UserMemory.TryWrite(address, to) ? 0 : -(long)Errno.EFAULT;
    }

    private static void Put32(Span<byte> to, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(to[offset..], value);

    private static void Put64(Span<byte> to, int offset, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(to[offset..], value);

    // Times before 1970 have negative seconds and positive nanoseconds.
    private static void PutTime(Span<byte> to, int offset, long time, int fractionBytes)
    {
        long seconds = Math.DivRem(time, Timespec.PerSecond, out long fraction);
        if (fraction < 0)
        {
            seconds--;
            fraction += Timespec.PerSecond;
        }

        Put64(to, offset, (ulong)seconds);
        if (fractionBytes == 4)
        {
            Put32(to, offset + 8, (uint)fraction);
        }
        else
        {
            Put64(to, offset + 8, (ulong)fraction);
        }
    }
}
