using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;

namespace CosmosKernel.Tests.Checks;

/// <summary>Writes a <c>.debug_line</c> section with one sequence, in the form of a DWARF version (2, 3, 4 or 5, section 6.2).</summary>
internal static class LineProgram
{
    /// <summary>Makes the section; the sequence ends 16 MiB behind the base.</summary>
    public static byte[] Make(int version, string directory, string file, ulong start, (ulong Offset, int Line)[] rows)
    {
        byte[] header = Header(version, directory, file);
        byte[] program = Program(start, rows);
        var unit = new List<byte>();
        unit.AddRange(BitConverter.GetBytes((ushort)version));
        if (version >= 5)
        {
            unit.AddRange([8, 0]);
        }

        unit.AddRange(BitConverter.GetBytes(header.Length));
        unit.AddRange(header);
        unit.AddRange(program);
        return [.. BitConverter.GetBytes(unit.Count), .. unit];
    }

    private static byte[] Header(int version, string directory, string file)
    {
        var header = new List<byte> { 1 };
        if (version >= 4)
        {
            header.Add(1);
        }

        header.AddRange([1, unchecked((byte)-5), 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1]);
        if (version < 5)
        {
            header.AddRange(Text(directory));
            header.Add(0);
            header.AddRange(Text(file));
            header.AddRange([1, 0, 0, 0]);
            return [.. header];
        }

        // Directories: one format (path, string); files: two formats (path, string; directory index, udata). File 1 is the one that programs begin with.
        header.AddRange([1, 1, 8, 1]);
        header.AddRange(Text(directory));
        header.AddRange([2, 1, 8, 2, 0x0F, 2]);
        header.AddRange([.. Text("unused.cs"), 0, .. Text(file), 0]);
        return [.. header];
    }

    // The first row by special opcode where it fits, the others by advance_pc, advance_line and copy: both ways of making a row.
    private static byte[] Program(ulong start, (ulong Offset, int Line)[] rows)
    {
        var program = new List<byte> { 0, 9, 2 };
        var address = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(address, start);
        program.AddRange(address);
        ulong offset = 0;
        int line = 1;
        foreach ((ulong next, int nextLine) in rows)
        {
            ulong advance = next - offset;
            int change = nextLine - line;
            ulong special = (ulong)(change + 5) + (14 * advance) + 13;
            if (change is >= -5 and < 9 && special < 256)
            {
                program.Add((byte)special);
            }
            else
            {
                program.AddRange([2, .. Uleb(advance), 3, .. Sleb(change), 1]);
            }

            (offset, line) = (next, nextLine);
        }

        program.AddRange([2, .. Uleb(0x1000000), 0, 1, 1]);
        return [.. program];
    }

    private static byte[] Text(string text) => [.. Encoding.UTF8.GetBytes(text), 0];

    private static List<byte> Uleb(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
        return bytes;
    }

    private static List<byte> Sleb(long value)
    {
        var bytes = new List<byte>();
        for (; value is < -64 or > 63; value >>= 7)
        {
            bytes.Add((byte)((value & 0x7F) | 0x80));
        }

        bytes.Add((byte)(value & 0x7F));
        return bytes;
    }
}
