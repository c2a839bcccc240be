using System;
using System.Buffers.Binary;
using System.Text;

namespace CosmosKernel.Files.Block.Partitions;

/// <summary>GPT (UEFI specification, section 5.3): a header with checksums at block 1 and its copy in the last block, each with its array of entries.</summary>
internal static class GuidPartitionTable
{
    private const int HeaderBytes = 92;
    private const int EntryBytes = 128;

    // 128 is what is used; larger arrays than this are refused rather than read.
    private const uint MostEntries = 1024;
    private const int HighestNumber = 255;
    private const int NameOffset = 56;

    public static bool TryRead(SectorReader reader, PartitionTable table)
    {
        byte[]? entries = ReadValid(reader, 1, out Header header, out string problem);
        if (entries is null)
        {
            ulong last = reader.Blocks - 1;
            byte[]? backup = ReadValid(reader, last, out header, out string other);
            if (backup is null)
            {
                table.Say($"GPT: the header at block 1 {problem}, and the backup at block {last} {other}: no partitions are taken from it");
                return false;
            }

            table.Say($"GPT: the header at block 1 {problem}; the backup at block {last} is used");
            entries = backup;
        }
        else if (header.AlternateBlock != reader.Blocks - 1)
        {
            table.Say($"GPT: the backup header is at block {header.AlternateBlock}, not at the disk's last block {reader.Blocks - 1}");
        }

        table.Kind = "gpt";
        for (uint i = 0; i < header.EntryCount && i < HighestNumber; i++)
        {
            ReadOnlySpan<byte> entry = entries.AsSpan((int)(i * header.EntrySize), EntryBytes);
            var type = new Guid(entry[..16]);
            if (type == Guid.Empty)
            {
                continue;
            }

            ulong first = BinaryPrimitives.ReadUInt64LittleEndian(entry[32..]);
            ulong last = BinaryPrimitives.ReadUInt64LittleEndian(entry[40..]);
            if (first < header.FirstUsable || last > header.LastUsable || last < first)
            {
                table.Say($"GPT: partition {i + 1} has blocks {first} to {last}, which are not inside of {header.FirstUsable} to {header.LastUsable}: left out");
                continue;
            }

            string name = Encoding.Unicode.GetString(entry[NameOffset..EntryBytes]);
            int end = name.IndexOf('\0');
            table.Add(new PartitionEntry((int)i + 1, first, last - first + 1, type, new Guid(entry.Slice(16, 16)), end < 0 ? name : name[..end]), reader.Blocks);
        }

        return true;
    }

    // The entries of a table whose checksums are right; null: what is wrong.
    private static byte[]? ReadValid(SectorReader reader, ulong at, out Header header, out string problem)
    {
        header = default;
        byte[] block = new byte[reader.BlockBytes];
        if (at == 0 || at >= reader.Blocks || !reader.TryRead(at, block))
        {
            problem = "cannot be read";
            return null;
        }

        problem = Check(reader, block, at, out header);
        if (problem.Length > 0)
        {
            return null;
        }

        long bytes = (long)header.EntryCount * header.EntrySize;
        long blocks = (bytes + reader.BlockBytes - 1) / reader.BlockBytes;
        if (header.EntriesBlock >= reader.Blocks || (ulong)blocks > reader.Blocks - header.EntriesBlock)
        {
            problem = "has its entries behind the end of the disk";
            return null;
        }

        byte[] entries = new byte[blocks * reader.BlockBytes];
        if (!reader.TryRead(header.EntriesBlock, entries))
        {
            problem = "has entries that cannot be read";
            return null;
        }

        if (Crc32.Of(entries.AsSpan(0, (int)bytes)) != header.EntriesChecksum)
        {
            problem = "has entries with a wrong checksum";
            return null;
        }

        return entries;
    }

    private static string Check(SectorReader reader, Span<byte> block, ulong at, out Header header)
    {
        header = default;
        if (!block[..8].SequenceEqual("EFI PART"u8))
        {
            return "has no signature";
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(block[12..]);
        if (length < HeaderBytes || length > reader.BlockBytes)
        {
            return $"says that it has {length} bytes";
        }

        uint checksum = BinaryPrimitives.ReadUInt32LittleEndian(block[16..]);
        block.Slice(16, 4).Clear();
        if (Crc32.Of(block[..(int)length]) != checksum)
        {
            return "has a wrong checksum";
        }

        header = new Header(
            BinaryPrimitives.ReadUInt64LittleEndian(block[32..]), BinaryPrimitives.ReadUInt64LittleEndian(block[40..]), BinaryPrimitives.ReadUInt64LittleEndian(block[48..]),
            BinaryPrimitives.ReadUInt64LittleEndian(block[72..]), BinaryPrimitives.ReadUInt32LittleEndian(block[80..]), BinaryPrimitives.ReadUInt32LittleEndian(block[84..]),
            BinaryPrimitives.ReadUInt32LittleEndian(block[88..]));
        if (BinaryPrimitives.ReadUInt64LittleEndian(block[24..]) != at)
        {
            return "says that it is elsewhere";
        }

        if (header.EntrySize < EntryBytes || header.EntrySize > reader.BlockBytes || !uint.IsPow2(header.EntrySize) || header.EntryCount is 0 or > MostEntries)
        {
            return $"has {header.EntryCount} entries of {header.EntrySize} bytes";
        }

        return header.FirstUsable > header.LastUsable || header.LastUsable >= reader.Blocks ? "has usable blocks outside of the disk" : "";
    }

    private readonly record struct Header(
        ulong AlternateBlock, ulong FirstUsable, ulong LastUsable, ulong EntriesBlock, uint EntryCount, uint EntrySize, uint EntriesChecksum);
}
