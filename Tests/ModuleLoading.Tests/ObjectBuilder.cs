using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;

namespace CosmosKernel.Tests.ModuleLoading;

/// <summary>Makes relocatable ELF64 objects, right or wrong, byte by byte.</summary>
internal sealed class ObjectBuilder
{
    private readonly List<(string Name, uint Type, ulong Flags, byte[] Bytes, ulong Length, ulong Alignment, uint Link, uint Information, ulong Row)> _sections = [("", 0, 0, [], 0, 0, 0, 0, 0)];
    private readonly List<(string Name, byte Kind, ushort Section, ulong Value)> _symbols = [("", 0, 0, 0)];

    public int Sections => _sections.Count;

    /// <summary>Adds a section with bytes; returns its index.</summary>
    public int Section(string name, ulong flags, byte[] bytes, ulong alignment = 8, uint type = 1, uint information = 0, ulong row = 0)
    {
        _sections.Add((name, type, flags, bytes, (ulong)bytes.Length, alignment, 0, information, row));
        return _sections.Count - 1;
    }

    /// <summary>Adds a section without bytes.</summary>
    public int Zeros(string name, ulong length)
    {
        _sections.Add((name, 8, 3, [], length, 16, 0, 0, 0));
        return _sections.Count - 1;
    }

    /// <summary>Adds a symbol; returns its index.</summary>
    public int Symbol(string name, int section, ulong value, bool global = true)
    {
        _symbols.Add((name, (byte)(global ? 0x10 : 0), (ushort)section, value));
        return _symbols.Count - 1;
    }

    /// <summary>Adds relocations of a section: place, type, symbol, addend.</summary>
    public void Relocate(int section, params (ulong Place, uint Type, int Symbol, long Addend)[] relocations)
    {
        var bytes = new byte[relocations.Length * 24];
        for (int i = 0; i < relocations.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(i * 24), relocations[i].Place);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan((i * 24) + 8), relocations[i].Type);
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan((i * 24) + 12), relocations[i].Symbol);
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan((i * 24) + 16), relocations[i].Addend);
        }

        _sections.Add((".rela" + _sections[section].Name, 4, 0x40, bytes, (ulong)bytes.Length, 8, uint.MaxValue, (uint)section, 24));
    }

    public byte[] Build()
    {
        var strings = new List<byte> { 0 };
        var table = new byte[_symbols.Count * 24];
        for (int i = 1; i < _symbols.Count; i++)
        {
            Span<byte> row = table.AsSpan(i * 24, 24);
            BinaryPrimitives.WriteUInt32LittleEndian(row, Put(strings, _symbols[i].Name));
            row[4] = _symbols[i].Kind;
            BinaryPrimitives.WriteUInt16LittleEndian(row[6..], _symbols[i].Section);
            BinaryPrimitives.WriteUInt64LittleEndian(row[8..], _symbols[i].Value);
        }

        int symbolTable = _sections.Count;
        var all = new List<(string Name, uint Type, ulong Flags, byte[] Bytes, ulong Length, ulong Alignment, uint Link, uint Information, ulong Row)>(_sections)
        {
            (".symtab", 2, 0, table, (ulong)table.Length, 8, (uint)symbolTable + 1, 1, 24),
            (".strtab", 3, 0, [.. strings], (ulong)strings.Count, 1, 0, 0, 0),
        };
        var names = new List<byte> { 0 };
        var nameOffsets = new List<uint>();
        foreach (var section in all)
        {
            nameOffsets.Add(Put(names, section.Name));
        }

        nameOffsets.Add(Put(names, ".shstrtab"));
        all.Add((".shstrtab", 3, 0, [.. names], (ulong)names.Count, 1, 0, 0, 0));

        var file = new List<byte>(new byte[64]);
        var headers = new byte[all.Count * 64];
        for (int i = 1; i < all.Count; i++)
        {
            Span<byte> header = headers.AsSpan(i * 64, 64);
            BinaryPrimitives.WriteUInt32LittleEndian(header, nameOffsets[i]);
            BinaryPrimitives.WriteUInt32LittleEndian(header[4..], all[i].Type);
            BinaryPrimitives.WriteUInt64LittleEndian(header[8..], all[i].Flags);
            BinaryPrimitives.WriteUInt64LittleEndian(header[24..], (ulong)file.Count);
            BinaryPrimitives.WriteUInt64LittleEndian(header[32..], all[i].Length);
            BinaryPrimitives.WriteUInt32LittleEndian(header[40..], all[i].Link == uint.MaxValue ? (uint)symbolTable : all[i].Link);
            BinaryPrimitives.WriteUInt32LittleEndian(header[44..], all[i].Information);
            BinaryPrimitives.WriteUInt64LittleEndian(header[48..], all[i].Alignment);
            BinaryPrimitives.WriteUInt64LittleEndian(header[56..], all[i].Row);
            file.AddRange(all[i].Bytes);
        }

        Span<byte> head = new byte[64];
        ((ReadOnlySpan<byte>)[0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1]).CopyTo(head);
        BinaryPrimitives.WriteUInt16LittleEndian(head[16..], 1);
        BinaryPrimitives.WriteUInt16LittleEndian(head[18..], 62);
        BinaryPrimitives.WriteUInt32LittleEndian(head[20..], 1);
        BinaryPrimitives.WriteUInt64LittleEndian(head[40..], (ulong)file.Count);
        BinaryPrimitives.WriteUInt16LittleEndian(head[52..], 64);
        BinaryPrimitives.WriteUInt16LittleEndian(head[58..], 64);
        BinaryPrimitives.WriteUInt16LittleEndian(head[60..], (ushort)all.Count);
        BinaryPrimitives.WriteUInt16LittleEndian(head[62..], (ushort)(all.Count - 1));
        file.AddRange(headers);
        byte[] result = [.. file];
        head.CopyTo(result);
        return result;
    }

    private static uint Put(List<byte> strings, string text)
    {
        uint offset = (uint)strings.Count;
        strings.AddRange(Encoding.UTF8.GetBytes(text));
        strings.Add(0);
        return offset;
    }
}
