using System;
using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Loading;

/// <summary>
/// A relocatable ELF64 object for x86-64 in memory (ELF gABI 4.1; System V ABI AMD64 supplement, chapter 4). Everything that the file says is checked before it is believed: each range lies in the
/// file, each index in its table, and no sum wraps. Task context.
/// </summary>
[TaskPrivate]
internal sealed class ElfObject
{
    // 7F, "ELF".
    private const uint Magic = 0x464C_457F;
    private const int HeaderLength = 64;
    private const int SectionHeaderLength = 64;
    private const int SymbolLength = 24;
    private const int LargestAlignment = 4096;
    private const int MostSections = 65_000;
    private const byte BindingLocal = 0;
    private const byte BindingGlobal = 1;
    private const byte BindingWeak = 2;
    private const ushort Relocatable = 1;
    private const ushort MachineX64 = 62;

    private readonly byte[] _file;

    private ElfObject(byte[] file)
    {
        _file = file;
    }

    /// <summary>All sections; the first is empty.</summary>
    public ElfSection[] Sections { get; private set; } = [];

    /// <summary>All symbols; the first is empty.</summary>
    public ElfSymbol[] Symbols { get; private set; } = [];

    /// <summary>Index of the symbol table, which relocations refer to; 0 when there is none.</summary>
    public int SymbolTable { get; private set; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="ModuleLoadException">It is no such object.</exception>
    public static ElfObject Parse(byte[] file)
    {
        var elf = new ElfObject(file);
        elf.ReadSections();
        elf.ReadSymbols();
        return elf;
    }

    /// <summary>Bytes of a section; none for one without bits.</summary>
    public ReadOnlySpan<byte> Bytes(in ElfSection section) => section.HasBits ? _file.AsSpan(section.Offset, section.Length) : default;

    /// <summary>The only section of a name, or -1.</summary>
    /// <exception cref="ModuleLoadException">There are several.</exception>
    public int Find(string name)
    {
        int found = -1;
        for (int i = 1; i < Sections.Length; i++)
        {
            if (Sections[i].Name != name || Sections[i].Type == ElfSectionType.Null)
            {
                continue;
            }

            if (found >= 0)
            {
                throw ModuleLoadException.Format($"it has two sections {name}");
            }

            found = i;
        }

        return found;
    }

    private void ReadSections()
    {
        ReadOnlySpan<byte> header = _file.AsSpan(0, Math.Min(_file.Length, HeaderLength));
        if (header.Length < HeaderLength || U32(header, 0) != Magic)
        {
            throw ModuleLoadException.Format("it is not an ELF file");
        }

        if (header[4] != 2 || header[5] != 1 || U16(header, 16) != Relocatable || U16(header, 18) != MachineX64)
        {
            throw ModuleLoadException.Format("it is not a relocatable object for x86-64");
        }

        ulong offset = U64(header, 40);
        int count = U16(header, 60);
        int names = U16(header, 62);
        if (U16(header, 58) != SectionHeaderLength || count is 0 or > MostSections || offset > (ulong)_file.Length
            || (ulong)count * SectionHeaderLength > (ulong)_file.Length - offset)
        {
            throw ModuleLoadException.Format("its section headers are outside of the file");
        }

        ReadOnlySpan<byte> table = _file.AsSpan((int)offset, count * SectionHeaderLength);
        ReadOnlySpan<byte> strings = names > 0 && names < count ? StringTable(table, names) : throw ModuleLoadException.Format("it has no names of sections");
        var sections = new ElfSection[count];
        for (int i = 0; i < count; i++)
        {
            sections[i] = ReadSection(table.Slice(i * SectionHeaderLength, SectionHeaderLength), strings, count, i);
        }

        Sections = sections;
    }

    private ElfSection ReadSection(ReadOnlySpan<byte> header, ReadOnlySpan<byte> strings, int count, int index)
    {
        var type = (ElfSectionType)U32(header, 4);
        if (index == 0 || type == ElfSectionType.Null)
        {
            return new ElfSection("", ElfSectionType.Null, ElfSectionFlags.None, 0, 0, 1, 0, 0, 0);
        }

        string name = Text(strings, U32(header, 0), "section");
        ulong offset = U64(header, 24);
        ulong length = U64(header, 32);
        ulong alignment = Math.Max(U64(header, 48), 1);
        ulong rows = U64(header, 56);
        bool outside = type == ElfSectionType.NoBits
            ? length > ModuleLayout.LongestModule
            : offset > (ulong)_file.Length || length > (ulong)_file.Length - offset;
        if (outside || rows > int.MaxValue)
        {
            throw ModuleLoadException.Format($"section {name} is outside of the file");
        }

        if (!BitOperations.IsPow2(alignment) || alignment > LargestAlignment)
        {
            throw ModuleLoadException.Format($"section {name} wants an alignment of {alignment}");
        }

        uint link = U32(header, 40);
        uint information = U32(header, 44);
        if (link >= count)
        {
            throw ModuleLoadException.Format($"section {name} refers to section {link}, which is not there");
        }

        return new ElfSection(
            name, type, (ElfSectionFlags)U64(header, 8), type == ElfSectionType.NoBits ? 0 : (int)offset, (int)length, (int)alignment, (int)link, (int)Math.Min(information, int.MaxValue), (int)rows);
    }

    private ReadOnlySpan<byte> StringTable(ReadOnlySpan<byte> table, int index)
    {
        ReadOnlySpan<byte> header = table.Slice(index * SectionHeaderLength, SectionHeaderLength);
        ulong offset = U64(header, 24);
        ulong length = U64(header, 32);
        if ((ElfSectionType)U32(header, 4) != ElfSectionType.StringTable || offset > (ulong)_file.Length || length > (ulong)_file.Length - offset)
        {
            throw ModuleLoadException.Format("its names of sections are outside of the file");
        }

        return _file.AsSpan((int)offset, (int)length);
    }

    private void ReadSymbols()
    {
        for (int i = 1; i < Sections.Length; i++)
        {
            if (Sections[i].Type == ElfSectionType.SymbolTable)
            {
                SymbolTable = SymbolTable == 0 ? i : throw ModuleLoadException.Format("it has two symbol tables");
            }
        }

        if (SymbolTable == 0)
        {
            throw ModuleLoadException.Format("it has no symbol table");
        }

        ElfSection table = Sections[SymbolTable];
        ElfSection names = Sections[table.Link];
        if (table.EntryLength != SymbolLength || table.Length % SymbolLength != 0 || names.Type != ElfSectionType.StringTable)
        {
            throw ModuleLoadException.Format("its symbol table is damaged");
        }

        ReadOnlySpan<byte> rows = Bytes(table);
        ReadOnlySpan<byte> strings = Bytes(names);
        var symbols = new ElfSymbol[rows.Length / SymbolLength];
        for (int i = 1; i < symbols.Length; i++)
        {
            symbols[i] = ReadSymbol(rows.Slice(i * SymbolLength, SymbolLength), strings);
        }

        Symbols = symbols;
    }

    private ElfSymbol ReadSymbol(ReadOnlySpan<byte> row, ReadOnlySpan<byte> strings)
    {
        string name = Text(strings, U32(row, 0), "symbol");
        int binding = row[4] >> 4;
        int section = U16(row, 6);
        ulong value = U64(row, 8);
        if (binding is not (BindingLocal or BindingGlobal or BindingWeak))
        {
            throw ModuleLoadException.Format($"symbol {name} has binding {binding}, which is not known");
        }

        bool inSection = section > 0 && section < Sections.Length;
        if (!inSection && section is not (ElfSymbol.Undefined or ElfSymbol.Absolute))
        {
            throw ModuleLoadException.Format($"symbol {name} is in section {section}, which is not there");
        }

        if (inSection && value > (ulong)Sections[section].Length)
        {
            throw ModuleLoadException.Format($"symbol {name} is outside of section {Sections[section].Name}");
        }

        return new ElfSymbol(name, section, value, binding != BindingLocal);
    }

    private static string Text(ReadOnlySpan<byte> strings, uint offset, string of)
    {
        int length = offset < (uint)strings.Length ? strings[(int)offset..].IndexOf((byte)0) : -1;
        return length >= 0 ? Encoding.UTF8.GetString(strings.Slice((int)offset, length)) : throw ModuleLoadException.Format($"the name of a {of} is outside of its table");
    }

    private static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static ulong U64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
}
