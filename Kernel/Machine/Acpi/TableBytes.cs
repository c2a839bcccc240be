using System;

namespace CosmosKernel.Machine.Acpi;

/// <summary>
/// Little-endian reads from firmware tables that never fail: a field that lies beyond the bytes given reads as 0.
/// ACPI tables grow at the end from revision to revision, and 0 is what the specification defines for an absent field
/// (ACPI 6.5, section 5.2.9), so callers need no check for each one. May be called in any context.
/// </summary>
internal static class TableBytes
{
    /// <summary>The byte at <paramref name="offset"/>, or 0 outside the table.</summary>
    internal static byte U8(ReadOnlySpan<byte> table, int offset)
    {
        return (uint)offset < (uint)table.Length ? table[offset] : (byte)0;
    }

    /// <summary>The 16-bit value at <paramref name="offset"/>, or 0 if any of it lies outside the table.</summary>
    internal static ushort U16(ReadOnlySpan<byte> table, int offset)
    {
        return Holds(table, offset, 2) ? (ushort)(table[offset] | (table[offset + 1] << 8)) : (ushort)0;
    }

    /// <summary>The 32-bit value at <paramref name="offset"/>, or 0 if any of it lies outside the table.</summary>
    internal static uint U32(ReadOnlySpan<byte> table, int offset)
    {
        return Holds(table, offset, 4)
            ? table[offset] | ((uint)table[offset + 1] << 8) | ((uint)table[offset + 2] << 16) | ((uint)table[offset + 3] << 24)
            : 0;
    }

    /// <summary>The 64-bit value at <paramref name="offset"/>, or 0 if any of it lies outside the table.</summary>
    internal static ulong U64(ReadOnlySpan<byte> table, int offset)
    {
        return Holds(table, offset, 8) ? U32(table, offset) | ((ulong)U32(table, offset + 4) << 32) : 0;
    }

    /// <summary>Whether <paramref name="length"/> bytes from <paramref name="offset"/> lie inside the table.</summary>
    internal static bool Holds(ReadOnlySpan<byte> table, int offset, int length)
    {
        return offset >= 0 && length >= 0 && length <= table.Length && offset <= table.Length - length;
    }

    /// <summary>Whether the bytes at <paramref name="offset"/> are exactly <paramref name="expected"/>.</summary>
    internal static bool Matches(ReadOnlySpan<byte> table, int offset, ReadOnlySpan<byte> expected)
    {
        if (!Holds(table, offset, expected.Length))
        {
            return false;
        }

        for (int i = 0; i < expected.Length; i++)
        {
            if (table[offset + i] != expected[i])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether all bytes add up to 0 modulo 256, the checksum rule of every ACPI table.</summary>
    internal static bool SumsToZero(ReadOnlySpan<byte> bytes)
    {
        byte sum = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            sum += bytes[i];
        }

        return sum == 0;
    }
}
