using System;

namespace CosmosKernel.Machine.Acpi;

/// <summary>
/// The root system description pointer (ACPI 6.5, section 5.2.5): where the table of tables is.
/// </summary>
internal readonly struct RootPointer
{
    /// <summary>Length of the structure in ACPI 1.0; its checksum covers only these bytes.</summary>
    internal const int FirstLength = 20;

    /// <summary>Length of the structure from ACPI 2.0 on.</summary>
    internal const int ExtendedLength = 36;

    private const int ScanStep = 16;

    private RootPointer(ulong address, bool extended)
    {
        RootTableAddress = address;
        IsExtended = extended;
    }

    /// <summary>Physical address of the XSDT if <see cref="IsExtended"/>, else of the RSDT.</summary>
    internal ulong RootTableAddress { get; }

    /// <summary>Whether the root table is an XSDT, with 64-bit entries.</summary>
    internal bool IsExtended { get; }

    /// <summary>
    /// Reads a root pointer from the first bytes of <paramref name="bytes"/>. A pointer of revision 2 or later with a wrong
    /// extended checksum, or without an XSDT, falls back to its RSDT.
    /// </summary>
    internal static TableStatus Read(ReadOnlySpan<byte> bytes, out RootPointer pointer)
    {
        pointer = default;
        if (bytes.Length < FirstLength)
        {
            return TableStatus.BadLength;
        }

        if (!TableBytes.Matches(bytes, 0, "RSD PTR "u8))
        {
            return TableStatus.BadSignature;
        }

        if (!TableBytes.SumsToZero(bytes[..FirstLength]))
        {
            return TableStatus.BadChecksum;
        }

        uint rsdt = TableBytes.U32(bytes, 16);
        byte revision = TableBytes.U8(bytes, 15);
        if (revision >= 2 && bytes.Length >= ExtendedLength)
        {
            uint length = TableBytes.U32(bytes, 20);
            ulong xsdt = TableBytes.U64(bytes, 24);
            if (length >= ExtendedLength && length <= (uint)bytes.Length
                && TableBytes.SumsToZero(bytes[..(int)length]) && xsdt != 0)
            {
                pointer = new RootPointer(xsdt, extended: true);
                return TableStatus.Valid;
            }
        }

        if (rsdt == 0)
        {
            return TableStatus.BadValue;
        }

        pointer = new RootPointer(rsdt, extended: false);
        return TableStatus.Valid;
    }

    /// <summary>
    /// Offset of the first valid root pointer in a memory area that begins at a multiple of 16, or -1. This is how the
    /// pointer is found on BIOS machines: in the first KiB of the extended BIOS data area and in 0xE0000 to 0xFFFFF.
    /// </summary>
    internal static int Find(ReadOnlySpan<byte> area)
    {
        for (int offset = 0; offset <= area.Length - FirstLength; offset += ScanStep)
        {
            if (TableBytes.Matches(area, offset, "RSD PTR "u8)
                && Read(area[offset..], out _) == TableStatus.Valid)
            {
                return offset;
            }
        }

        return -1;
    }
}
