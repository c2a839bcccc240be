using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using CosmosKernel.Machine.Locking;

namespace Cosmos.HAL.BlockDevice;

/// <summary>The partition table in the first block of a disk: four entries of 16 bytes from byte 446, 0x55 and 0xAA at the end. Task context.</summary>
[Owned]
public class MBR
{
    internal const int Entries = 4;

    private const int Table = 446;
    private const int EntryBytes = 16;
    private const int Signature = 510;

    // What Cosmos says of each partition that it makes: FAT32.
    private const byte Fat32 = 0x0B;

    /// <summary>Its partitions, without the extended one.</summary>
    public List<PartInfo> Partitions = [];

    /// <summary>The first block of the extended partition; 0 when there is none.</summary>
    public uint EBRLocation;

    /// <summary>Reads the table of a disk. One without the mark of a table has no partitions.</summary>
    [MightSleep]
    public MBR(BlockDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        byte[] block = Read(device);
        for (int i = 0; i < Entries && IsTable(block); i++)
        {
            Parse(block, i);
        }
    }

    /// <summary>Makes an empty table, and no program that boots: all that the disk's first block had is gone.</summary>
    [MightSleep]
    public void CreateMBR(BlockDevice aDevice)
    {
        ArgumentNullException.ThrowIfNull(aDevice);
        byte[] block = aDevice.NewBlockArray(1);
        Write(aDevice, block);
        Partitions.Clear();
        EBRLocation = 0;
    }

    /// <summary>Writes an entry of the table of the disk that a partition is on.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="PartitionNo">0 to 3.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such entry, or the partition is beyond what one can say.</exception>
    [MightSleep]
    public void WritePartitionInformation(Partition partition, byte PartitionNo)
    {
        ArgumentNullException.ThrowIfNull(partition);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(PartitionNo, Entries);
        byte[] block = Read(partition.Host);
        SetEntry(block, PartitionNo, Fat32, partition.StartingSector, partition.BlockCount);
        Write(partition.Host, block);
        Parse(block, PartitionNo);
    }

    /// <summary>The first block of a disk.</summary>
    [MightSleep]
    internal static byte[] Read(BlockDevice device)
    {
        byte[] block = device.NewBlockArray(1);
        device.ReadBlock(0, 1, ref block);
        return block;
    }

    /// <summary>Writes the first block of a disk, with the mark of a table.</summary>
    [MightSleep]
    internal static void Write(BlockDevice device, byte[] block)
    {
        (block[Signature], block[Signature + 1]) = (0x55, 0xAA);
        device.WriteBlock(0, 1, ref block);
        (device as KernelDisk)?.RereadPartitions();
    }

    /// <summary>Whether a block has the mark of a table.</summary>
    internal static bool IsTable(ReadOnlySpan<byte> block) => block[Signature] == 0x55 && block[Signature + 1] == 0xAA;

    /// <summary>What an entry says: its kind, first block and number of blocks.</summary>
    internal static (byte Kind, uint Start, uint Count) EntryOf(ReadOnlySpan<byte> block, int index)
    {
        ReadOnlySpan<byte> entry = block.Slice(Table + (index * EntryBytes), EntryBytes);
        return (entry[4], BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]), BinaryPrimitives.ReadUInt32LittleEndian(entry[12..]));
    }

    /// <summary>Sets an entry; all zero is none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Beyond block 2^32.</exception>
    internal static void SetEntry(Span<byte> block, int index, byte kind, ulong start, ulong count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, uint.MaxValue);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, uint.MaxValue);
        Span<byte> entry = block.Slice(Table + (index * EntryBytes), EntryBytes);
        entry.Clear();
        entry[4] = kind;
        BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], (uint)start);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], (uint)count);
    }

    /// <summary>Whether a kind of entry is an extended partition, with more of them inside.</summary>
    internal static bool IsExtended(byte kind) => kind is 0x05 or 0x0F or 0x85;

    private void Parse(ReadOnlySpan<byte> block, int index)
    {
        (byte kind, uint start, uint count) = EntryOf(block, index);
        if (IsExtended(kind))
        {
            EBRLocation = start;
        }
        else if (kind != 0)
        {
            Partitions.Add(new PartInfo(kind, start, count));
        }
    }

    /// <summary>A partition as the table has it.</summary>
    public class PartInfo
    {
        /// <summary>Its kind.</summary>
        public readonly byte SystemID;

        /// <summary>Its first block.</summary>
        public readonly ulong StartSector;

        /// <summary>How many there are.</summary>
        public readonly ulong SectorCount;

        /// <summary>Makes one.</summary>
        public PartInfo(byte aSystemID, ulong aStartSector, ulong aSectorCount)
        {
            SystemID = aSystemID;
            StartSector = aStartSector;
            SectorCount = aSectorCount;
        }
    }
}
