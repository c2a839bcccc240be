using System;
using System.Linq;
using Cosmos.HAL.BlockDevice;
using Xunit;
using Disk = Cosmos.System.FileSystem.Disk;

namespace CosmosKernel.Tests.Cosmos;

/// <summary>Tables of partitions on disks in memory.</summary>
public sealed class PartitionTests
{
    [Fact]
    public void PartitionsAreMadeInTheFirstFreeEntryBehindAllOthers()
    {
        var device = new MemoryDevice(64 * 2048);
        Partition.Partitions = [];
        var disk = new Disk(device);
        disk.CreatePartition(4);
        disk.CreatePartition(2);
        disk.CreatePartition(1);
        disk.DeletePartition(0);
        disk.CreatePartition(3);
        Assert.Equal([(10240ul, 4096ul), (14336ul, 2048ul), (16384ul, 6144ul)], disk.Partitions.Select(partition => (partition.Host.StartingSector, partition.Host.BlockCount)));
        Assert.Equal([16384ul, 10240ul, 14336ul], new MBR(device).Partitions.Select(partition => partition.StartSector));
        Assert.Equal([16384ul, 10240ul, 14336ul], PartitionScan.Of(device).Select(partition => partition.StartingSector));
        Assert.Equal(3, new Disk(device).Partitions.Count);
        disk.CreatePartition(1);
        Assert.Contains("no free entry", Assert.Throws<System.IO.IOException>(() => disk.CreatePartition(1)).Message, StringComparison.Ordinal);
        disk.Clear();
        Assert.Empty(new MBR(device).Partitions);
        Assert.Empty(Partition.Partitions);
        Assert.Contains("do not fit", Assert.Throws<System.IO.IOException>(() => disk.CreatePartition(64)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => disk.CreatePartition(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => disk.DeletePartition(0));
        Assert.Throws<NotSupportedException>(() => disk.FormatPartition(0, "FAT32"));
    }

    [Fact]
    public void LogicalPartitionsAreFoundAndAChainThatGoesRoundEnds()
    {
        var device = new MemoryDevice(4096);
        device.Entry(0, 0, 0x0F, 1000, 3000);
        device.Entry(1000, 0, 0x83, 10, 20);
        device.Entry(1000, 1, 0x05, 500, 100);
        device.Entry(1500, 0, 0x83, 30, 40);
        Assert.Equal([(1010ul, 20ul), (1530ul, 40ul)], PartitionScan.Of(device).Select(partition => (partition.StartingSector, partition.BlockCount)));

        device.Entry(1500, 1, 0x05, 500, 100);
        Assert.InRange(PartitionScan.Of(device).Count, 2, 300);

        // What is not on the disk is left out.
        device.Entry(1000, 0, 0x83, 10, 4000);
        device.Entry(1500, 0, 0x83, uint.MaxValue, 1);
        Assert.Empty(PartitionScan.Of(device));
    }

    [Fact]
    public void AGptIsReadAndNotWritten()
    {
        var device = new MemoryDevice(4096);
        var kind = Guid.NewGuid();
        var number = Guid.NewGuid();
        "EFI PART"u8.CopyTo(device.Data.AsSpan(512));
        BitConverter.TryWriteBytes(device.Data.AsSpan(512 + 72), 2ul);
        BitConverter.TryWriteBytes(device.Data.AsSpan(512 + 80), 128u);
        BitConverter.TryWriteBytes(device.Data.AsSpan(512 + 84), 128u);
        kind.TryWriteBytes(device.Data.AsSpan(1024 + 128));
        number.TryWriteBytes(device.Data.AsSpan(1024 + 128 + 16));
        BitConverter.TryWriteBytes(device.Data.AsSpan(1024 + 128 + 32), 100ul);
        BitConverter.TryWriteBytes(device.Data.AsSpan(1024 + 128 + 40), 199ul);
        Assert.True(GPT.IsGPTPartition(device));
        GPT.GPartInfo part = Assert.Single(new GPT(device).Partitions);
        Assert.Equal((kind, number, 100ul, 100ul), (part.ParitionType, part.ParitionGuid, part.StartSector, part.SectorCount));
        Assert.Equal(100ul, Assert.Single(PartitionScan.Of(device)).StartingSector);
        Assert.False(new Disk(device).IsMBR);
        Assert.Throws<NotSupportedException>(() => new Disk(device).CreatePartition(1));

        // Whatever the table says, it is read, or there is none.
        var random = new Random(3);
        for (int i = 0; i < 20_000; i++)
        {
            var changed = new MemoryDevice(4096);
            device.Data.CopyTo(changed.Data, 0);
            for (int n = random.Next(1, 6); n > 0; n--)
            {
                changed.Data[random.Next(8) == 0 ? random.Next(446, 512) : random.Next(512 + 8, 2048)] = (byte)random.Next(256);
            }

            _ = PartitionScan.Of(changed);
        }
    }

    private sealed class MemoryDevice : BlockDevice
    {
        public MemoryDevice(int blocks)
        {
            mBlockSize = 512;
            mBlockCount = (ulong)blocks;
            Data = new byte[blocks * 512];
        }

        public byte[] Data { get; }

        public override BlockDeviceType Type => BlockDeviceType.HardDrive;

        public void Entry(int block, int index, byte kind, uint start, uint count)
        {
            MBR.SetEntry(Data.AsSpan(block * 512, 512), index, kind, start, count);
            (Data[(block * 512) + 510], Data[(block * 512) + 511]) = (0x55, 0xAA);
        }

        public override void ReadBlock(ulong aBlockNo, ulong aBlockCount, ref byte[] aData)
        {
            CheckBlockNo(aBlockNo, aBlockCount);
            CheckDataSize(aData, aBlockCount);
            Data.AsSpan((int)aBlockNo * 512, (int)aBlockCount * 512).CopyTo(aData);
        }

        public override void WriteBlock(ulong aBlockNo, ulong aBlockCount, ref byte[] aData)
        {
            CheckBlockNo(aBlockNo, aBlockCount);
            CheckDataSize(aData, aBlockCount);
            aData.AsSpan(0, (int)aBlockCount * 512).CopyTo(Data.AsSpan((int)aBlockNo * 512));
        }
    }
}
