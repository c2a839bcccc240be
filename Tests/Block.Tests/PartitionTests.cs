using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using CosmosKernel.Files.Block.Partitions;
using Xunit;

namespace CosmosKernel.Block.Tests;

/// <summary>Partition tables, good ones and hostile ones.</summary>
public sealed class PartitionTests
{
    private const int Blocks = 2048;

    [Fact]
    public void ChecksumIsTheOneOfTheStandard() => Assert.Equal(0xCBF4_3926u, Crc32.Of("123456789"u8));

    [Fact]
    public void AnEmptyDiskHasNone()
    {
        var table = PartitionTable.Read(new MemoryDisk(Blocks));
        Assert.Empty(table.Entries);
        Assert.Empty(table.Messages);
        Assert.Equal("", table.Kind);
    }

    [Fact]
    public void PrimariesAreFound()
    {
        MemoryDisk disk = Dos((0x83, 64, 100), (0x82, 200, 300));
        var table = PartitionTable.Read(disk);
        Assert.Equal("dos", table.Kind);
        Assert.Equal([(1, 64ul, 100ul), (2, 200ul, 300ul)], Places(table));
    }

    [Fact]
    public void LogicalPartitionsBeginAtFive()
    {
        MemoryDisk disk = Dos((0x83, 64, 100), (0x05, 500, 1000));
        Chain(disk, 500, 500, (10, 50), 100);
        Chain(disk, 600, 500, (10, 80), null);
        Assert.Equal([(1, 64ul, 100ul), (2, 500ul, 2ul), (5, 510ul, 50ul), (6, 610ul, 80ul)], Places(PartitionTable.Read(disk)));
    }

    [Fact]
    public void AChainThatComesBackEnds()
    {
        MemoryDisk disk = Dos((0x05, 500, 1000));
        Chain(disk, 500, 500, (10, 50), 100);
        Chain(disk, 600, 500, (10, 50), 0);
        var table = PartitionTable.Read(disk);
        Assert.Equal(3, table.Entries.Count);
        Assert.Contains("comes back", Assert.Single(table.Messages));
        Assert.True(disk.Reads < 10);
    }

    [Fact]
    public void PartitionsBehindTheEndAreCutOrLeftOut()
    {
        var table = PartitionTable.Read(Dos((0x83, 2000, 500), (0x83, 5000, 10)));
        Assert.Equal([(1, 2000ul, 48ul)], Places(table));
        Assert.Equal(2, table.Messages.Count);
    }

