using System;

namespace CosmosKernel.Machine.Acpi;

/// <summary>
/// The ACPI tables as bytes, for drivers of devices that only a table describes. They stay where the firmware put them, in memory that the kernel gives to nobody, so a span of a table
/// stays valid. Read-only. Any context but NMI.
/// </summary>
public static class FirmwareTables
{
    /// <summary>Bytes of the header that every table begins with (ACPI 6.5, section 5.2.6); what is the table's own comes behind it.</summary>
    public const int HeaderLength = SystemTable.HeaderLength;

    /// <summary>Number of tables that the root table lists, those that are malformed included. 0 on a machine without ACPI.</summary>
    public static int Count => AcpiTables.RootCount;

    /// <summary>The table at a place in the root table: whole, with its header, its checksum verified.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    /// <param name="table">All of its bytes; empty when the result is false.</param>
    /// <returns>False when there is no such entry, it points to memory that cannot be reached, or the table's length or checksum is wrong.</returns>
    public static bool TryGet(int index, out ReadOnlySpan<byte> table) => AcpiTables.TryGet(index, out table);

    /// <summary>Finds a table by its signature, the FADT's <c>FACP</c> and the <c>DSDT</c>, which no root table lists, among them. Malformed ones are passed over.</summary>
    /// <param name="signature">Four characters, such as <c>HPET</c>.</param>
    /// <param name="table">All of its bytes; empty when the result is false.</param>
    /// <param name="instance">Which of several with this signature, from 0: a machine has more than one SSDT.</param>
    /// <exception cref="ArgumentException">The signature has not four characters.</exception>
    public static bool TryFind(string signature, out ReadOnlySpan<byte> table, int instance = 0)
    {
        ArgumentNullException.ThrowIfNull(signature);
        if (signature.Length != 4)
        {
            throw new ArgumentException($"'{signature}' is no signature of an ACPI table: it has four characters", nameof(signature));
        }

        Span<byte> wanted = [(byte)signature[0], (byte)signature[1], (byte)signature[2], (byte)signature[3]];
        if (wanted.SequenceEqual("DSDT"u8))
        {
            table = default;
            return instance == 0 && AcpiTables.TryGetDsdt(out table);
        }

        int seen = 0;
        for (int i = 0; i < Count; i++)
        {
            if (TryGet(i, out table) && table.StartsWith(wanted) && seen++ == instance)
            {
                return true;
            }
        }

        table = default;
        return false;
    }

    /// <summary>A byte of a table; 0 beyond its end, which is what ACPI defines for fields that older tables do not have (ACPI 6.5, section 5.2.9).</summary>
    public static byte Read8(ReadOnlySpan<byte> table, int offset) => TableBytes.U8(table, offset);

    /// <summary>16 bits of a table, little-endian; 0 when a part lies beyond its end.</summary>
    public static ushort Read16(ReadOnlySpan<byte> table, int offset) => TableBytes.U16(table, offset);

    /// <summary>32 bits of a table, little-endian; 0 when a part lies beyond its end.</summary>
    public static uint Read32(ReadOnlySpan<byte> table, int offset) => TableBytes.U32(table, offset);

    /// <summary>64 bits of a table, little-endian; 0 when a part lies beyond its end.</summary>
    public static ulong Read64(ReadOnlySpan<byte> table, int offset) => TableBytes.U64(table, offset);
}
