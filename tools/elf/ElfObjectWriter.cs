using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace CosmosKernel.Tools.Elf;

/// <summary>
/// Writes a small relocatable x86-64 object: sections, symbols and relocations with addends. The bytes depend on nothing but the calls made, so
/// that builds repeat.
/// </summary>
public sealed class ElfObjectWriter
{
    private const int HeaderSize = 64;
    private const int SectionHeaderSize = 64;
    private const int SymbolSize = 24;
    private const int RelocationSize = 24;

    private readonly List<Section> _sections = [];
    private readonly List<Symbol> _symbols = [];
    private readonly Dictionary<string, int> _symbolIndex = new(StringComparer.Ordinal);

    /// <summary>Adds a section; the index that comes back is its index in the file.</summary>
    /// <param name="name">Section name.</param>
    /// <param name="data">Its bytes.</param>
    /// <param name="flags">How it is used at run time.</param>
    /// <param name="alignment">Alignment in bytes, a power of two.</param>
    public int AddSection(string name, byte[] data, ElfSectionFlags flags, int alignment)
    {
        ArgumentNullException.ThrowIfNull(data);
        _sections.Add(new Section(name, data, data.Length, ElfSectionType.ProgramBits, flags, alignment, []));
        return _sections.Count;
    }

    /// <summary>Adds a section of zeros, which takes no room in the file; the index that comes back is its index in the file.</summary>
    /// <param name="name">Section name.</param>
    /// <param name="size">Size in bytes.</param>
    /// <param name="flags">How it is used at run time.</param>
    /// <param name="alignment">Alignment in bytes, a power of two.</param>
    public int AddZeroSection(string name, long size, ElfSectionFlags flags, int alignment)
    {
        _sections.Add(new Section(name, [], size, ElfSectionType.NoBits, flags, alignment, []));
        return _sections.Count;
    }

    /// <summary>Adds a symbol.</summary>
    /// <param name="name">Its name, unique in this object.</param>
    /// <param name="section">Index from <see cref="AddSection"/>, or <see cref="ElfSymbol.UndefinedSection"/> for one that another object defines.</param>
    /// <param name="value">Offset in the section.</param>
    /// <param name="size">Size in bytes, or zero.</param>
    /// <param name="type">What it stands for.</param>
    /// <param name="binding">Who sees it.</param>
    /// <exception cref="ArgumentException">The object has a symbol of that name, or no such section.</exception>
    public void AddSymbol(string name, int section, ulong value, ulong size, ElfSymbolType type, ElfSymbolBinding binding = ElfSymbolBinding.Global)
    {
        if ((uint)section > (uint)_sections.Count)
        {
            throw new ArgumentException($"there is no section {section}", nameof(section));
        }

        _symbolIndex.Add(name, _symbols.Count + 1);
        _symbols.Add(new Symbol(name, section, value, size, type, binding));
    }

    /// <summary>Adds a relocation to a section. A symbol that nobody added by the time of <see cref="Write"/> becomes an undefined one.</summary>
    public void AddRelocation(int section, ulong offset, string symbol, ElfRelocationType type, long addend) =>
        _sections[section - 1].Relocations.Add(new Relocation(offset, symbol, type, addend));

    /// <summary>Makes the file.</summary>
    public byte[] Write()
    {
        AddUndefinedSymbols();
        int localCount = LocalsFirst();
        var strings = new StringTable();
        var names = new StringTable();
        var body = new MemoryStream();
        body.Write(new byte[HeaderSize]);
        var headers = new List<byte[]> { new byte[SectionHeaderSize] };
        int symbolTableIndex = _sections.Count + 1;
        foreach (Section section in _sections)
        {
            Align(body, section.Alignment);
            headers.Add(HeaderOf(names.Add(section.Name), section.Type, section.Flags, (ulong)body.Position, (ulong)section.Size, 0, 0, section.Alignment, 0));
            body.Write(section.Data);
        }

        byte[] symbols = SymbolBytes(strings);
        Append(".symtab", ElfSectionType.SymbolTable, ElfSectionFlags.None, symbols, symbolTableIndex + 1, localCount + 1, 8, SymbolSize);
        Append(".strtab", ElfSectionType.StringTable, ElfSectionFlags.None, strings.ToArray(), 0, 0, 1, 0);
        for (int i = 0; i < _sections.Count; i++)
        {
            if (_sections[i].Relocations.Count != 0)
            {
                byte[] data = RelocationBytes(_sections[i]);
                Append($".rela{_sections[i].Name}", ElfSectionType.RelocationsWithAddends, ElfSectionFlags.InfoLink, data, symbolTableIndex, i + 1, 8, RelocationSize);
            }
        }

        // An object without this note makes linkers give the program an executable stack.
        Append(".note.GNU-stack", ElfSectionType.ProgramBits, ElfSectionFlags.None, [], 0, 0, 1, 0);
        uint ownName = names.Add(".shstrtab");
        byte[] nameBytes = names.ToArray();
        headers.Add(HeaderOf(ownName, ElfSectionType.StringTable, ElfSectionFlags.None, (ulong)body.Position, (ulong)nameBytes.Length, 0, 0, 1, 0));
        body.Write(nameBytes);
        Align(body, 8);
        long table = body.Position;
        headers.ForEach(h => body.Write(h));
        byte[] result = body.ToArray();
        WriteHeader(result, (ulong)table, headers.Count);
        return result;

        void Append(string name, ElfSectionType type, ElfSectionFlags flags, byte[] data, int link, int info, int alignment, int entrySize)
        {
            Align(body, alignment);
            headers.Add(HeaderOf(names.Add(name), type, flags, (ulong)body.Position, (ulong)data.Length, link, info, alignment, entrySize));
            body.Write(data);
        }
    }

