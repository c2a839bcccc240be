using System;

namespace CosmosKernel.Machine.Acpi;

/// <summary>Kinds of interrupt-controller structures that the kernel reads (ACPI 6.5, table 5.21).</summary>
internal enum MadtEntryKind : byte
{
    /// <summary>A processor with an 8-bit APIC id.</summary>
    LocalApic = 0,

    /// <summary>An I/O APIC.</summary>
    IoApic = 1,

    /// <summary>An ISA interrupt that is not wired to the global interrupt of the same number.</summary>
    SourceOverride = 2,

    /// <summary>A local interrupt pin that carries NMI, for processors with 8-bit identities.</summary>
    LocalApicNmi = 4,

    /// <summary>The 64-bit address of the local APICs.</summary>
    LocalApicAddress = 5,

    /// <summary>A processor with a 32-bit APIC id.</summary>
    LocalX2Apic = 9,

    /// <summary>A local interrupt pin that carries NMI, for processors with 32-bit identities.</summary>
    LocalX2ApicNmi = 10,
}

/// <summary>
/// The multiple APIC description table (ACPI 6.5, section 5.2.12): processors, I/O APICs and interrupt wiring.
/// <c>foreach</c> walks its entries without storing anything.
/// </summary>
internal readonly ref struct Madt
{
    private const int EntriesOffset = 44;

    private readonly ReadOnlySpan<byte> _table;

    private Madt(ReadOnlySpan<byte> table)
    {
        _table = table;
    }

    /// <summary>Physical address of the local APICs' registers, the 64-bit override included.</summary>
    internal ulong LocalApicAddress
    {
        get
        {
            foreach (MadtEntry entry in this)
            {
                if (entry.Kind == MadtEntryKind.LocalApicAddress)
                {
                    return entry.LocalApicAddress;
                }
            }

            return TableBytes.U32(_table, 36);
        }
    }

    /// <summary>Whether the machine also has the two 8259 interrupt controllers, which must be silenced.</summary>
    internal bool HasLegacyControllers => (TableBytes.U32(_table, 40) & 1) != 0;

    /// <summary>Checks the table, each entry's length included, and gives access to it.</summary>
    internal static TableStatus Read(ReadOnlySpan<byte> bytes, out Madt madt)
    {
        madt = default;
        TableStatus status = SystemTable.Check(bytes, "APIC"u8, out ReadOnlySpan<byte> table);
        if (status != TableStatus.Valid)
        {
            return status;
        }

        if (table.Length < EntriesOffset)
        {
            return TableStatus.BadLength;
        }

        Enumerator entries = new(table);
        while (entries.MoveNext())
        {
        }

        if (entries.IsMalformed)
        {
            return TableStatus.BadEntry;
        }

        madt = new Madt(table);
        return TableStatus.Valid;
    }

    /// <summary>Starts a walk over the entries. An empty table (<c>default</c>) has none.</summary>
    public Enumerator GetEnumerator()
    {
        return new Enumerator(_table);
    }

    /// <summary>A walk over the entries.</summary>
    internal ref struct Enumerator
    {
        private readonly ReadOnlySpan<byte> _table;
        private int _next;
        private int _current;
        private int _length;

        internal Enumerator(ReadOnlySpan<byte> table)
        {
            _table = table;
            _next = EntriesOffset;
        }

        /// <summary>Whether the walk ended at an entry that does not fit.</summary>
        internal bool IsMalformed { get; private set; }

        /// <summary>The entry that the walk stands on.</summary>
        public readonly MadtEntry Current => new(_table.Slice(_current, _length));

        /// <summary>Goes to the next entry; false at the end or at a malformed entry.</summary>
        public bool MoveNext()
        {
            if (_next >= _table.Length)
            {
                return false;
            }

            int length = TableBytes.U8(_table, _next + 1);
            if (length < MadtEntry.MinimumLength(TableBytes.U8(_table, _next)) || length > _table.Length - _next)
            {
                IsMalformed = true;
                _next = _table.Length;
                return false;
            }

            _current = _next;
            _length = length;
            _next += length;
            return true;
        }
    }
}
