using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using CosmosKernel.Tools.Elf;
using CosmosKernel.Tools.Elf.Dwarf;
using CosmosKernel.Tools.Elf.Names;

namespace CosmosKernel.Tools.Image.Symbols;

/// <summary><c>image symbols</c>: the table from which a panic names methods and lines.</summary>
internal static class SymbolsCommand
{
    /// <summary>The section that holds the table; the linker script puts it last, so that adding it moves nothing.</summary>
    private const string SectionName = ".ksymbols";

    /// <summary>Describes the command line.</summary>
    public static Command Create()
    {
        var elf = new Option<FileInfo>("--elf") { Description = "Linked image with symbols and DWARF line numbers", Required = true };
        var output = new Option<FileInfo?>("--output", "-o") { Description = "Where to write the table" };
        var linkable = new Option<FileInfo?>("--object") { Description = $"Where to write the table as an object with the section {SectionName}" };
        var statistics = new Option<FileInfo[]>("--mstat") { Description = "ILC's size statistics (--mstat), for exact method names", AllowMultipleArgumentsPerToken = true };
        var assemblies = new Option<string[]>("--assembly") { Description = "Assembly whose prefix is dropped from names that the statistics lack", AllowMultipleArgumentsPerToken = true };
        var imageBase = new Option<string>("--base") { Description = "Address that the table is relative to, in hexadecimal", DefaultValueFactory = _ => $"{SymbolTableFormat.KernelBase:X}" };
        var command = new Command("symbols", "Makes the symbol table for the kernel's backtraces") { elf, output, linkable, statistics, assemblies, imageBase };
        command.SetAction(arguments =>
        {
            string text = arguments.GetValue(imageBase)!;
            if (!ulong.TryParse(text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text[2..] : text, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong address))
            {
                Console.Error.WriteLine($"image: --base: '{text}' is not a hexadecimal address");
                return 2;
            }

            if (arguments.GetValue(output) is null && arguments.GetValue(linkable) is null)
            {
                Console.Error.WriteLine("image: nothing to write: give --output, --object or both");
                return 2;
            }

            var names = new SymbolNames();
            foreach (FileInfo file in arguments.GetValue(statistics) ?? [])
            {
                names.AddStatistics(file.FullName);
            }

            foreach (string assembly in arguments.GetValue(assemblies) ?? [])
            {
                names.AddAssembly(assembly);
            }

            Run(arguments.GetValue(elf)!, names, address, arguments.GetValue(output), arguments.GetValue(linkable));
            return 0;
        });
        return command;
    }

    /// <summary>Makes the table of an image in memory.</summary>
    /// <exception cref="ElfFormatException">The image is damaged, is not linked, or has no functions at or above the base.</exception>
    internal static byte[] Build(ElfFile image, SymbolNames names, ulong imageBase)
    {
        if (image.IsRelocatable)
        {
            throw new ElfFormatException($"{image.Path}: is an object; symbol addresses are known only after linking");
        }

        List<Function> functions = FunctionList.Of(image, names, imageBase);
        return functions.Count == 0
            ? throw new ElfFormatException($"{image.Path}: has no function symbols at or above 0x{imageBase:x}")
            : SymbolTableBuilder.Build(functions, LineTable.Read(image), imageBase);
    }

    /// <summary>Wraps a table in an object whose one section the linker script places.</summary>
    internal static byte[] ToObject(byte[] table)
    {
        var writer = new ElfObjectWriter();
        int section = writer.AddSection(SectionName, table, ElfSectionFlags.Allocate, 16);
        writer.AddSymbol("kernel_symbol_table", section, 0, (ulong)table.Length, ElfSymbolType.Object);
        return writer.Write();
    }

    private static void Run(FileInfo elf, SymbolNames names, ulong imageBase, FileInfo? output, FileInfo? linkable)
    {
        byte[] table = Build(ElfFile.Open(elf.FullName), names, imageBase);
        if (output is not null)
        {
            File.WriteAllBytes(output.FullName, table);
        }

        if (linkable is not null)
        {
            File.WriteAllBytes(linkable.FullName, ToObject(table));
        }
    }
}
