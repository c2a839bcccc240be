using System;
using System.CommandLine;
using System.IO;
using CosmosKernel.Tools.Elf;
using CosmosKernel.Tools.Loadable.Exports;
using CosmosKernel.Tools.Loadable.Index;
using CosmosKernel.Tools.Loadable.Link;
using CosmosKernel.Tools.Loadable.Objects;
using CosmosKernel.Tools.Loadable.Roots;
using CosmosKernel.Tools.Modules;

namespace CosmosKernel.Tools.Loadable;

/// <summary>Makes what loadable modules need (docs/module-loading.md): the kernel's roots and exports, and module files from ILC's objects.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        var root = new RootCommand("Makes what modules that are loaded at run time need") { RootsCommand.Create(), RootsCommand.CreateInterfaces(), ExportsCommand.Create(), LinkCommand.Create(), MergeCommand.Create(), IndexCommand.Create(), RepairCommand.Create() };
        try
        {
            return root.Parse(arguments).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception error) when (error is LoadableException or ModuleListException or ElfFormatException or IOException or InvalidDataException or UnauthorizedAccessException or BadImageFormatException)
        {
            Console.Error.WriteLine($"loadable: {error.Message}");
            return 1;
        }
    }
}
