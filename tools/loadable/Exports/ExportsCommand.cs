using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using CosmosKernel.Tools.Elf;
using CosmosKernel.Tools.Loadable.Objects;

namespace CosmosKernel.Tools.Loadable.Exports;

/// <summary><c>loadable exports</c>: the table of the kernel's symbols that modules bind to, and the list for the module's build.</summary>
internal static class ExportsCommand
{
    /// <summary>Describes the command line.</summary>
    public static Command Create()
    {
        var managed = new Option<FileInfo>("--object") { Description = "ILC's object of the kernel", Required = true };
        var others = new Option<FileInfo[]>("--extra") { Description = "The other objects of the link", AllowMultipleArgumentsPerToken = true };
        var assemblies = new Option<FileInfo[]>("--assembly") { Description = "All assemblies that the kernel was compiled from", Required = true, AllowMultipleArgumentsPerToken = true };
        var options = new Option<FileInfo>("--options") { Description = "The compiler's options, which are part of the build's identity", Required = true };
        var compiler = new Option<string>("--compiler") { Description = "The compiler's version, which is part of it too", Required = true };
        var output = new Option<FileInfo>("--output", "-o") { Description = "The object with the table", Required = true };
        var list = new Option<FileInfo>("--symvers") { Description = "The list for the build of modules", Required = true };
        var command = new Command("exports", "Makes the kernel's table of exports") { managed, others, assemblies, options, compiler, output, list };
        command.SetAction(arguments =>
        {
            var symbols = new SymbolList();
            foreach ((string key, string value) in KernelIdentity.Read([.. arguments.GetValue(assemblies)!.Select(f => f.FullName)], arguments.GetValue(options)!.FullName, arguments.GetValue(compiler)!))
            {
                symbols.Information.Add(key, value);
            }

            foreach (FileInfo file in (arguments.GetValue(others) ?? []).Append(arguments.GetValue(managed)!))
            {
                var code = CompiledObject.Open(file.FullName);
                foreach (string name in code.Definitions.Keys.Where(code.IsShared))
                {
                    symbols.Symbols.TryAdd(name, code.Describe(name));
                }
            }

            File.WriteAllBytes(arguments.GetValue(output)!.FullName, ExportTable.ToObject(symbols));
            symbols.Write(arguments.GetValue(list)!.FullName);
            Console.WriteLine($"exports: {symbols.Symbols.Count} symbols, {symbols.Information["vermagic"]}");
            return 0;
        });
        return command;
    }
}
