using System;

namespace CosmosKernel.Machine.Acpi;

/// <summary>
/// The RSDT or XSDT (ACPI 6.5, sections 5.2.7 and 5.2.8): physical addresses of all other tables, of 4 or 8 bytes each.
/// </summary>
internal readonly ref struct RootTable
{
    private readonly ReadOnlySpan<byte> _table;
    private readonly int _entrySize;

    private RootTable(ReadOnlySpan<byte> table, int entrySize)
    {
        _table = table;
        _entrySize = entrySize;
    }

    /// <summary>Number of entries. Trailing bytes that make no whole entry are ignored.</summary>
    internal int Count => _entrySize == 0 ? 0 : (_table.Length - SystemTable.HeaderLength) / _entrySize;

    /// <summary>Checks the table and gives access to its entries.</summary>
    internal static TableStatus Read(ReadOnlySpan<byte> bytes, bool extended, out RootTable root)
    {
        root = default;
        TableStatus status = SystemTable.Check(bytes, extended ? "XSDT"u8 : "RSDT"u8, out ReadOnlySpan<byte> table);
        if (status == TableStatus.Valid)
        {
            root = new RootTable(table, extended ? 8 : 4);
        }

        return status;
    }

    /// <summary>Physical address in entry <paramref name="index"/>, or 0 if there is no such entry or it is empty.</summary>
    internal ulong Address(int index)
    {
        if (index < 0 || index >= Count)
        {
            return 0;
        }

        int offset = SystemTable.HeaderLength + (index * _entrySize);
        return _entrySize == 8 ? TableBytes.U64(_table, offset) : TableBytes.U32(_table, offset);
    }
}
