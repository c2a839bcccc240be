using System;
using System.IO;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Block;
using CosmosKernel.Modules.Log;
using Microsoft.Win32.SafeHandles;

namespace Cosmos.HAL.BlockDevice;

/// <summary>A disk that a driver has, by way of its device file: what <c>System.IO</c> reads from <c>/dev</c> is the same. What is written is on the disk when the call returns. Task context.</summary>
internal sealed class KernelDisk : BlockDevice
{
    private const int SectorBytes = 512;

    private readonly object _lock = new();

    private readonly string _path;

    // Opened by the first who reads or writes; from then on the driver's module is in use.
    [GuardedBy(nameof(_lock))]
    private SafeFileHandle? _handle;

    /// <summary>Makes it.</summary>
    /// <param name="disk">The kernel's disk.</param>
    public KernelDisk(Disk disk)
    {
        _path = "/dev/" + disk.Name;
        mBlockSize = (ulong)disk.LogicalBlockBytes;
        mBlockCount = (ulong)disk.Sectors * SectorBytes / mBlockSize;
    }

    /// <inheritdoc/>
    public override BlockDeviceType Type => BlockDeviceType.HardDrive;

    /// <inheritdoc/>
    /// <exception cref="IOException">The disk reports an error, or is gone.</exception>
    [MightSleep]
    public override void ReadBlock(ulong aBlockNo, ulong aBlockCount, ref byte[] aData)
    {
        Span<byte> rest = Range(aBlockNo, aBlockCount, aData);
        for (long offset = (long)(aBlockNo * mBlockSize); !rest.IsEmpty;)
        {
            int count = RandomAccess.Read(Open(), rest, offset);
            if (count == 0)
            {
                throw new IOException($"{_path} ends at byte {offset}");
            }

            offset += count;
            rest = rest[count..];
        }
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The disk reports an error, or is gone.</exception>
    /// <exception cref="UnauthorizedAccessException">It is read-only.</exception>
    [MightSleep]
    public override void WriteBlock(ulong aBlockNo, ulong aBlockCount, ref byte[] aData) => RandomAccess.Write(Open(), Range(aBlockNo, aBlockCount, aData), (long)(aBlockNo * mBlockSize));

    /// <summary>Says that its partition table is another one, so that the names in <c>/dev</c> follow; while one of the partitions is open they stay as they are, and the log says so.</summary>
    [MightSleep]
    public void RereadPartitions()
    {
        if (Disks.Find(_path["/dev/".Length..]) is { } disk && disk.RereadPartitions() is var error && error != CosmosKernel.Abi.Errno.Ok)
        {
            KernelLog.Warning($"{disk.Name}: the names of its partitions stay as they were until they are closed and the table is read again: {error}");
        }
    }

    /// <inheritdoc/>
    public override string ToString() => _path;

    private Span<byte> Range(ulong block, ulong count, byte[] data)
    {
        CheckBlockNo(block, count);
        CheckDataSize(data, count);
        return data.AsSpan(0, (int)(count * mBlockSize));
    }

    [MightSleep]
    private SafeFileHandle Open()
    {
        lock (_lock)
        {
            if (_handle is null)
            {
                bool isReadOnly = Disks.Find(_path["/dev/".Length..])?.IsReadOnly ?? false;
                _handle = File.OpenHandle(_path, FileMode.Open, isReadOnly ? FileAccess.Read : FileAccess.ReadWrite, FileShare.ReadWrite, FileOptions.WriteThrough);
            }

            return _handle;
        }
    }
}
