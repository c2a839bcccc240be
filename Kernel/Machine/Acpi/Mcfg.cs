using System;

namespace CosmosKernel.Machine.Acpi;

/// <summary>A range of PCI buses whose configuration space is mapped in memory, 1 MiB a bus.</summary>
internal readonly struct EcamRange
{
    /// <summary>Makes a range.</summary>
    internal EcamRange(ulong physicalBase, ushort segment, byte firstBus, byte lastBus)
    {
        PhysicalBase = physicalBase;
        Segment = segment;
        FirstBus = firstBus;
        LastBus = lastBus;
    }

    /// <summary>Physical address that bus 0 has or would have, even if <see cref="FirstBus"/> is not 0.</summary>
    internal ulong PhysicalBase { get; }

    /// <summary>PCI segment group.</summary>
    internal ushort Segment { get; }

    /// <summary>First bus that is mapped.</summary>
    internal byte FirstBus { get; }

    /// <summary>Last bus that is mapped.</summary>
    internal byte LastBus { get; }
}

/// <summary>The memory-mapped configuration table (PCI Firmware Specification 3.3, section 4.1.2).</summary>
internal readonly ref struct Mcfg
{
    private const int EntriesOffset = 44;
    private const int EntryLength = 16;

    private readonly ReadOnlySpan<byte> _table;

    private Mcfg(ReadOnlySpan<byte> table)
    {
        _table = table;
    }

    /// <summary>Number of ranges.</summary>
    internal int Count => (_table.Length - EntriesOffset) / EntryLength;

    /// <summary>Range <paramref name="index"/>, from 0 to <see cref="Count"/> - 1.</summary>
    internal EcamRange this[int index]
    {
        get
        {
            int offset = EntriesOffset + (index * EntryLength);
            return new EcamRange(
                TableBytes.U64(_table, offset),
                TableBytes.U16(_table, offset + 8),
                TableBytes.U8(_table, offset + 10),
                TableBytes.U8(_table, offset + 11));
        }
    }

    /// <summary>Checks the table and gives access to its ranges, each of which begins at a multiple of 1 MiB and is not empty.</summary>
    internal static TableStatus Read(ReadOnlySpan<byte> bytes, out Mcfg mcfg)
    {
        mcfg = default;
        TableStatus status = SystemTable.Check(bytes, "MCFG"u8, out ReadOnlySpan<byte> table);
        if (status != TableStatus.Valid)
        {
            return status;
        }

        if (table.Length < EntriesOffset || (table.Length - EntriesOffset) % EntryLength != 0)
        {
            return TableStatus.BadLength;
        }

        Mcfg read = new(table);
        for (int i = 0; i < read.Count; i++)
        {
            EcamRange range = read[i];
            if (range.PhysicalBase == 0 || (range.PhysicalBase & 0xF_FFFF) != 0 || range.LastBus < range.FirstBus)
            {
                return TableStatus.BadEntry;
            }
        }

        mcfg = read;
        return TableStatus.Valid;
    }
}
