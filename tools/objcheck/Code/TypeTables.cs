using System;
using System.Collections.Generic;
using CosmosKernel.Tools.Elf;

namespace CosmosKernel.Tools.ObjCheck.Code;

/// <summary>
/// The MethodTables in ILC's object: who derives from whom, and which method is in which slot of the virtual table. They are whole in the object
/// only when ILC ran without <c>--dehydrate</c>.
/// </summary>
/// <remarks>
/// Layout on x86-64 (NativeAOT's MethodTable): flags and base size (8 bytes), the base type (8), counts and hash (8), then the slots, 8 bytes each.
/// </remarks>
internal sealed class TypeTables
{
    /// <summary>Offset of the first slot of the virtual table.</summary>
    public const int FirstSlot = 24;

    /// <summary>Offset of the first slot behind those of Object's three virtual methods.</summary>
    public const int FirstOwnSlot = FirstSlot + (3 * 8);

    private const int BaseTypeOffset = 8;
    private const int SlotCountOffset = 16;

    private readonly CodeModel _model;
    private readonly List<TypeEntry> _types = [];
    private readonly Dictionary<string, string> _baseOf = new(StringComparer.Ordinal);

    /// <summary>Reads the tables of all objects.</summary>
    public TypeTables(CodeModel model, IEnumerable<CodeObject> objects)
    {
        _model = model;
        foreach (CodeObject code in objects)
        {
            foreach (ElfSymbol symbol in code.File.Symbols)
            {
                bool hasBytes = symbol.SectionIndex > 0 && code.File.Sections[symbol.SectionIndex].Type == ElfSectionType.ProgramBits;
                if (hasBytes && code.File.NameBytesOf(symbol).StartsWith("_ZTV"u8))
                {
                    Add(code, symbol);
                }
            }
        }
    }

    /// <summary>
    /// The methods that a virtual call reaches: for each type that is, or derives from, one that <paramref name="isRoot"/> accepts, the method in the slot
    /// that is <paramref name="displacement"/> bytes into the MethodTable.
    /// </summary>
    public HashSet<Function> Overrides(Func<string, bool> isRoot, int displacement)
    {
        var result = new HashSet<Function>();
        foreach (TypeEntry type in _types)
        {
            if (displacement < FirstSlot || displacement >= FirstSlot + (8 * type.SlotCount) || !DerivesFrom(type.Symbol, isRoot))
            {
                continue;
            }

            ReadOnlySpan<ElfRelocation> field = type.Object.RelocationsIn(type.Section, type.Address + (ulong)displacement, type.Address + (ulong)displacement + 1);
            if (!field.IsEmpty && _model.Resolve(type.Object, field[0], 0).Function is { } function)
            {
                result.Add(function);
            }
        }

        return result;
    }

    /// <summary>Whether some type is, or derives from, one that <paramref name="isRoot"/> accepts.</summary>
    public bool Contains(Func<string, bool> isRoot) => _types.Exists(t => DerivesFrom(t.Symbol, isRoot));

    /// <summary>
    /// Whether the slot is an abstract method of types that <paramref name="isRoot"/> accepts, from which no class of this kernel derives: there is no object that a call could reach. A compiler that sees the whole
    /// program leaves such calls out.
    /// </summary>
    public bool IsAbstractWithoutClasses(Func<string, bool> isRoot, int displacement) =>
        _types.Exists(t => isRoot(t.Symbol) && displacement >= FirstOwnSlot && displacement < FirstSlot + (8 * t.SlotCount))
        && !_types.Exists(t => !isRoot(t.Symbol) && !IsArray(t.Symbol) && DerivesFrom(t.Symbol, isRoot))
        && Overrides(isRoot, displacement).Count == 0;

    private void Add(CodeObject code, ElfSymbol symbol)
    {
        ElfSection section = code.File.Sections[symbol.SectionIndex];
        ReadOnlySpan<byte> data = code.File.Data(section);
        if (symbol.Value + FirstSlot > (ulong)data.Length)
        {
            return;
        }

        string name = code.File.NameOf(symbol);
        ushort slots = BitConverter.ToUInt16(data[((int)symbol.Value + SlotCountOffset)..]);
        _types.Add(new TypeEntry(name, code, section, symbol.Value, slots));
        ReadOnlySpan<ElfRelocation> baseField = code.RelocationsIn(section, symbol.Value + BaseTypeOffset, symbol.Value + BaseTypeOffset + 1);
        if (!baseField.IsEmpty)
        {
            _baseOf.TryAdd(name, code.File.NameOf(code.File.Symbols[baseField[0].SymbolIndex]));
        }
    }

    // Where other tables name the base type, an array's names that of its elements.
    private static bool IsArray(string symbol) => symbol.AsSpan("_ZTV".Length).TrimStart("0123456789").StartsWith("__Array<", StringComparison.Ordinal);

    private bool DerivesFrom(string symbol, Func<string, bool> isRoot)
    {
        string? current = symbol;
        for (int depth = 0; current is not null && depth < 64; depth++)
        {
            if (isRoot(current))
            {
                return true;
            }

            current = _baseOf.GetValueOrDefault(current);
        }

        return false;
    }

    private sealed record TypeEntry(string Symbol, CodeObject Object, ElfSection Section, ulong Address, int SlotCount);
}
