using System;
using System.Buffers.Binary;
using System.Collections.Generic;

namespace XSharp.Tests;

/// <summary>Runs the line-number program of one compilation unit (DWARF 3, section 6.2).</summary>
public static class LineTable
{
    /// <summary>The rows as "line:address", the end of the sequence left out.</summary>
    public static IReadOnlyList<string> Read(ReadOnlySpan<byte> section)
    {
        int at = 10 + BinaryPrimitives.ReadInt32LittleEndian(section[6..]);
        int minimumLength = section[10];
        sbyte lineBase = (sbyte)section[12];
        int lineRange = section[13];
        int opcodeBase = section[14];
        var rows = new List<string>();
        long address = 0;
        long line = 1;
        while (at < section.Length)
        {
            int opcode = section[at++];
            if (opcode >= opcodeBase)
            {
                int adjusted = opcode - opcodeBase;
                address += adjusted / lineRange * minimumLength;
                line += lineBase + (adjusted % lineRange);
                rows.Add($"{line}:{address}");
                continue;
            }

            switch (opcode)
            {
                case 0:
                    at += 1 + section[at];
                    break;
                case 1:
                    rows.Add($"{line}:{address}");
                    break;
                case 2:
                    address += Unsigned(section, ref at) * minimumLength;
                    break;
                case 3:
                    line += Signed(section, ref at);
                    break;
                case 4 or 5 or 12:
                    Unsigned(section, ref at);
                    break;
                case 8:
                    address += (255 - opcodeBase) / lineRange * minimumLength;
                    break;
                case 9:
                    address += BinaryPrimitives.ReadUInt16LittleEndian(section[at..]);
                    at += 2;
                    break;
                default:
                    break;
            }
        }

        return rows;
    }

    private static long Unsigned(ReadOnlySpan<byte> bytes, ref int at)
    {
        long value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = bytes[at++];
            value |= (long)(next & 127) << shift;
            if (next < 128)
            {
                return value;
            }
        }
    }

    private static long Signed(ReadOnlySpan<byte> bytes, ref int at)
    {
        int start = at;
        long value = Unsigned(bytes, ref at);
        int bits = (at - start) * 7;
        return (value << (64 - bits)) >> (64 - bits);
    }
}
