using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.IO.Compression;
using System.Text;

namespace CosmosKernel.Tools.Elf;

/// <summary>
/// A 64-bit little-endian x86-64 ELF file (relocatable object or executable), read once and decoded on demand over spans of its bytes.
/// Tables with more than 65,279 sections are read too: an object with a section for each method has them.
/// </summary>
/// <remarks>All sizes in the file are checked before they are used; a malformed file gives <see cref="ElfFormatException"/>.</remarks>
public sealed class ElfFile
{
    private const int HeaderSize = 64;
    private const int SectionHeaderSize = 64;
    private const int SymbolSize = 24;
    private const int RelocationSize = 24;
    private const ushort MachineX64 = 62;
    private const ushort TypeRelocatable = 1;
    private const ushort ExtendedIndex = 0xFFFF;
    private const ushort FirstReservedIndex = 0xFF00;
    private const ushort CommonIndex = 0xFFF2;

    private readonly byte[] _bytes;
    private readonly ElfSection[] _sections;
    private readonly Dictionary<string, ElfSection> _sectionsByName;
    private readonly Dictionary<int, ElfSection> _relocationSections;
    private readonly Dictionary<int, byte[]> _decompressed = [];
    private readonly Lazy<ElfSymbol[]> _symbols;
    private ElfSection? _symbolStrings;

