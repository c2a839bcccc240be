using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Log;

namespace Cosmos.HAL.BlockDevice;

/// <summary>A part of a device. Task context.</summary>
[Owned]
public class Partition : BlockDevice
{
    [Atomic]
    private static List<Partition>? s_partitions;

    /// <summary>The device.</summary>
    public readonly BlockDevice Host;

    /// <summary>Its first block on the device.</summary>
    public readonly ulong StartingSector;

    /// <summary>Makes one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not on the device.</exception>
    public Partition(BlockDevice aHost, ulong StartingSector, ulong SectorCount)
    {
        ArgumentNullException.ThrowIfNull(aHost);
        if (SectorCount > aHost.BlockCount || StartingSector > aHost.BlockCount - SectorCount)
        {
            throw new ArgumentOutOfRangeException(nameof(SectorCount), $"{SectorCount} blocks from {StartingSector} on; the device has {aHost.BlockCount}");
        }

        Host = aHost;
        this.StartingSector = StartingSector;
        mBlockCount = SectorCount;
        mBlockSize = aHost.BlockSize;
    }

    /// <summary>The partitions of all <see cref="BlockDevice.Devices"/>, as their tables were when somebody first looked. A kernel may add its own; several tasks that change it need a lock.</summary>
    public static List<Partition> Partitions
    {
        [MightSleep]
        get => Volatile.Read(ref s_partitions) ?? Find();
        set => Volatile.Write(ref s_partitions, value);
    }

    /// <inheritdoc/>
    public override BlockDeviceType Type => Host.Type;

    /// <inheritdoc/>
    [MightSleep]
    public override void ReadBlock(ulong aBlockNo, ulong aBlockCount, ref byte[] aData)
    {
        CheckBlockNo(aBlockNo, aBlockCount);
        Host.ReadBlock(StartingSector + aBlockNo, aBlockCount, ref aData);
    }

    /// <inheritdoc/>
    [MightSleep]
    public override void WriteBlock(ulong aBlockNo, ulong aBlockCount, ref byte[] aData)
    {
        CheckBlockNo(aBlockNo, aBlockCount);
        Host.WriteBlock(StartingSector + aBlockNo, aBlockCount, ref aData);
    }

    /// <inheritdoc/>
    public override string ToString() => "Partition";

    // Of two tasks that look first, both get the same list. A disk that cannot be read has none.
    [MightSleep]
    private static List<Partition> Find()
    {
        var partitions = new List<Partition>();
        foreach (BlockDevice device in Devices)
        {
            try
            {
                partitions.AddRange(PartitionScan.Of(device));
            }
            catch (IOException error)
            {
                KernelLog.Warning($"{device}: the partitions cannot be read: {error.Message}");
            }
        }

        return Interlocked.CompareExchange(ref s_partitions, partitions, null) ?? partitions;
    }
}
