using System;
using System.Collections.Generic;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Block;

namespace Cosmos.HAL.BlockDevice;

/// <summary>A device of blocks of one size. Task context.</summary>
[Owned]
public abstract class BlockDevice : Device
{
    [Atomic]
    private static List<BlockDevice>? s_devices;

    /// <summary>Number of blocks.</summary>
    protected ulong mBlockCount;

    /// <summary>Bytes of a block.</summary>
    protected ulong mBlockSize;

    /// <summary>The disks that drivers had found when somebody first looked, in that order. A kernel may add its own; several tasks that change it need a lock.</summary>
    public static List<BlockDevice> Devices
    {
        get => Volatile.Read(ref s_devices) ?? Find();
        set => Volatile.Write(ref s_devices, value);
    }

    /// <summary>Number of blocks.</summary>
    public ulong BlockCount => mBlockCount;

    /// <summary>Bytes of a block.</summary>
    public ulong BlockSize => mBlockSize;

    /// <summary>What kind it is.</summary>
    public abstract BlockDeviceType Type { get; }

    /// <summary>An array for so many blocks.</summary>
    public byte[] NewBlockArray(ulong aBlockCount) => new byte[aBlockCount * mBlockSize];

    /// <summary>Reads blocks.</summary>
    /// <param name="aBlockNo">The first one.</param>
    /// <param name="aBlockCount">How many.</param>
    /// <param name="aData">Gets them.</param>
    [MightSleep]
    public abstract void ReadBlock(ulong aBlockNo, ulong aBlockCount, ref byte[] aData);

    /// <summary>Writes blocks.</summary>
    [MightSleep]
    public abstract void WriteBlock(ulong aBlockNo, ulong aBlockCount, ref byte[] aData);

    /// <summary>Refuses an array that is too short.</summary>
    protected void CheckDataSize(byte[] aData, ulong aBlockCount)
    {
        ArgumentNullException.ThrowIfNull(aData);
        if ((ulong)aData.Length < aBlockCount * mBlockSize)
        {
            throw new ArgumentException($"{aData.Length} bytes do not hold {aBlockCount} blocks of {mBlockSize}", nameof(aData));
        }
    }

    /// <summary>Refuses blocks that there are not.</summary>
    protected void CheckBlockNo(ulong aBlockNo, ulong aBlockCount)
    {
        if (aBlockCount > mBlockCount || aBlockNo > mBlockCount - aBlockCount)
        {
            throw new ArgumentOutOfRangeException(nameof(aBlockNo), $"blocks {aBlockNo} to {aBlockNo + aBlockCount}; there are {mBlockCount}");
        }
    }

    // Of two tasks that look first, both get the same list.
    private static List<BlockDevice> Find()
    {
        var devices = new List<BlockDevice>();
        foreach (Disk disk in Disks.All)
        {
            devices.Add(new KernelDisk(disk));
        }

        return Interlocked.CompareExchange(ref s_devices, devices, null) ?? devices;
    }
}
