using System;
using System.Collections.Generic;
using CosmosKernel.Tools.Elf;
using CosmosKernel.Tools.Elf.Dwarf;
using CosmosKernel.Tools.Elf.Names;

namespace CosmosKernel.Tools.ObjCheck.Code;

/// <summary>One object file: its functions by address, and its relocations by the address of their field.</summary>
internal sealed class CodeObject
{
    private readonly Dictionary<int, Function[]> _functions = [];
    private readonly Dictionary<int, ElfRelocation[]> _relocations = [];
    private readonly Lazy<LineTable> _lines;

    /// <summary>Indexes an object.</summary>
    public CodeObject(ElfFile file, SymbolNames names)
    {
        File = file;
        _lines = new Lazy<LineTable>(() => LineTable.Read(file));
        foreach ((int section, List<ElfSymbol> symbols) in CodeSymbols(file))
        {
            _functions.Add(section, FunctionsOf(file.Sections[section], symbols, names));
        }
    }

    /// <summary>The file.</summary>
    public ElfFile File { get; }

    /// <summary>All functions, by section and address.</summary>
    public IEnumerable<Function> Functions
    {
        get
        {
            foreach (Function[] section in _functions.Values)
            {
                foreach (Function function in section)
                {
                    yield return function;
                }
            }
        }
    }

    /// <summary>The function that contains an address, or null.</summary>
    public Function? FunctionAt(int section, ulong address)
    {
        if (!_functions.TryGetValue(section, out Function[]? functions))
        {
            return null;
        }

        int low = 0;
        int high = functions.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (functions[middle].Start <= address)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low > 0 && address < functions[low - 1].End ? functions[low - 1] : null;
    }

    /// <summary>The relocations whose field begins in a range of a section, sorted.</summary>
    public ReadOnlySpan<ElfRelocation> RelocationsIn(ElfSection section, ulong start, ulong end)
    {
        if (!_relocations.TryGetValue(section.Index, out ElfRelocation[]? all))
        {
            all = File.RelocationsOf(section);
            Array.Sort(all, static (a, b) => a.Offset.CompareTo(b.Offset));
            _relocations.Add(section.Index, all);
        }

        int first = LowerBound(all, start);
        return all.AsSpan(first, LowerBound(all, end) - first);
    }

    /// <summary>The source line of an address as <c>file:line</c>, or nothing when it is not known.</summary>
    public string LineOf(ElfSection section, ulong address) =>
        _lines.Value.TryFind(section.Index, address, out string file, out int line) ? $"{DisplayPath(file)}:{line}" : string.Empty;

    private static string DisplayPath(string path) => path.StartsWith("/_/", StringComparison.Ordinal) ? path[3..] : path.TrimStart('/');

    private static int LowerBound(ElfRelocation[] relocations, ulong offset)
    {
        int low = 0;
        int high = relocations.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (relocations[middle].Offset < offset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private static Dictionary<int, List<ElfSymbol>> CodeSymbols(ElfFile file)
    {
        var result = new Dictionary<int, List<ElfSymbol>>();
        foreach (ElfSymbol symbol in file.Symbols)
        {
            bool named = symbol.Type is ElfSymbolType.Function or ElfSymbolType.None && symbol.NameOffset != 0;
            if (!named || symbol.SectionIndex <= 0 || !file.Sections[symbol.SectionIndex].IsCode || IsLabelInside(file, symbol))
            {
                continue;
            }

            if (!result.TryGetValue(symbol.SectionIndex, out List<ElfSymbol>? list))
            {
                list = [];
                result.Add(symbol.SectionIndex, list);
            }

            list.Add(symbol);
        }

        return result;
    }

    // X# and NASM name the labels inside a function after it: "InterruptEntry.Leave".
    private static bool IsLabelInside(ElfFile file, in ElfSymbol symbol) =>
        symbol.Type == ElfSymbolType.None && symbol.Binding == ElfSymbolBinding.Local && file.NameBytesOf(symbol).Contains((byte)'.');

    private Function[] FunctionsOf(ElfSection section, List<ElfSymbol> symbols, SymbolNames names)
    {
        symbols.Sort(static (a, b) => a.Value.CompareTo(b.Value));
        var functions = new List<Function>(symbols.Count);
        for (int i = 0; i < symbols.Count;)
        {
            ulong start = symbols[i].Value;
            ulong size = 0;
            var aliases = new List<string>(1);
            for (; i < symbols.Count && symbols[i].Value == start; i++)
            {
                size = Math.Max(size, symbols[i].Size);
                aliases.Add(File.NameOf(symbols[i]));
            }

            ulong limit = i < symbols.Count ? symbols[i].Value : section.Size;
            aliases.Sort((a, b) => Rank(b, names) != Rank(a, names) ? Rank(b, names) - Rank(a, names) : string.CompareOrdinal(a, b));
            functions.Add(new Function
            {
                Object = this,
                Section = section,
                Start = start,
                End = size == 0 ? limit : Math.Min(start + size, section.Size),
                HasSize = size != 0,
                Symbols = aliases,
                Name = names.Readable(aliases[0]).ToString(),
            });
        }

        return [.. functions];
    }

    private static int Rank(string symbol, SymbolNames names) => names.IsExact(symbol) ? 2 : names.Readable(symbol).Type.Length != 0 ? 1 : 0;
}
