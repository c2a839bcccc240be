using System;
using System.Buffers.Binary;
using System.Collections.Generic;

namespace CosmosKernel.Modules.Loading;

/// <summary>Finds what an object imports.</summary>
/// <param name="isTypeObject">Not the symbol is wanted, which is the table of a type, but that type's <c>Type</c> object.</param>
/// <param name="hash">Hash of the symbol's name (<see cref="ExportTable.Hash"/>).</param>
/// <param name="address">Its address.</param>
/// <returns>False when nobody exports it.</returns>
internal delegate bool SymbolFinder(bool isTypeObject, ulong hash, out ulong address);

/// <summary>Makes the bytes of a module's memory from its object: binds symbols and relocates (System V ABI AMD64 supplement, 4.4). Task context.</summary>
internal static class ModuleLinker
{
    // The Type object of a type that the kernel or another module has; the symbol of the type's table follows.
    private const string TypeObjectOf = "CosmosTypeObject:";
    private const int RelocationLength = 24;

    // R_X86_64_*.
    private const uint None = 0;
    private const uint Absolute64 = 1;
    private const uint Relative32 = 2;
    private const uint Call32 = 4;
    private const uint Absolute32 = 10;
    private const uint Signed32 = 11;
    private const uint Relative64 = 24;

    /// <summary>Links.</summary>
    /// <param name="elf">The object.</param>
    /// <param name="layout">Its layout.</param>
    /// <param name="start">The address that it will have.</param>
    /// <param name="find">Finds imports.</param>
    /// <param name="missing">Gets the names of the symbols that nobody exports; when there are any, the result is not to be used.</param>
    /// <returns>The first <see cref="ModuleLayout.FilledLength"/> bytes of the module's memory; the rest is zero.</returns>
    /// <exception cref="ModuleLoadException">A relocation is not known, or is outside of its section, or does not reach.</exception>
    public static byte[] Link(ElfObject elf, ModuleLayout layout, ulong start, SymbolFinder find, List<string> missing)
    {
        var image = new byte[layout.FilledLength];
        for (int i = 1; i < elf.Sections.Length; i++)
        {
            if (layout.OffsetOf(i) >= 0 && elf.Sections[i].HasBits)
            {
                elf.Bytes(elf.Sections[i]).CopyTo(image.AsSpan(layout.OffsetOf(i)));
            }
        }

        ulong[] addresses = Bind(elf, layout, start, find, missing);
        if (missing.Count == 0)
        {
            foreach (ElfSection table in elf.Sections)
            {
                Relocate(elf, layout, start, image, addresses, table);
            }
        }

        return image;
    }

    // A symbol of a section that is not kept has no address: 0. Relocations may not name it.
    private static ulong[] Bind(ElfObject elf, ModuleLayout layout, ulong start, SymbolFinder find, List<string> missing)
    {
        ElfSymbol[] symbols = elf.Symbols;
        var addresses = new ulong[symbols.Length];
        for (int i = 1; i < symbols.Length; i++)
        {
            ElfSymbol symbol = symbols[i];
            if (symbol.Section == ElfSymbol.Absolute)
            {
                addresses[i] = symbol.Value;
            }
            else if (symbol.Section != ElfSymbol.Undefined)
            {
                int offset = layout.OffsetOf(symbol.Section);
                addresses[i] = offset < 0 ? 0 : start + (ulong)offset + symbol.Value;
            }
            else if (!TryFind(symbol.Name, find, out addresses[i]))
            {
                missing.Add(symbol.Name);
            }
        }

        return addresses;
    }

    private static bool TryFind(string name, SymbolFinder find, out ulong address)
    {
        bool isTypeObject = name.StartsWith(TypeObjectOf, StringComparison.Ordinal);
        return find(isTypeObject, ExportTable.Hash(isTypeObject ? name[TypeObjectOf.Length..] : name), out address);
    }

    private static void Relocate(ElfObject elf, ModuleLayout layout, ulong start, byte[] image, ulong[] addresses, in ElfSection table)
    {
        if (table.Type is not (ElfSectionType.RelocationsWithAddends or ElfSectionType.Relocations))
        {
            return;
        }

        if (table.Information <= 0 || table.Information >= elf.Sections.Length)
        {
            throw ModuleLoadException.Format($"section {table.Name} is for section {table.Information}, which is not there");
        }

        int offset = layout.OffsetOf(table.Information);
        if (offset < 0)
        {
            return;
        }

        ElfSection target = elf.Sections[table.Information];
        if (table.Type == ElfSectionType.Relocations || table.EntryLength != RelocationLength || table.Length % RelocationLength != 0 || table.Link != elf.SymbolTable || !target.HasBits)
        {
            throw ModuleLoadException.Format($"section {table.Name} is not one of relocations with addends");
        }

        ReadOnlySpan<byte> rows = elf.Bytes(table);
        Span<byte> bytes = image.AsSpan(offset, target.Length);
        for (int at = 0; at < rows.Length; at += RelocationLength)
        {
            ulong place = BinaryPrimitives.ReadUInt64LittleEndian(rows[at..]);
            uint type = BinaryPrimitives.ReadUInt32LittleEndian(rows[(at + 8)..]);
            uint symbol = BinaryPrimitives.ReadUInt32LittleEndian(rows[(at + 12)..]);
            ulong addend = BinaryPrimitives.ReadUInt64LittleEndian(rows[(at + 16)..]);
            if (symbol >= addresses.Length)
            {
                throw ModuleLoadException.Format($"a relocation of section {target.Name} names symbol {symbol}, which is not there");
            }

            ulong value = unchecked(AddressOf(elf, addresses, (int)symbol, target) + addend);
            Apply(elf, bytes, target, place, type, value, unchecked(start + (ulong)offset + place), (int)symbol);
        }
    }

    private static ulong AddressOf(ElfObject elf, ulong[] addresses, int symbol, in ElfSection target)
    {
        // Symbol 0 stands for the value 0.
        if (symbol != 0 && addresses[symbol] == 0 && elf.Symbols[symbol].Section != ElfSymbol.Absolute)
        {
            throw ModuleLoadException.Format($"section {target.Name} refers to {elf.Symbols[symbol].Name}, which is not loaded");
        }

        return addresses[symbol];
    }

    private static void Apply(ElfObject elf, Span<byte> bytes, in ElfSection target, ulong place, uint type, ulong value, ulong here, int symbol)
    {
        int width = type switch
        {
            None => 0,
            Absolute64 or Relative64 => 8,
            Relative32 or Call32 or Absolute32 or Signed32 => 4,
            _ => throw ModuleLoadException.Format($"a relocation of section {target.Name} has type {type}, which the loader does not know"),
        };
        if (place > (ulong)bytes.Length || (ulong)width > (ulong)bytes.Length - place)
        {
            throw ModuleLoadException.Format($"a relocation is outside of section {target.Name}");
        }

        value = type is Relative32 or Call32 or Relative64 ? unchecked(value - here) : value;
        Span<byte> field = bytes.Slice((int)place, width);
        switch (width)
        {
            case 8:
                BinaryPrimitives.WriteUInt64LittleEndian(field, value);
                break;
            case 4:
                bool reaches = type == Absolute32 ? value <= uint.MaxValue : (long)value is >= int.MinValue and <= int.MaxValue;
                if (!reaches)
                {
                    throw ModuleLoadException.Format($"a relocation of section {target.Name} does not reach {elf.Symbols[symbol].Name}");
                }

                BinaryPrimitives.WriteUInt32LittleEndian(field, (uint)value);
                break;
        }
    }
}
