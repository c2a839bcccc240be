using System;
using System.Buffers.Binary;

namespace CosmosKernel.Modules.Loading;

/// <summary>
/// Checks frame description entries before they are used: the unwinder reads them in panics, where nothing can be refused (System V ABI AMD64 supplement 4.2.4; LSB Core 5.0, 10.6).
/// What is inside an entry is compiled code's own matter, as its instructions are.
/// </summary>
internal static class UnwindCheck
{
    /// <summary>Whether a whole entry, with a whole common entry, is at an offset.</summary>
    public static bool IsEntry(ReadOnlySpan<byte> entries, uint offset)
    {
        if (!IsWhole(entries, offset, out uint common) || common == 0)
        {
            return false;
        }

        // The distance to the common entry counts back from its own place.
        long at = (long)offset + 4 - common;
        return at >= 0 && at < entries.Length && IsWhole(entries, (uint)at, out uint zero) && zero == 0;
    }

    private static bool IsWhole(ReadOnlySpan<byte> entries, uint offset, out uint common)
    {
        common = 0;
        if (offset > entries.Length || entries.Length - offset < 8)
        {
            return false;
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(entries[(int)offset..]);
        common = BinaryPrimitives.ReadUInt32LittleEndian(entries[((int)offset + 4)..]);
        return length >= 4 && length <= entries.Length - offset - 4;
    }
}
