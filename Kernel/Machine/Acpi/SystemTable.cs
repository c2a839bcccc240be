using System;

namespace CosmosKernel.Machine.Acpi;

/// <summary>
/// The 36-byte header that every ACPI system description table begins with (ACPI 6.5, section 5.2.6): signature, length,
/// revision, checksum, and who made it.
/// </summary>
internal static class SystemTable
{
    /// <summary>Bytes of the header.</summary>
    internal const int HeaderLength = 36;

    /// <summary>Tables longer than this are taken for damaged; the largest seen in the field are DSDTs of about 1 MiB.</summary>
    internal const uint MaximumLength = 16 << 20;

    /// <summary>The length field of a header, or 0 if <paramref name="header"/> is shorter than a header.</summary>
    internal static uint LengthOf(ReadOnlySpan<byte> header)
    {
        return header.Length < HeaderLength ? 0 : TableBytes.U32(header, 4);
    }

    /// <summary>
    /// Checks the header and checksum of a table. <paramref name="bytes"/> may be longer than the table;
    /// <paramref name="table"/> is cut to its length, and empty unless the result is <see cref="TableStatus.Valid"/>.
    /// </summary>
    internal static TableStatus Check(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature, out ReadOnlySpan<byte> table)
    {
        table = default;
        if (bytes.Length < HeaderLength)
        {
            return TableStatus.BadLength;
        }

        if (!TableBytes.Matches(bytes, 0, signature))
        {
            return TableStatus.BadSignature;
        }

        uint length = LengthOf(bytes);
        if (length < HeaderLength || length > MaximumLength || length > (uint)bytes.Length)
        {
            return TableStatus.BadLength;
        }

        ReadOnlySpan<byte> whole = bytes[..(int)length];
        if (!TableBytes.SumsToZero(whole))
        {
            return TableStatus.BadChecksum;
        }

        table = whole;
        return TableStatus.Valid;
    }
}