    [Fact]
    public void TheBootSectorOfAFileSystemIsNoTable()
    {
        MemoryDisk disk = Dos((0x83, 64, 100));
        disk.Block(0)[446] = 0x41;
        Assert.Empty(PartitionTable.Read(disk).Entries);
    }

    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    public void GptIsRead(int blockBytes)
    {
        MemoryDisk disk = Gpt(blockBytes);
        var table = PartitionTable.Read(disk);
        Assert.Equal("gpt", table.Kind);
        Assert.Empty(table.Messages);
        Assert.Equal([(1, 100ul, 100ul), (3, 300ul, 50ul)], Places(table));
        Assert.Equal("first", table.Entries[0].Name);
        Assert.Equal(new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), table.Entries[0].Id);
    }

    [Theory]
    [InlineData(512, 0, "no signature")]
    [InlineData(512, 60, "wrong checksum")]
    [InlineData(1024, 40, "entries with a wrong checksum")]
    public void TheBackupIsUsedWhenThePrimaryIsBad(int at, int offset, string problem)
    {
        MemoryDisk disk = Gpt(512);
        disk.Bytes[at + offset] ^= 0x55;
        var table = PartitionTable.Read(disk);
        Assert.Equal(2, table.Entries.Count);
        string message = Assert.Single(table.Messages);
        Assert.Contains(problem, message);
        Assert.Contains($"the backup at block {Blocks - 1} is used", message);
    }

    [Fact]
    public void WithoutAGoodHeaderNothingIsBelieved()
    {
        MemoryDisk disk = Gpt(512);
        disk.Bytes[512 + 60] ^= 1;
        disk.Bytes[((Blocks - 1) * 512) + 60] ^= 1;
        var table = PartitionTable.Read(disk);
        Assert.DoesNotContain(table.Entries, entry => entry.FirstBlock == 100);
        Assert.Contains(table.Messages, message => message.Contains("no partitions are taken", StringComparison.Ordinal));
    }

    [Fact]
    public void HostileTablesOnlyGiveWhatIsOnTheDisk()
    {
        var random = new Random(5);
        for (int round = 0; round < 20_000; round++)
        {
            MemoryDisk disk = (round % 3) switch { 0 => Gpt(512), 1 => ChainedDisk(), _ => Dos((0x83, 64, 100), (0x82, 200, 300)) };
            for (int change = random.Next(1, 12); change > 0; change--)
            {
                int block = random.Next(6) switch { 0 or 1 => 0, 2 => 1, 3 => random.Next(2, 34), 4 => Blocks - 1, _ => 100 * random.Next(5, 8) };
                int at = block == 0 ? random.Next(440, 512) : random.Next(0, 128);
                disk.Block(block)[at] = (byte)(random.Next(3) switch { 0 => 0, 1 => 255, _ => random.Next(256) });
            }

            if (round % 2 == 0)
            {
                Seal(disk, 1, 2);
            }

            var table = PartitionTable.Read(disk);
            Assert.True(disk.Reads < 600);
            Assert.Equal(table.Entries.Count, table.Entries.Select(entry => entry.Number).Distinct().Count());
            foreach (PartitionEntry entry in table.Entries)
            {
                Assert.InRange(entry.Number, 1, 255);
                Assert.True(entry.Blocks > 0 && entry.FirstBlock < Blocks && entry.Blocks <= Blocks - entry.FirstBlock);
            }
        }
    }

    private static IEnumerable<(int Number, ulong First, ulong Blocks)> Places(PartitionTable table) => table.Entries.Select(entry => (entry.Number, entry.FirstBlock, entry.Blocks));

    private static MemoryDisk Dos(params (byte Type, uint First, uint Count)[] entries)
    {
        var disk = new MemoryDisk(Blocks);
        Write(disk.Block(0), entries);
        return disk;
    }

    private static MemoryDisk ChainedDisk()
    {
        MemoryDisk disk = Dos((0x83, 64, 100), (0x05, 500, 1000));
        Chain(disk, 500, 500, (10, 50), 100);
        Chain(disk, 600, 500, (10, 80), 200);
        Chain(disk, 700, 500, (10, 80), null);
        return disk;
    }

    private static void Chain(MemoryDisk disk, int at, int start, (uint First, uint Count) data, uint? next)
    {
        Assert.True(at >= start);
        Write(disk.Block(at), next is { } link ? [(0x83, data.First, data.Count), (0x05, link, 100)] : [(0x83, data.First, data.Count)]);
    }

    private static void Write(Span<byte> block, (byte Type, uint First, uint Count)[] entries)
    {
        for (int i = 0; i < entries.Length; i++)
        {
            Span<byte> entry = block.Slice(446 + (16 * i), 16);
            entry[4] = entries[i].Type;
            BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], entries[i].First);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], entries[i].Count);
        }

        block[510] = 0x55;
        block[511] = 0xAA;
    }

    private static MemoryDisk Gpt(int blockBytes)
    {
        var disk = new MemoryDisk(Blocks, blockBytes);
        Write(disk.Block(0)[..512], [(0xEE, 1, Blocks - 1)]);
        int arrayBlocks = 16384 / blockBytes;
        Entry(disk, 2, 0, 100, 199, "first");
        Entry(disk, 2, 2, 300, 349, "third");
        disk.Bytes.AsSpan(2 * blockBytes, 16384).CopyTo(disk.Bytes.AsSpan((Blocks - 1 - arrayBlocks) * blockBytes));
        Header(disk, 1, Blocks - 1, 2);
        Header(disk, Blocks - 1, 1, Blocks - 1 - arrayBlocks);
        return disk;
    }

    private static void Entry(MemoryDisk disk, int arrayBlock, int index, ulong first, ulong last, string name)
    {
        Span<byte> entry = disk.Bytes.AsSpan((arrayBlock * disk.BlockBytes) + (index * 128), 128);
        new Guid("0fc63daf-8483-4772-8e79-3d69d8477de4").TryWriteBytes(entry);
        new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11).TryWriteBytes(entry[16..]);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[32..], first);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[40..], last);
        System.Text.Encoding.Unicode.GetBytes(name, entry[56..]);
    }

    private static void Header(MemoryDisk disk, int at, int other, int array)
    {
        Span<byte> header = disk.Block(at);
        "EFI PART"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], 0x10000);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], 92);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], (ulong)at);
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], (ulong)other);
        BinaryPrimitives.WriteUInt64LittleEndian(header[40..], 40);
        BinaryPrimitives.WriteUInt64LittleEndian(header[48..], Blocks - 40);
        BinaryPrimitives.WriteUInt64LittleEndian(header[72..], (ulong)array);
        BinaryPrimitives.WriteUInt32LittleEndian(header[80..], 128);
        BinaryPrimitives.WriteUInt32LittleEndian(header[84..], 128);
        Seal(disk, at, array);
    }

    // Right checksums, so that what is behind them is looked at.
    private static void Seal(MemoryDisk disk, int at, int array)
    {
        Span<byte> header = disk.Block(at);
        BinaryPrimitives.WriteUInt32LittleEndian(header[88..], Crc32.Of(disk.Bytes.AsSpan(array * disk.BlockBytes, 16384)));
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], Crc32.Of(header[..92]));
    }
}
