using System;
using System.CommandLine;
using System.IO;
using CosmosKernel.Tools.Elf;
using CosmosKernel.Tools.Image.Symbols;

namespace CosmosKernel.Tools.Image;

/// <summary>Makes parts of the kernel's image that need the linked kernel as input.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        var root = new RootCommand("Makes parts of the kernel's image from the linked kernel") { SymbolsCommand.Create() };
        try
        {
            return root.Parse(arguments).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception error) when (error is ElfFormatException or IOException or InvalidDataException or UnauthorizedAccessException or BadImageFormatException)
        {
            Console.Error.WriteLine($"image: {error.Message}");
            return 1;
        }
    }
}
