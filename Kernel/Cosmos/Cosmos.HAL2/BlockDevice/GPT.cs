using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using CosmosKernel.Machine.Locking;

namespace Cosmos.HAL.BlockDevice;

/// <summary>The partition table that UEFI defines (UEFI specification, 5.3): a header in the second block says where the entries are. Checksums are not looked at. Task context.</summary>
[Owned]
public class GPT
{
    private const int HeaderBytes = 92;
    private const int EntryBytes = 128;

    // As many as the kernel itself looks at; a table has 128 as a rule.
    private const uint MostEntries = 1024;
    private const uint LongestEntry = 4096;

    /// <summary>Its partitions.</summary>
    public List<GPartInfo> Partitions = [];

    /// <summary>Reads the table of a disk. One without a table, or whose table is out of bounds, has no partitions.</summary>
    [MightSleep]
    public GPT(BlockDevice aBlockDevice)
    {
        ArgumentNullException.ThrowIfNull(aBlockDevice);
        if (!TryReadHeader(aBlockDevice, out byte[] header))
        {
            return;
        }

        ulong first = BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(72));
        uint entries = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(80));
        uint bytes = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(84));
        if (entries > MostEntries || bytes is < EntryBytes or > LongestEntry)
        {
            return;
        }

        ulong blocks = (((ulong)entries * bytes) + aBlockDevice.BlockSize - 1) / aBlockDevice.BlockSize;
        if (first > aBlockDevice.BlockCount || blocks > aBlockDevice.BlockCount - first)
        {
            return;
        }

        byte[] table = aBlockDevice.NewBlockArray(blocks);
        aBlockDevice.ReadBlock(first, blocks, ref table);
        for (int i = 0; i < entries; i++)
        {
            Parse(table.AsSpan(i * (int)bytes, EntryBytes));
        }
    }

    /// <summary>Whether a disk has such a table.</summary>
    [MightSleep]
    public static bool IsGPTPartition(BlockDevice aBlockDevice)
    {
        ArgumentNullException.ThrowIfNull(aBlockDevice);
        return TryReadHeader(aBlockDevice, out _);
    }

    [MightSleep]
    private static bool TryReadHeader(BlockDevice device, out byte[] header)
    {
        header = [];
        if (device.BlockCount < 2 || device.BlockSize < HeaderBytes)
        {
            return false;
        }

        header = device.NewBlockArray(1);
        device.ReadBlock(1, 1, ref header);
        return header.AsSpan(0, 8).SequenceEqual("EFI PART"u8);
    }

    private void Parse(ReadOnlySpan<byte> entry)
    {
        var kind = new Guid(entry[..16]);
        ulong first = BinaryPrimitives.ReadUInt64LittleEndian(entry[32..]);
        ulong last = BinaryPrimitives.ReadUInt64LittleEndian(entry[40..]);
        if (kind != Guid.Empty && last >= first && last - first < ulong.MaxValue)
        {
            Partitions.Add(new GPartInfo(kind, new Guid(entry[16..32]), first, last - first + 1));
        }
    }

    /// <summary>A partition as the table has it.</summary>
    public class GPartInfo
    {
        /// <summary>Its kind, by the name that Cosmos has for it.</summary>
        public readonly Guid ParitionType;

        /// <summary>The one number that it alone has, by the name that Cosmos has for it.</summary>
        public readonly Guid ParitionGuid;

        /// <summary>Its first block.</summary>
        public readonly ulong StartSector;

        /// <summary>How many there are.</summary>
        public readonly ulong SectorCount;

        /// <summary>Makes one.</summary>
        public GPartInfo(Guid aParitionType, Guid aParitionGuid, ulong aStartSector, ulong aSectorCount)
        {
            ParitionType = aParitionType;
            ParitionGuid = aParitionGuid;
            StartSector = aStartSector;
            SectorCount = aSectorCount;
        }
    }
}