    private static void WriteHeader(Span<byte> file, ulong sectionTable, int sectionCount)
    {
        "\u007fELF"u8.CopyTo(file);
        file[4] = 2;
        file[5] = 1;
        file[6] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(file[16..], 1);
        BinaryPrimitives.WriteUInt16LittleEndian(file[18..], 62);
        BinaryPrimitives.WriteUInt32LittleEndian(file[20..], 1);
        BinaryPrimitives.WriteUInt64LittleEndian(file[40..], sectionTable);
        BinaryPrimitives.WriteUInt16LittleEndian(file[52..], HeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(file[58..], SectionHeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(file[60..], (ushort)sectionCount);
        BinaryPrimitives.WriteUInt16LittleEndian(file[62..], (ushort)(sectionCount - 1));
    }

    private static byte[] HeaderOf(uint name, ElfSectionType type, ElfSectionFlags flags, ulong offset, ulong size, int link, int info, int alignment, int entrySize)
    {
        var header = new byte[SectionHeaderSize];
        BinaryPrimitives.WriteUInt32LittleEndian(header, name);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), (uint)type);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(8), (ulong)flags);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(24), offset);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(32), size);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(40), (uint)link);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(44), (uint)info);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(48), (ulong)alignment);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(56), (ulong)entrySize);
        return header;
    }

    private static void Align(MemoryStream stream, int alignment)
    {
        while (stream.Position % alignment != 0)
        {
            stream.WriteByte(0);
        }
    }

    private void AddUndefinedSymbols()
    {
        foreach (Section section in _sections)
        {
            foreach (Relocation relocation in section.Relocations)
            {
                if (!_symbolIndex.ContainsKey(relocation.Symbol))
                {
                    AddSymbol(relocation.Symbol, ElfSymbol.UndefinedSection, 0, 0, ElfSymbolType.None);
                }
            }
        }
    }

    // As the format wants it: sh_info of the table is the index of the first symbol that is not local.
    private int LocalsFirst()
    {
        List<Symbol> sorted = [.. _symbols.Where(s => s.Binding == ElfSymbolBinding.Local), .. _symbols.Where(s => s.Binding != ElfSymbolBinding.Local)];
        _symbols.Clear();
        _symbols.AddRange(sorted);
        for (int i = 0; i < _symbols.Count; i++)
        {
            _symbolIndex[_symbols[i].Name] = i + 1;
        }

        return _symbols.Count(s => s.Binding == ElfSymbolBinding.Local);
    }

    private byte[] SymbolBytes(StringTable strings)
    {
        var data = new byte[SymbolSize * (_symbols.Count + 1)];
        for (int i = 0; i < _symbols.Count; i++)
        {
            Symbol symbol = _symbols[i];
            Span<byte> entry = data.AsSpan(SymbolSize * (i + 1), SymbolSize);
            BinaryPrimitives.WriteUInt32LittleEndian(entry, strings.Add(symbol.Name));
            entry[4] = (byte)(((int)symbol.Binding << 4) | (int)symbol.Type);
            BinaryPrimitives.WriteUInt16LittleEndian(entry[6..], (ushort)symbol.Section);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[8..], symbol.Value);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[16..], symbol.Size);
        }

        return data;
    }

    private byte[] RelocationBytes(Section section)
    {
        var data = new byte[RelocationSize * section.Relocations.Count];
        for (int i = 0; i < section.Relocations.Count; i++)
        {
            Relocation relocation = section.Relocations[i];
            Span<byte> entry = data.AsSpan(RelocationSize * i, RelocationSize);
            BinaryPrimitives.WriteUInt64LittleEndian(entry, relocation.Offset);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[8..], ((ulong)_symbolIndex[relocation.Symbol] << 32) | (uint)relocation.Type);
            BinaryPrimitives.WriteInt64LittleEndian(entry[16..], relocation.Addend);
        }

        return data;
    }

    private sealed record Section(string Name, byte[] Data, long Size, ElfSectionType Type, ElfSectionFlags Flags, int Alignment, List<Relocation> Relocations);

    private sealed record Symbol(string Name, int Section, ulong Value, ulong Size, ElfSymbolType Type, ElfSymbolBinding Binding);

    private sealed record Relocation(ulong Offset, string Symbol, ElfRelocationType Type, long Addend);

    private sealed class StringTable
    {
        private readonly List<byte> _data = [0];

        public uint Add(string text)
        {
            uint offset = (uint)_data.Count;
            _data.AddRange(Encoding.UTF8.GetBytes(text));
            _data.Add(0);
            return offset;
        }

        public byte[] ToArray() => [.. _data];
    }
}
