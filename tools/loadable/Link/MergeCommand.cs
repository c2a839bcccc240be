using System;
using System.CommandLine;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using CosmosKernel.Tools.Elf;
using CosmosKernel.Tools.Elf.Names;
using CosmosKernel.Tools.Loadable.Objects;

namespace CosmosKernel.Tools.Loadable.Link;

/// <summary><c>loadable merge</c>: the kernel's object with few sections, for the linker.</summary>
internal static class MergeCommand
{
    /// <summary>Describes the command line.</summary>
    public static Command Create()
    {
        var code = new Option<FileInfo>("--object") { Description = "ILC's object of the kernel", Required = true };
        var output = new Option<FileInfo>("--output", "-o") { Description = "The object to write", Required = true };
        var command = new Command("merge", "Merges the sections of the kernel's object") { code, output };
        command.SetAction(arguments =>
        {
            var linker = ModuleLinker.Merge(CompiledObject.Open(arguments.GetValue(code)!.FullName), new SymbolNames());
            File.WriteAllBytes(arguments.GetValue(output)!.FullName, Write(linker));
            return 0;
        });
        return command;
    }

    private static byte[] Write(ModuleLinker linker)
    {
        var writer = new ElfObjectWriter();
        var indices = new Dictionary<OutputSection, int>();
        foreach (OutputSection section in linker.Sections.Where(s => s.Size != 0))
        {
            int index = section.IsZero
                ? writer.AddZeroSection(section.Name, section.Size, section.Flags, section.Alignment)
                : writer.AddSection(section.Name, section.Bytes.ToArray(), section.Flags, section.Alignment);
            indices.Add(section, index);
            writer.AddSymbol(section.Name, index, 0, 0, ElfSymbolType.Section, ElfSymbolBinding.Local);
        }

        foreach ((string name, OutputSection section, long offset, ulong size, ElfSymbolType type) in linker.Definitions())
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
}
