using System;
using System.Collections.Generic;
using CosmosKernel.Tools.Elf;
using CosmosKernel.Tools.Elf.Names;

namespace CosmosKernel.Tools.ObjCheck.Code;

/// <summary>The code of all objects that are linked together, with references between them resolved as the linker would.</summary>
internal sealed class CodeModel
{
    private readonly List<CodeObject> _objects = [];
    private readonly Lazy<TypeTables> _types;
    private readonly Dictionary<string, (CodeObject Object, ElfSymbol Symbol)> _globals = new(StringComparer.Ordinal);

    /// <summary>Indexes the objects.</summary>
    public CodeModel(IEnumerable<ElfFile> files, SymbolNames names)
    {
        Names = names;
        _types = new Lazy<TypeTables>(() => new TypeTables(this, _objects));
        foreach (ElfFile file in files)
        {
            var code = new CodeObject(file, names);
            _objects.Add(code);
            foreach (ElfSymbol symbol in file.Symbols)
            {
                bool global = symbol.Binding != ElfSymbolBinding.Local && !symbol.IsUndefined;
                if (global && (symbol.Binding != ElfSymbolBinding.Weak || !_globals.ContainsKey(file.NameOf(symbol))))
                {
                    _globals[file.NameOf(symbol)] = (code, symbol);
                }
            }
        }
    }

    /// <summary>Readable names of symbols.</summary>
    public SymbolNames Names { get; }

    /// <summary>The types of all objects.</summary>
    public TypeTables Types => _types.Value;

    /// <summary>All functions of all objects.</summary>
    public IEnumerable<Function> Functions
    {
        get
        {
            foreach (CodeObject code in _objects)
            {
                foreach (Function function in code.Functions)
                {
                    yield return function;
                }
            }
        }
    }

    /// <summary>What a relocated field refers to.</summary>
    /// <param name="code">The object that has the relocation.</param>
    /// <param name="relocation">The relocation.</param>
    /// <param name="bias">Added to a field relative to itself to make it relative to the end of its instruction.</param>
    public Target Resolve(CodeObject code, in ElfRelocation relocation, long bias)
    {
        ElfSymbol symbol = code.File.Symbols[relocation.SymbolIndex];
        string name = code.File.NameOf(symbol);
        CodeObject owner = code;
        if (symbol.IsUndefined)
        {
            if (!_globals.TryGetValue(name, out (CodeObject Object, ElfSymbol Symbol) definition))
            {
                return new Target(null, name, false, code, null, 0);
            }

            (owner, symbol) = definition;
        }

        bool relative = relocation.Type is ElfRelocationType.Relative32 or ElfRelocationType.Plt32;
        ulong address = symbol.Value + (ulong)(relocation.Addend + (relative ? bias : 0));
        ElfSection? section = symbol.SectionIndex > 0 ? owner.File.Sections[symbol.SectionIndex] : null;
        Function? function = section is null ? null : owner.FunctionAt(section.Index, address);
        return new Target(function, function is null ? name : function.Symbols[0], true, owner, section, address);
    }

    /// <summary>The function whose address a read-only slot holds; null when it is not such a slot.</summary>
    public Function? FunctionInSlot(in Target slot)
    {
        if (slot.Section is null || (slot.Section.Flags & ElfSectionFlags.Write) != 0)
        {
            return null;
        }

        ReadOnlySpan<ElfRelocation> field = slot.Owner.RelocationsIn(slot.Section, slot.Address, slot.Address + 1);
        return field.IsEmpty || field[0].Type != ElfRelocationType.Absolute64 ? null : Resolve(slot.Owner, field[0], 0).Function;
    }
}
