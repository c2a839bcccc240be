using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using CosmosKernel.Tools.Elf;
using CosmosKernel.Tools.Elf.Names;
using CosmosKernel.Tools.Image.Symbols;
using CosmosKernel.Tools.Loadable.Exports;

namespace CosmosKernel.Tools.Loadable.Link;

/// <summary>Writes a module's file (docs/module-loading.md).</summary>
internal static class ModuleFile
{
    /// <summary>Makes the file.</summary>
    /// <param name="linker">The linked module.</param>
    /// <param name="information">What <c>.modinfo</c> says, in order.</param>
    /// <param name="exports">Names of the symbols that other modules may bind to.</param>
    /// <param name="names">Readable names for backtraces.</param>
    public static byte[] Write(ModuleLinker linker, IEnumerable<KeyValuePair<string, string>> information, IReadOnlySet<string> exports, SymbolNames names)
    {
        var writer = new ElfObjectWriter();
        var indices = new Dictionary<OutputSection, int>();
        foreach (OutputSection section in linker.Sections.Where(s => s.Size != 0 || s.Name == ".text"))
        {
            int index = section.IsZero
                ? writer.AddZeroSection(section.Name, section.Size, section.Flags, section.Alignment)
                : writer.AddSection(section.Name, section.Bytes.ToArray(), section.Flags, section.Alignment);
            indices.Add(section, index);
            writer.AddSymbol(section.Name, index, 0, 0, ElfSymbolType.Section, ElfSymbolBinding.Local);
        }

        writer.AddSection(".cosmos.unwind", Index(linker), ElfSectionFlags.Allocate, 4);
        writer.AddSection(".modinfo", ExportTable.InformationBytes(information), ElfSectionFlags.Allocate, 1);
        writer.AddSection(".ksymbols", SymbolTableBuilder.Build(Functions(linker, names), linker.TextLines, 0), ElfSectionFlags.Allocate, 16);
        string[] exported = [.. linker.Definitions().Select(d => d.Name).Where(exports.Contains)];
        if (exported.Length > 0)
        {
            // Where depmod finds which symbols a module has for others (kmod, libkmod-elf.c): each ended by a zero byte.
            writer.AddSection("__ksymtab_strings", Encoding.UTF8.GetBytes(string.Concat(exported.Select(name => name + '\0'))), ElfSectionFlags.None, 1);
        }

        int text = indices[linker.Sections[0]];
        writer.AddSymbol(ModuleLinker.Entry, text, (ulong)linker.EntryOffset, 0, ElfSymbolType.Function, ElfSymbolBinding.Local);
        foreach ((string name, long offset) in linker.Bounds)
        {
            writer.AddSymbol(name, text, (ulong)offset, 0, ElfSymbolType.None, ElfSymbolBinding.Local);
        }

        foreach ((string name, OutputSection section, long offset, ulong size, ElfSymbolType type) in linker.Definitions().Where(d => exports.Contains(d.Name)))
        {
            writer.AddSymbol(name, indices[section], (ulong)offset, size, type);
        }

        foreach ((OutputSection section, int index) in indices)
        {
            foreach (OutputRelocation relocation in section.Relocations)
            {
                writer.AddRelocation(index, relocation.Offset, relocation.Symbol ?? relocation.Target!.Name, relocation.Type, relocation.Addend);
            }
        }

        return writer.Write();
    }

    private static byte[] Index(ModuleLinker linker)
    {
        var bytes = new byte[8 * linker.UnwindIndex.Count];
        for (int i = 0; i < linker.UnwindIndex.Count; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8 * i), linker.UnwindIndex[i].Function);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan((8 * i) + 4), linker.UnwindIndex[i].Frame);
        }

        return bytes;
    }

    // One name for each address: a readable one before others.
    private static List<Function> Functions(ModuleLinker linker, SymbolNames names) =>
    [
        .. linker.CodeSymbols()
            .Where(c => c.Size != 0)
            .GroupBy(c => c.Offset)
            .OrderBy(g => g.Key)
            .Select(g => g.OrderByDescending(c => names.IsExact(c.Name)).ThenBy(c => c.Name, StringComparer.Ordinal).First())
            .Select(c => new Function((ulong)c.Offset, checked((uint)c.Size), names.Readable(c.Name))),
    ];
}
