using System;

namespace CosmosKernel.Machine.Acpi;

/// <summary>What reading a firmware table found. Everything but <see cref="Valid"/> means that the table is ignored.</summary>
internal enum TableStatus
{
    /// <summary>The table is whole and its checksum is right.</summary>
    Valid,

    /// <summary>The firmware has no such table.</summary>
    Absent,

    /// <summary>The bytes do not begin with the expected signature.</summary>
    BadSignature,

    /// <summary>Its length field is smaller than the fields that every revision has, or larger than the bytes there.</summary>
    BadLength,

    /// <summary>Its bytes do not add up to 0.</summary>
    BadChecksum,

    /// <summary>An entry in it has a length of 0, one too small for its type, or one beyond the table's end.</summary>
    BadEntry,

    /// <summary>A field holds a value that the specification excludes.</summary>
    BadValue,
}

/// <summary>Names of <see cref="TableStatus"/> for the log.</summary>
internal static class TableStatusText
{
    /// <summary>What to write in the log about a table that is ignored.</summary>
    internal static ReadOnlySpan<byte> Describe(TableStatus status)
    {
        return status switch
        {
            TableStatus.Valid => "valid"u8,
            TableStatus.Absent => "absent"u8,
            TableStatus.BadSignature => "wrong signature"u8,
            TableStatus.BadLength => "truncated or wrong length"u8,
            TableStatus.BadChecksum => "wrong checksum"u8,
            TableStatus.BadEntry => "malformed entry"u8,
            _ => "impossible value"u8,
        };
    }
}
