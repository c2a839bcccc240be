using System;
using System.Collections.Generic;
using CosmosKernel.Tools.Elf;
using CosmosKernel.Tools.Elf.Names;

namespace CosmosKernel.Tools.Image.Symbols;

/// <summary>One function of a linked image.</summary>
/// <param name="Address">Virtual address of its first instruction.</param>
/// <param name="Size">Size in bytes, at least 1.</param>
/// <param name="Name">Its readable name.</param>
internal readonly record struct Function(ulong Address, uint Size, MethodName Name);

/// <summary>Picks the functions out of a linked image's symbols: one for each address, with a size, sorted.</summary>
internal static class FunctionList
{
    /// <summary>The functions of the image at or above <paramref name="lowest"/> and less than 4 GiB from it.</summary>
    public static List<Function> Of(ElfFile image, SymbolNames names, ulong lowest)
    {
        List<Candidate> candidates = Candidates(image, names, lowest);
        candidates.Sort(static (a, b) =>
        {
            int order = a.Symbol.Value.CompareTo(b.Symbol.Value);
            order = order != 0 ? order : b.Rank.CompareTo(a.Rank);
            return order != 0 ? order : string.CompareOrdinal(a.Name, b.Name);
        });

        var functions = new List<Function>(candidates.Count);
        for (int i = 0; i < candidates.Count; i++)
        {
            Candidate candidate = candidates[i];
            ulong address = candidate.Symbol.Value;
            int next = i + 1;
            ulong size = candidate.Symbol.Size;
            for (; next < candidates.Count && candidates[next].Symbol.Value == address; next++)
            {
                size = Math.Max(size, candidates[next].Symbol.Size);
            }

            // Assembly labels have no size: such a function ends where the next one, or its section, does.
            ElfSection section = image.Sections[candidate.Symbol.SectionIndex];
            ulong limit = section.Address + section.Size;
            if (next < candidates.Count)
            {
                limit = Math.Min(limit, candidates[next].Symbol.Value);
            }

            size = size == 0 ? limit - address : Math.Min(size, limit - address);
            if (size != 0)
            {
                functions.Add(new Function(address, (uint)size, names.Readable(candidate.Name)));
            }

            i = next - 1;
        }

        return functions;
    }

    private static List<Candidate> Candidates(ElfFile image, SymbolNames names, ulong lowest)
    {
        var candidates = new List<Candidate>();
        foreach (ElfSymbol symbol in image.Symbols)
        {
            if (symbol.SectionIndex <= 0 || symbol.Type is not (ElfSymbolType.Function or ElfSymbolType.None))
            {
                continue;
            }

            ElfSection section = image.Sections[symbol.SectionIndex];
            bool inside = symbol.Value >= section.Address && symbol.Value - section.Address < section.Size;
            if (!section.IsCode || !inside || symbol.Value < lowest || symbol.Value - lowest > uint.MaxValue)
            {
                continue;
            }

            string name = image.NameOf(symbol);

            // Labels inside an assembly routine ("copy.loop") and the linker's marks around sections are no functions.
            bool label = symbol.Type == ElfSymbolType.None && (name.Contains('.', StringComparison.Ordinal) || name.StartsWith("__st", StringComparison.Ordinal));
            if (name.Length == 0 || label)
            {
                continue;
            }

            int rank = names.IsExact(name) ? 4 : names.Readable(name).Type.Length != 0 ? 3 : symbol.Type == ElfSymbolType.Function ? 2 : symbol.Binding == ElfSymbolBinding.Local ? 0 : 1;
            candidates.Add(new Candidate(symbol, name, rank));
        }

        return candidates;
    }

    private readonly record struct Candidate(ElfSymbol Symbol, string Name, int Rank);
}