    private ElfFile(string path, byte[] bytes)
    {
        Path = path;
        _bytes = bytes;
        CheckHeader();
        IsRelocatable = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(16)) == TypeRelocatable;
        EntryPoint = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(24));
        _sections = ReadSections();
        _sectionsByName = new Dictionary<string, ElfSection>(_sections.Length, StringComparer.Ordinal);
        _relocationSections = [];
        foreach (ElfSection section in _sections)
        {
            _sectionsByName.TryAdd(section.Name, section);
            if (section.Type == ElfSectionType.RelocationsWithAddends)
            {
                _relocationSections.TryAdd((int)section.Info, section);
            }
        }

        _symbols = new Lazy<ElfSymbol[]>(ReadSymbols);
    }

    /// <summary>Where the file came from, for messages.</summary>
    public string Path { get; }

    /// <summary>Whether this is an object to be linked, whose symbol values are offsets in sections.</summary>
    public bool IsRelocatable { get; }

    /// <summary>Virtual address of the first instruction of an executable.</summary>
    public ulong EntryPoint { get; }

    /// <summary>All sections by index; index 0 is the null section.</summary>
    public IReadOnlyList<ElfSection> Sections => _sections;

    /// <summary>All symbols of <c>.symtab</c> by index (index 0 is the null symbol); empty when the file was stripped.</summary>
    public ReadOnlySpan<ElfSymbol> Symbols => _symbols.Value;

    /// <summary>Reads a file from disk.</summary>
    /// <exception cref="ElfFormatException">It is not an x86-64 ELF64 file, or a table points outside of it.</exception>
    public static ElfFile Open(string path) => new(path, File.ReadAllBytes(path));

    /// <summary>Reads a file from memory; <paramref name="name"/> stands for it in messages.</summary>
    /// <exception cref="ElfFormatException">It is not an x86-64 ELF64 file, or a table points outside of it.</exception>
    public static ElfFile Parse(byte[] bytes, string name) => new(name, bytes);

    /// <summary>Finds the first section of that name.</summary>
    public bool TryGetSection(string name, [NotNullWhen(true)] out ElfSection? section) => _sectionsByName.TryGetValue(name, out section);

    /// <summary>The bytes of a section (inflated if it is compressed); empty for <see cref="ElfSectionType.NoBits"/>.</summary>
    public ReadOnlySpan<byte> Data(ElfSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        if (section.Type == ElfSectionType.NoBits)
        {
            return default;
        }

        ReadOnlySpan<byte> raw = _bytes.AsSpan((int)section.Offset, (int)section.Size);
        return (section.Flags & ElfSectionFlags.Compressed) == 0 ? raw : Inflate(section, raw);
    }

    /// <summary>The bytes of the section of that name, or nothing when there is none.</summary>
    public ReadOnlySpan<byte> Data(string sectionName) => TryGetSection(sectionName, out ElfSection? section) ? Data(section) : default;

    /// <summary>The name of a symbol.</summary>
    public string NameOf(in ElfSymbol symbol) => Encoding.UTF8.GetString(NameBytesOf(symbol));

    /// <summary>The name of a symbol as it stands in the file, in UTF-8 without the terminator.</summary>
    public ReadOnlySpan<byte> NameBytesOf(in ElfSymbol symbol)
    {
        _ = _symbols.Value;
        if (symbol.Type == ElfSymbolType.Section && symbol.NameOffset == 0 && symbol.SectionIndex > 0)
        {
            return Encoding.UTF8.GetBytes(_sections[symbol.SectionIndex].Name);
        }

        return _symbolStrings is null ? default : StringAt(Data(_symbolStrings), symbol.NameOffset);
    }

    /// <summary>The relocations that apply to a section, in file order; empty when there are none.</summary>
    public ElfRelocation[] RelocationsOf(ElfSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        if (!_relocationSections.TryGetValue(section.Index, out ElfSection? table) || section.Index == 0)
        {
            return [];
        }

        ReadOnlySpan<byte> data = Data(table);
        int symbolCount = Symbols.Length;
        var result = new ElfRelocation[data.Length / RelocationSize];
        for (int i = 0; i < result.Length; i++)
        {
            ReadOnlySpan<byte> entry = data.Slice(i * RelocationSize, RelocationSize);
            ulong info = BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]);
            uint symbol = (uint)(info >> 32);
            if (symbol >= (uint)symbolCount && symbol != 0)
            {
                throw Malformed($"relocation {i} of {table.Name} names symbol {symbol}, but there are {symbolCount}");
            }

            result[i] = new ElfRelocation(
                BinaryPrimitives.ReadUInt64LittleEndian(entry),
                (int)symbol,
                (ElfRelocationType)(uint)info,
                BinaryPrimitives.ReadInt64LittleEndian(entry[16..]));
        }

        return result;
    }

    internal static ReadOnlySpan<byte> StringAt(ReadOnlySpan<byte> table, uint offset)
    {
        if (offset >= (uint)table.Length)
        {
            return default;
        }

        ReadOnlySpan<byte> rest = table[(int)offset..];
        int end = rest.IndexOf((byte)0);
        return end < 0 ? rest : rest[..end];
    }

    internal ElfFormatException Malformed(string what) => new($"{Path}: {what}");

    private void CheckHeader()
    {
        ReadOnlySpan<byte> bytes = _bytes;
        if (bytes.Length < HeaderSize || !bytes.StartsWith("\u007fELF"u8))
        {
            throw Malformed("not an ELF file");
        }

        if (bytes[4] != 2 || bytes[5] != 1)
        {
            throw Malformed("not a 64-bit little-endian ELF file");
        }

        ushort machine = BinaryPrimitives.ReadUInt16LittleEndian(bytes[18..]);
        if (machine != MachineX64)
        {
            throw Malformed($"made for machine {machine}, not for x86-64 ({MachineX64})");
        }
    }

    private ElfSection[] ReadSections()
    {
        ReadOnlySpan<byte> bytes = _bytes;
        ulong tableOffset = BinaryPrimitives.ReadUInt64LittleEndian(bytes[40..]);
        if (tableOffset == 0)
        {
            return [];
        }

        CheckRange(tableOffset, SectionHeaderSize, "section header table");
        ReadOnlySpan<byte> first = bytes.Slice((int)tableOffset, SectionHeaderSize);
        ulong count = BinaryPrimitives.ReadUInt16LittleEndian(bytes[60..]);
        uint nameSection = BinaryPrimitives.ReadUInt16LittleEndian(bytes[62..]);
        if (count == 0)
        {
            count = BinaryPrimitives.ReadUInt64LittleEndian(first[32..]);
        }

        if (nameSection == ExtendedIndex)
        {
            nameSection = BinaryPrimitives.ReadUInt32LittleEndian(first[40..]);
        }

        if (count > (ulong)_bytes.Length / SectionHeaderSize)
        {
            throw Malformed($"{count} section headers do not fit in the file");
        }

        CheckRange(tableOffset, count * SectionHeaderSize, "section header table");
        if (nameSection >= count)
        {
            throw Malformed($"the section of section names is {nameSection}, but there are {count} sections");
        }

        ReadOnlySpan<byte> table = bytes.Slice((int)tableOffset, (int)count * SectionHeaderSize);
        ReadOnlySpan<byte> names = NameTable(table.Slice((int)nameSection * SectionHeaderSize, SectionHeaderSize));
        var sections = new ElfSection[(int)count];
        for (int i = 0; i < sections.Length; i++)
        {
            ReadOnlySpan<byte> header = table.Slice(i * SectionHeaderSize, SectionHeaderSize);
            var section = new ElfSection(
                i,
                Encoding.UTF8.GetString(StringAt(names, BinaryPrimitives.ReadUInt32LittleEndian(header))),
                (ElfSectionType)BinaryPrimitives.ReadUInt32LittleEndian(header[4..]),
                (ElfSectionFlags)BinaryPrimitives.ReadUInt64LittleEndian(header[8..]),
                BinaryPrimitives.ReadUInt64LittleEndian(header[16..]),
                BinaryPrimitives.ReadUInt64LittleEndian(header[24..]),
                BinaryPrimitives.ReadUInt64LittleEndian(header[32..]),
                BinaryPrimitives.ReadUInt32LittleEndian(header[40..]),
                BinaryPrimitives.ReadUInt32LittleEndian(header[44..]),
                BinaryPrimitives.ReadUInt64LittleEndian(header[56..]),
                BinaryPrimitives.ReadUInt64LittleEndian(header[48..]));
            if (i != 0 && section.Type is not (ElfSectionType.NoBits or ElfSectionType.Null))
            {
                CheckRange(section.Offset, section.Size, section.Name.Length == 0 ? $"section {i}" : $"section {section.Name}");
            }

            sections[i] = section;
        }

        return sections;
    }

    private ReadOnlySpan<byte> NameTable(ReadOnlySpan<byte> header)
    {
        ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(header[24..]);
        ulong size = BinaryPrimitives.ReadUInt64LittleEndian(header[32..]);
        CheckRange(offset, size, "section names");
        return _bytes.AsSpan((int)offset, (int)size);
    }

    private ElfSymbol[] ReadSymbols()
    {
        ElfSection? table = Array.Find(_sections, s => s.Type == ElfSectionType.SymbolTable);
        if (table is null)
        {
            return [];
        }

        if (table.Link >= (uint)_sections.Length)
        {
            throw Malformed($"the string table of {table.Name} is section {table.Link}, but there are {_sections.Length}");
        }

        _symbolStrings = _sections[table.Link];
        ElfSection? extended = Array.Find(_sections, s => s.Type == ElfSectionType.SymbolTableIndices && s.Link == (uint)table.Index);
        ReadOnlySpan<byte> wideIndices = extended is null ? default : Data(extended);
        ReadOnlySpan<byte> data = Data(table);
        var symbols = new ElfSymbol[data.Length / SymbolSize];
        for (int i = 0; i < symbols.Length; i++)
        {
            ReadOnlySpan<byte> entry = data.Slice(i * SymbolSize, SymbolSize);
            symbols[i] = new ElfSymbol(
                BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]),
                BinaryPrimitives.ReadUInt64LittleEndian(entry[16..]),
                BinaryPrimitives.ReadUInt32LittleEndian(entry),
                SectionIndexOf(BinaryPrimitives.ReadUInt16LittleEndian(entry[6..]), wideIndices, i),
                (ElfSymbolType)(entry[4] & 15),
                (ElfSymbolBinding)(entry[4] >> 4));
        }

        return symbols;
    }

    private int SectionIndexOf(ushort index, ReadOnlySpan<byte> wideIndices, int symbol)
    {
        uint section = index;
        if (index == ExtendedIndex)
        {
            if (wideIndices.Length < (symbol + 1) * 4)
            {
                throw Malformed($"symbol {symbol} has no entry in the table of extended section indices");
            }

            section = BinaryPrimitives.ReadUInt32LittleEndian(wideIndices[(symbol * 4)..]);
        }
        else if (index >= FirstReservedIndex)
        {
            return index == CommonIndex ? ElfSymbol.CommonSection : ElfSymbol.AbsoluteSection;
        }

        if (section >= (uint)_sections.Length)
        {
            throw Malformed($"symbol {symbol} is in section {section}, but there are {_sections.Length}");
        }

        return (int)section;
    }

    private byte[] Inflate(ElfSection section, ReadOnlySpan<byte> raw)
    {
        const int ChunkHeaderSize = 24;
        const uint Zlib = 1;
        if (_decompressed.TryGetValue(section.Index, out byte[]? cached))
        {
            return cached;
        }

        if (raw.Length < ChunkHeaderSize || BinaryPrimitives.ReadUInt32LittleEndian(raw) != Zlib)
        {
            throw Malformed($"section {section.Name} is compressed, and not by zlib");
        }

        ulong size = BinaryPrimitives.ReadUInt64LittleEndian(raw[8..]);
        if (size > int.MaxValue)
        {
            throw Malformed($"section {section.Name} says that it inflates to {size} bytes");
        }

        var result = new byte[size];
        using var source = new MemoryStream(raw[ChunkHeaderSize..].ToArray());
        using var zlib = new ZLibStream(source, CompressionMode.Decompress);
        try
        {
            zlib.ReadExactly(result);
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
        {
            throw new ElfFormatException($"{Path}: section {section.Name} does not inflate", error);
        }

        _decompressed[section.Index] = result;
        return result;
    }

    private void CheckRange(ulong offset, ulong size, string what)
    {
        if (offset > (ulong)_bytes.Length || size > (ulong)_bytes.Length - offset)
        {
            throw Malformed($"{what} (offset {offset}, {size} bytes) lies outside the file of {_bytes.Length} bytes");
        }
    }
}
