using System;
using System.Collections.Generic;
using System.Text;
using CosmosKernel.Tools.Elf;

namespace CosmosKernel.Tools.Loadable.Objects;

/// <summary>An object that ILC made with <c>--multifile</c>: a section for each method and each piece of data, and global symbols.</summary>
internal sealed class CompiledObject
{
    /// <summary>What the symbol of a type's static fields without references begins with. In front of them is the state of the class constructor, unless the compiler has run that.</summary>
    public const string StaticFields = "__NONGCSTATICS";

    // System.RuntimeType: its table, what reflection knows, and the type's table.
    private const string TypeObject = "__RuntimeType_";
    private const ulong TypeObjectBytes = 24;
    private const string Indirection = "__typemanager_indirection";

    // Data about one method, found through its frame description alone.
    private static readonly string[] s_companions = ["_lsda", "_associatedData_", "__ehinfo_"];

    private readonly Dictionary<string, int> _definitions = new(StringComparer.Ordinal);
    private readonly Dictionary<int, ElfRelocation[]> _relocations = [];

    private CompiledObject(ElfFile file)
    {
        File = file;
        ReadOnlySpan<ElfSymbol> symbols = file.Symbols;
        for (int i = 1; i < symbols.Length; i++)
        {
            if (symbols[i] is { IsUndefined: false, SectionIndex: > 0, Type: not ElfSymbolType.Section, Binding: not ElfSymbolBinding.Local })
            {
                string name = file.NameOf(symbols[i]);
                if (name.EndsWith(Indirection, StringComparison.Ordinal))
                {
                    Unit = name[..^Indirection.Length];
                }

                _definitions.TryAdd(name, i);
            }
        }
    }

    /// <summary>The file.</summary>
    public ElfFile File { get; }

    /// <summary>What the names of symbols begin with that belong to this object alone, followed by two underscores; empty when there are none.</summary>
    public string Unit { get; } = "";

    /// <summary>Global symbols with a section: indices in the file by name.</summary>
    public IReadOnlyDictionary<string, int> Definitions => _definitions;

    /// <summary>Reads an object.</summary>
    public static CompiledObject Open(string path)
    {
        var file = ElfFile.Open(path);
        return file.IsRelocatable ? new CompiledObject(file) : throw new LoadableException($"{path}: expected an object, found a linked file");
    }

    /// <summary>Reads an object from memory; <paramref name="name"/> stands for it in messages.</summary>
    public static CompiledObject Parse(byte[] bytes, string name) => new(ElfFile.Parse(bytes, name));

    /// <summary>The relocations of a section.</summary>
    public ElfRelocation[] RelocationsOf(ElfSection section)
    {
        if (!_relocations.TryGetValue(section.Index, out ElfRelocation[]? found))
        {
            found = File.RelocationsOf(section);
            _relocations.Add(section.Index, found);
        }

        return found;
    }

    /// <summary>Whether another compilation may bind to a symbol: it is neither this object's own nor a companion of a method.</summary>
    public bool IsShared(string name)
    {
        if (Unit.Length != 0 && name.StartsWith(Unit + "__", StringComparison.Ordinal))
        {
            return false;
        }

        foreach (string companion in s_companions)
        {
            if (name.StartsWith(companion, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a symbol is a <c>Type</c> object that the compiler has made, of which each object has its own.</summary>
    public bool IsTypeObject(string name) => Unit.Length != 0 && name.StartsWith(Unit + TypeObject, StringComparison.Ordinal);

    /// <summary>The symbol of the table of the type that a <c>Type</c> object is of: its first field that is not empty.</summary>
    public string TypeOf(string name)
    {
        ElfSymbol symbol = File.Symbols[_definitions[name]];
        ElfRelocation? field = null;
        foreach (ElfRelocation relocation in RelocationsOf(File.Sections[symbol.SectionIndex]))
        {
            // The first word is the object's own table.
            if (relocation.Offset > symbol.Value && relocation.Offset < symbol.Value + TypeObjectBytes)
            {
                field = relocation;
            }
        }

        return field is { } found ? File.NameOf(File.Symbols[found.SymbolIndex]) : throw new LoadableException($"{File.Path}: {name} is not laid out as ILC 9.0 does");
    }

    /// <summary>Describes a symbol of <see cref="Definitions"/>.</summary>
    public SymbolRecord Describe(string name)
    {
        ElfSymbol symbol = File.Symbols[_definitions[name]];
        ElfSection section = File.Sections[symbol.SectionIndex];
        if (section.IsCode)
        {
            return new SymbolRecord(name, SymbolKind.Code, (long)section.Size, HashOf(symbol, section));
        }

        SymbolKind kind = name.StartsWith("_ZTV", StringComparison.Ordinal) ? SymbolKind.Type
            : name.StartsWith("__GenericDict_", StringComparison.Ordinal) ? SymbolKind.Dictionary
            : SymbolKind.Data;
        return new SymbolRecord(name, kind, (long)section.Size, name.StartsWith(StaticFields, StringComparison.Ordinal) ? symbol.Value : 0);
    }

    // Names that belong to one object are the same for both when what follows the object's own name is.
    private ulong HashOf(in ElfSymbol symbol, ElfSection section)
    {
        ulong hash = Fnv.Add(Fnv.Add(Fnv.Start, (long)symbol.Value), File.Data(section));
        foreach (ElfRelocation relocation in RelocationsOf(section))
        {
            string target = File.NameOf(File.Symbols[relocation.SymbolIndex]);
            if (Unit.Length != 0 && target.StartsWith(Unit + "__", StringComparison.Ordinal))
            {
                target = target[Unit.Length..];
            }

            hash = Fnv.Add(Fnv.Add(Fnv.Add(hash, (long)relocation.Offset), (long)relocation.Type), relocation.Addend);
            hash = Fnv.Add(hash, Encoding.UTF8.GetBytes(target));
        }

        return hash;
    }
}
