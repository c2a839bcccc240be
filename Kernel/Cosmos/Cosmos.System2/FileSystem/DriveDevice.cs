using System;
using Cosmos.HAL.BlockDevice;
using CosmosKernel.Machine.Locking;

namespace Cosmos.System.FileSystem;

/// <summary>What a drive in memory is on: it has a size, and no blocks that could be read.</summary>
[Owned]
internal sealed class DriveDevice : BlockDevice
{
    private readonly string _root;

    public DriveDevice(FileSystem drive)
    {
        _root = drive.RootPath;
        mBlockSize = 512;
        mBlockCount = (ulong)drive.Size / mBlockSize;
    }

    /// <inheritdoc/>
    public override BlockDeviceType Type => BlockDeviceType.HardDrive;

    /// <inheritdoc/>
    public override void ReadBlock(ulong aBlockNo, ulong aBlockCount, ref byte[] aData) => throw new NotSupportedException($"drive {_root} is in memory and has no blocks");

    /// <inheritdoc/>
    public override void WriteBlock(ulong aBlockNo, ulong aBlockCount, ref byte[] aData) => throw new NotSupportedException($"drive {_root} is in memory and has no blocks");
}
