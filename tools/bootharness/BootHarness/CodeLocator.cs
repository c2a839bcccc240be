using System;
using System.Collections.Generic;
using System.IO;
using CosmosKernel.Tools.Elf;
using CosmosKernel.Tools.Elf.Dwarf;

namespace CosmosKernel.BootHarness;

/// <summary>Names the code at an address of a kernel: method and source line, from the symbols and lines of its ELF.</summary>
public sealed class CodeLocator
{
    private readonly ulong[] _starts;
    private readonly ElfSymbol[] _symbols;
    private readonly ElfFile _file;
    private readonly LineTable _lines;

    private CodeLocator(ElfFile file, ElfSymbol[] symbols, LineTable lines)
    {
        _file = file;
        _symbols = symbols;
        _starts = Array.ConvertAll(symbols, symbol => symbol.Value);
        _lines = lines;
    }

    /// <summary>Reads a kernel's symbols.</summary>
    /// <param name="path">The ELF, with symbols.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="ElfFormatException">It is no ELF of this kind, or damaged.</exception>
    public static CodeLocator Open(string path)
    {
        ElfFile file = ElfFile.Open(path);
        List<ElfSymbol> code = [];
        foreach (ElfSymbol symbol in file.Symbols)
        {
            if (symbol.Type is ElfSymbolType.Function or ElfSymbolType.None && symbol.SectionIndex > 0
                && symbol.SectionIndex < file.Sections.Count && file.Sections[symbol.SectionIndex].IsCode)
            {
                code.Add(symbol);
            }
        }

        // Of several symbols at one address the last wins, so what has a size comes last.
        code.Sort((a, b) => a.Value != b.Value ? a.Value.CompareTo(b.Value) : a.Size.CompareTo(b.Size));
        return new CodeLocator(file, [.. code], LineTable.Read(file));
    }

    /// <summary>Names an address.</summary>
    /// <returns>Method, offset and, where known, source line; null if no code of the kernel is there.</returns>
    public string? Describe(ulong address)
    {
        int index = Array.BinarySearch(_starts, address);
        index = index < 0 ? ~index - 1 : index;
        while (index >= 0 && index + 1 < _starts.Length && _starts[index + 1] == _starts[index])
        {
            index++;
        }

        if (index < 0)
        {
            return null;
        }

        ElfSymbol symbol = _symbols[index];
        ElfSection section = _file.Sections[symbol.SectionIndex];
        ulong end = symbol.Size > 0 ? symbol.Value + symbol.Size : section.Address + section.Size;
        if (address >= end)
        {
            return null;
        }

        string name = $"{_file.NameOf(symbol)}+0x{address - symbol.Value:x}";
        return _lines.TryFind(0, address, out string file, out int line) ? $"{name} ({Path.GetFileName(file)}:{line})" : name;
    }
}
