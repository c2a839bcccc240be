using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Text;
using CosmosKernel.Tools.Elf;
using CosmosKernel.Tools.Elf.Dwarf;

namespace CosmosKernel.Tools.Image.Symbols;

/// <summary>Packs functions and their source lines into the table that the kernel's panic searches.</summary>
internal sealed class SymbolTableBuilder
{
    private readonly LineTable _lines;
    private readonly MemoryStream _lineBytes = new();
    private readonly MemoryStream _stringBytes = new();
    private readonly Dictionary<string, uint> _strings = new(StringComparer.Ordinal);
    private readonly Dictionary<int, uint> _fileNumbers = [];
    private readonly List<uint> _files = [];

    private SymbolTableBuilder(LineTable lines)
    {
        _lines = lines;
        AddString(string.Empty);
    }

    /// <summary>Makes the table.</summary>
    /// <param name="functions">Functions in ascending order of address.</param>
    /// <param name="lines">Their source lines; may be empty.</param>
    /// <param name="imageBase">The address that function starts are relative to.</param>
    /// <exception cref="ElfFormatException">The table would exceed what 32-bit offsets reach.</exception>
    public static byte[] Build(IReadOnlyList<Function> functions, LineTable lines, ulong imageBase)
    {
        var builder = new SymbolTableBuilder(lines);
        var records = new byte[functions.Count * SymbolTableFormat.FunctionSize];
        for (int i = 0; i < functions.Count; i++)
        {
            Function function = functions[i];
            Span<byte> record = records.AsSpan(i * SymbolTableFormat.FunctionSize, SymbolTableFormat.FunctionSize);
            BinaryPrimitives.WriteUInt32LittleEndian(record, checked((uint)(function.Address - imageBase)));
            BinaryPrimitives.WriteUInt32LittleEndian(record[4..], function.Size);
            BinaryPrimitives.WriteUInt32LittleEndian(record[8..], builder.AddString(function.Name.Type));
            BinaryPrimitives.WriteUInt32LittleEndian(record[12..], builder.AddString(function.Name.Method));
            BinaryPrimitives.WriteUInt32LittleEndian(record[16..], builder.AddLines(function));
        }

        return builder.Assemble(records, functions.Count, imageBase);
    }

    /// <summary>The path that a person sees: relative to the project, or to .NET's own sources.</summary>
    internal static string DisplayPath(string path)
    {
        const string DotNetRoot = "/_/";
        return path.StartsWith(DotNetRoot, StringComparison.Ordinal) ? path[DotNetRoot.Length..] : path.TrimStart('/');
    }

    private byte[] Assemble(byte[] records, int count, ulong imageBase)
    {
        const int Functions = SymbolTableFormat.HeaderSize;
        long files = Functions + (long)records.Length;
        long lines = files + (4L * _files.Count);
        long strings = lines + _lineBytes.Length;
        long total = strings + _stringBytes.Length;
        if (total > int.MaxValue)
        {
            throw new ElfFormatException($"the symbol table would have {total} bytes, more than 32-bit offsets reach");
        }

        var table = new byte[total];
        Span<byte> header = table;
        BinaryPrimitives.WriteUInt32LittleEndian(header, SymbolTableFormat.Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], SymbolTableFormat.Version);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], (uint)total);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], (uint)count);
        BinaryPrimitives.WriteUInt64LittleEndian(header[16..], imageBase);
        BinaryPrimitives.WriteUInt32LittleEndian(header[24..], Functions);
        BinaryPrimitives.WriteUInt32LittleEndian(header[28..], (uint)_files.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(header[32..], (uint)files);
        BinaryPrimitives.WriteUInt32LittleEndian(header[36..], (uint)lines);
        BinaryPrimitives.WriteUInt32LittleEndian(header[40..], (uint)_lineBytes.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[44..], (uint)strings);
        BinaryPrimitives.WriteUInt32LittleEndian(header[48..], (uint)_stringBytes.Length);
        records.CopyTo(header[Functions..]);
        for (int i = 0; i < _files.Count; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(header[(int)(files + (4 * i))..], _files[i]);
        }

        _lineBytes.GetBuffer().AsSpan(0, (int)_lineBytes.Length).CopyTo(header[(int)lines..]);
        _stringBytes.GetBuffer().AsSpan(0, (int)_stringBytes.Length).CopyTo(header[(int)strings..]);
        return table;
    }

    private uint AddLines(Function function)
    {
        List<LineRow> rows = RowsOf(function);
        if (rows.Count == 0)
        {
            return SymbolTableFormat.NoLines;
        }

        uint offset = (uint)_lineBytes.Length;
        WriteUleb((ulong)rows.Count);
        ulong address = function.Address;
        long file = -1;
        int line = 0;
        foreach (LineRow row in rows)
        {
            uint number = FileNumber(row.File);
            bool changed = number != file;
            WriteUleb(((row.Address - address) << 1) | (changed ? 1UL : 0));
            if (changed)
            {
                WriteUleb(number);
            }

            WriteSleb(row.Line - line);
            (address, file, line) = (row.Address, number, row.Line);
        }

        return offset;
    }

    // Rows inside the function. The row before its first byte is another function's: ILC writes one sequence for all code, and a helper without
    // lines must not show its neighbour's. Rows that repeat the line before them are left out.
    private List<LineRow> RowsOf(Function function)
    {
        var rows = new List<LineRow>();
        ReadOnlySpan<LineRow> all = _lines.Rows;
        ulong end = function.Address + function.Size;
        for (int i = _lines.LowerBound(0, function.Address); i < all.Length && all[i].Address < end; i++)
        {
            LineRow row = all[i].File < 0 ? all[i] with { File = 0, Line = 0 } : all[i];
            if (rows.Count != 0 && rows[^1].Address == row.Address)
            {
                rows.RemoveAt(rows.Count - 1);
            }

            bool same = rows.Count != 0 && rows[^1].Line == row.Line && (rows[^1].File == row.File || row.Line == 0);
            if (!same)
            {
                rows.Add(row);
            }
        }

        return rows.TrueForAll(static r => r.Line == 0) ? [] : rows;
    }

    private uint FileNumber(int file)
    {
        if (!_fileNumbers.TryGetValue(file, out uint number))
        {
            number = (uint)_files.Count;
            _fileNumbers.Add(file, number);
            _files.Add(AddString(DisplayPath(_lines.Files[file])));
        }

        return number;
    }

    private uint AddString(string text)
    {
        if (!_strings.TryGetValue(text, out uint offset))
        {
            offset = (uint)_stringBytes.Length;
            _strings.Add(text, offset);
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            WriteUleb(_stringBytes, (ulong)bytes.Length);
            _stringBytes.Write(bytes);
        }

        return offset;
    }

    private void WriteUleb(ulong value) => WriteUleb(_lineBytes, value);

    private void WriteSleb(long value)
    {
        while (value is < -64 or > 63)
        {
            _lineBytes.WriteByte((byte)((value & 0x7F) | 0x80));
            value >>= 7;
        }

        _lineBytes.WriteByte((byte)(value & 0x7F));
    }

    private static void WriteUleb(MemoryStream stream, ulong value)
    {
        while (value >= 0x80)
        {
            stream.WriteByte((byte)(value | 0x80));
            value >>= 7;
        }

        stream.WriteByte((byte)value);
    }
}
