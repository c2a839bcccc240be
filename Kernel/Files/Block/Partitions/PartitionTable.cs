using System;
using System.Collections.Generic;
using System.Globalization;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Files.Block.Partitions;

/// <summary>Finds the partitions of a disk: GPT if its protective MBR says so, else MBR. Believes nothing: what is outside of the disk, overlaps its table or goes round in circles is left out with a message.</summary>
[Owned]
public sealed class PartitionTable
{
    private readonly List<PartitionEntry> _entries = [];
    private readonly List<string> _messages = [];

    private PartitionTable()
    {
    }

    /// <summary>What was found: <c>gpt</c>, <c>dos</c>, or empty for none.</summary>
    public string Kind { get; internal set; } = "";

    /// <summary>The partitions, by number.</summary>
    public IReadOnlyList<PartitionEntry> Entries => _entries;

    /// <summary>What is wrong with the table.</summary>
    public IReadOnlyList<string> Messages => _messages;

    /// <summary>Reads the table of a disk. Task context; what is on the disk makes it throw nothing.</summary>
    public static PartitionTable Read(SectorReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var table = new PartitionTable();
        byte[] first = new byte[reader.BlockBytes];
        if (reader.Blocks == 0 || !reader.TryRead(0, first))
        {
            return table;
        }

        if (MasterBootRecord.HasSignature(first))
        {
            if (MasterBootRecord.IsProtective(first) && GuidPartitionTable.TryRead(reader, table))
            {
                return table;
            }

            MasterBootRecord.Read(reader, first, table);
        }

        return table;
    }

    internal void Say(string message) => _messages.Add(message);

    internal void Add(PartitionEntry entry, ulong blocks)
    {
        string number = entry.Number.ToString(CultureInfo.InvariantCulture);
        if (entry.Blocks == 0 || entry.FirstBlock >= blocks)
        {
            Say($"partition {number} begins at block {entry.FirstBlock}, behind the end of the disk: left out");
            return;
        }

        if (entry.Blocks > blocks - entry.FirstBlock)
        {
            Say($"partition {number} ends behind the end of the disk: cut");
            entry = entry with { Blocks = blocks - entry.FirstBlock };
        }

        _entries.Add(entry);
    }
}
