using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace XSharp.Tests;

/// <summary>A section of an object file.</summary>
public sealed record ElfSection(string Name, uint Type, ulong Flags, ulong Alignment, ulong Size, byte[] Content);

/// <summary>A symbol; <see cref="Section"/> is 0 for an outside one.</summary>
public sealed record ElfSymbol(string Name, int Type, bool IsGlobal, int Section, ulong Value, ulong Size);

/// <summary>A relocation; for a local target the name is that of its section.</summary>
public sealed record ElfRelocation(ulong Offset, uint Type, string Target, long Addend);

/// <summary>Reads as much of an ELF64 object as the tests compare (System V ABI, AMD64 supplement).</summary>
public sealed class ElfObject
{
    private readonly byte[] _content;

    public ElfObject(byte[] content)
    {
        _content = content;
        ulong table = U64(0x28);
        int count = U16(0x3C);
        ulong names = U64(table + ((ulong)U16(0x3E) * 64) + 0x18);
        Sections = [.. Enumerable.Range(0, count).Select(i => ReadSection(table + ((ulong)i * 64), names))];
        Symbols = ReadSymbols();
    }

    public IReadOnlyList<ElfSection> Sections { get; }

    public IReadOnlyList<ElfSymbol> Symbols { get; }

    public static ElfObject Load(string file) => new(File.ReadAllBytes(file));

    public ElfSection Section(string name) => Sections.Single(s => s.Name == name);

    public ElfSymbol Symbol(string name) => Symbols.Single(s => s.Name == name);

    public IReadOnlyList<ElfRelocation> Relocations(string section)
    {
        byte[] rows = Sections.FirstOrDefault(s => s.Name == ".rela" + section)?.Content ?? [];
        var relocations = new List<ElfRelocation>();
        for (int at = 0; at < rows.Length; at += 24)
        {
            ulong info = BinaryPrimitives.ReadUInt64LittleEndian(rows.AsSpan(at + 8));
            ElfSymbol symbol = Symbols[(int)(info >> 32)];
            string name = symbol.Name.Length != 0 ? symbol.Name : Sections[symbol.Section].Name;
            relocations.Add(new ElfRelocation(
                BinaryPrimitives.ReadUInt64LittleEndian(rows.AsSpan(at)),
                (uint)info,
                name,
                BinaryPrimitives.ReadInt64LittleEndian(rows.AsSpan(at + 16))));
        }

        return relocations;
    }

    private ElfSection ReadSection(ulong at, ulong names)
    {
        uint type = U32(at + 4);
        ulong size = U64(at + 0x20);
        byte[] content = type == 8 ? [] : _content.AsSpan((int)U64(at + 0x18), (int)size).ToArray();
        return new ElfSection(Text(names + U32(at)), type, U64(at + 8), U64(at + 0x30), size, content);
    }

    private List<ElfSymbol> ReadSymbols()
    {
        byte[] rows = Section(".symtab").Content;
        byte[] names = Section(".strtab").Content;
        var symbols = new List<ElfSymbol>();
        for (int at = 0; at < rows.Length; at += 24)
        {
            int name = BinaryPrimitives.ReadInt32LittleEndian(rows.AsSpan(at));
            int end = Array.IndexOf(names, (byte)0, name);
            symbols.Add(new ElfSymbol(
                Encoding.ASCII.GetString(names, name, end - name),
                rows[at + 4] & 15,
                rows[at + 4] >> 4 == 1,
                BinaryPrimitives.ReadUInt16LittleEndian(rows.AsSpan(at + 6)),
                BinaryPrimitives.ReadUInt64LittleEndian(rows.AsSpan(at + 8)),
                BinaryPrimitives.ReadUInt64LittleEndian(rows.AsSpan(at + 16))));
        }

        return symbols;
    }

    private string Text(ulong at)
    {
        int end = Array.IndexOf(_content, (byte)0, (int)at);
        return Encoding.ASCII.GetString(_content, (int)at, end - (int)at);
    }

    private ushort U16(ulong at) => BinaryPrimitives.ReadUInt16LittleEndian(_content.AsSpan((int)at));

    private uint U32(ulong at) => BinaryPrimitives.ReadUInt32LittleEndian(_content.AsSpan((int)at));

    private ulong U64(ulong at) => BinaryPrimitives.ReadUInt64LittleEndian(_content.AsSpan((int)at));
}
