using System;
using System.Buffers.Binary;
using System.Collections.Generic;

namespace CosmosKernel.Files.Block.Partitions;

/// <summary>The partition table of PCs: four entries in the first block, one of which may begin a chain of blocks with one partition each (numbers 5 and up). Units are logical blocks.</summary>
internal static class MasterBootRecord
{
    private const int TableOffset = 446;
    private const int EntryBytes = 16;
    private const int Primaries = 4;
    private const int FirstLogical = 5;

    // As many as Linux gives a disk.
    private const int HighestNumber = 255;
    private const byte Protective = 0xEE;

    public static bool HasSignature(ReadOnlySpan<byte> block) => block[510] == 0x55 && block[511] == 0xAA;

    public static bool IsProtective(ReadOnlySpan<byte> block)
    {
        for (int i = 0; i < Primaries; i++)
        {
            if (Entry.At(block, i).Type == Protective)
            {
                return true;
            }
        }

        return false;
    }

    public static void Read(SectorReader reader, ReadOnlySpan<byte> block, PartitionTable table)
    {
        // A file system's first block has the same signature: then what stands here makes no sense as a table.
        bool isTable = false;
        for (int i = 0; i < Primaries; i++)
        {
            byte status = block[TableOffset + (i * EntryBytes)];
            if (status is not (0 or 0x80))
            {
                return;
            }

            isTable |= Entry.At(block, i).IsUsed;
        }

        if (!isTable)
        {
            return;
        }

        table.Kind = "dos";
        for (int i = 0; i < Primaries; i++)
        {
            Entry entry = Entry.At(block, i);
            if (!entry.IsUsed)
            {
                continue;
            }

            if (entry.IsExtended)
            {
                // The extended partition itself shows its first two sectors, for boot loaders.
                table.Add(new PartitionEntry(i + 1, entry.First, Math.Min(entry.Count, Math.Max(1024u / (uint)reader.BlockBytes, 1)), TypeOf(entry.Type), Guid.Empty, ""), reader.Blocks);
            }
            else
            {
                table.Add(new PartitionEntry(i + 1, entry.First, entry.Count, TypeOf(entry.Type), Guid.Empty, ""), reader.Blocks);
            }
        }

        int number = FirstLogical;
        for (int i = 0; i < Primaries; i++)
        {
            Entry entry = Entry.At(block, i);
            if (entry.IsUsed && entry.IsExtended)
            {
                ReadChain(reader, table, entry.First, entry.Count, ref number);
            }
        }
    }

    private static void ReadChain(SectorReader reader, PartitionTable table, ulong start, ulong length, ref int number)
    {
        byte[] block = new byte[reader.BlockBytes];
        var seen = new HashSet<ulong>();
        ulong at = start;
        while (number <= HighestNumber)
        {
            if (!seen.Add(at))
            {
                table.Say($"the chain of extended partitions comes back to block {at}: what follows is left out");
                return;
            }

            if (at >= reader.Blocks || !reader.TryRead(at, block))
            {
                table.Say($"block {at} of the chain of extended partitions cannot be read: what follows is left out");
                return;
            }

            if (!HasSignature(block))
            {
                return;
            }

            ulong next = 0;
            for (int i = 0; i < Primaries; i++)
            {
                Entry entry = Entry.At(block, i);
                if (!entry.IsUsed)
                {
                    continue;
                }

                if (entry.IsExtended)
                {
                    // Links are relative to the whole extended partition.
                    next = next == 0 ? start + entry.First : next;
                    continue;
                }

                // Entries three and four belong there only if they are inside.
                if (i >= 2 && (entry.First + (ulong)entry.Count > length || at + entry.First < start || at + entry.First + entry.Count > start + length))
                {
                    continue;
                }

                if (number <= HighestNumber)
                {
                    table.Add(new PartitionEntry(number++, at + entry.First, entry.Count, TypeOf(entry.Type), Guid.Empty, ""), reader.Blocks);
                }
            }

            if (next == 0)
            {
                return;
            }

            at = next;
        }

        table.Say($"there are more than {HighestNumber} partitions: what follows is left out");
    }

    private static Guid TypeOf(byte type) => new(type, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    private readonly struct Entry(byte type, uint first, uint count)
    {
        public byte Type => type;

        public uint First => first;

        public uint Count => count;

        public bool IsUsed => type != 0 && count != 0;

        public bool IsExtended => type is 0x05 or 0x0F or 0x85;

        public static Entry At(ReadOnlySpan<byte> block, int index)
        {
            ReadOnlySpan<byte> entry = block.Slice(TableOffset + (index * EntryBytes), EntryBytes);
            return new Entry(entry[4], BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]), BinaryPrimitives.ReadUInt32LittleEndian(entry[12..]));
        }
    }
}
