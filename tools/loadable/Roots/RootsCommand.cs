using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using CosmosKernel.Tools.Loadable.Objects;

namespace CosmosKernel.Tools.Loadable.Roots;

/// <summary>
/// <c>loadable roots</c>: an assembly whose code refers to all that modules may use, so that the compiler keeps it. <c>loadable interfaces</c>: one that uses all interfaces, so that the compiler leaves none
/// out of a module's types.
/// </summary>
internal static class RootsCommand
{
    /// <summary>Describes the command line.</summary>
    public static Command Create()
    {
        var rules = new Option<FileInfo>("--rules") { Description = "Which assemblies, and what of them is left out", Required = true };
        Option<FileInfo[]> references = References();
        Option<FileInfo> output = Output();
        var command = new Command("roots", "Makes an assembly that refers to all that modules may use") { rules, references, output };
        command.SetAction(arguments =>
        {
            RootRules read = RootRules.Read(arguments.GetValue(rules)!.FullName);
            Dictionary<string, string> files = ByName(arguments.GetValue(references)!);
            RootsWriter.Write(read, files, arguments.GetValue(output)!.FullName);
            int unused = 0;
            foreach (string problem in read.Unused)
            {
                Console.Error.WriteLine($"{problem}");
                unused++;
            }

            return unused == 0 ? 0 : 1;
        });
        return command;
    }

    /// <summary>Describes the command line of <c>loadable interfaces</c>.</summary>
    public static Command CreateInterfaces()
    {
        Option<FileInfo[]> references = References();
        Option<FileInfo> output = Output();
        var own = new Option<FileInfo[]>("--own") { Description = "The module's assemblies", Required = true, AllowMultipleArgumentsPerToken = true };
        var symbols = new Option<FileInfo[]>("--symvers") { Description = "Lists of symbols of the kernel and of the modules that this one depends on", Required = true, AllowMultipleArgumentsPerToken = true };
        var command = new Command("interfaces", "Makes an assembly that uses all interfaces, for the compilation of a module") { references, own, symbols, output };
        command.SetAction(arguments =>
        {
            Dictionary<string, string> ours = ByName(arguments.GetValue(own)!);
            Dictionary<string, string> files = ByName([.. arguments.GetValue(own)!, .. arguments.GetValue(references)!]);
            InterfacesWriter.Write(files, ours.Keys, [.. arguments.GetValue(symbols)!.Select(f => SymbolList.Read(f.FullName))], arguments.GetValue(output)!.FullName);
            return 0;
        });
        return command;
    }

    private static Option<FileInfo[]> References() => new("--reference") { Description = "All assemblies of the kernel", Required = true, AllowMultipleArgumentsPerToken = true };

    private static Option<FileInfo> Output() => new("--output", "-o") { Description = "The assembly to write", Required = true };

    // Of two of a name the first counts, as for the compiler.
    private static Dictionary<string, string> ByName(FileInfo[] files)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (FileInfo file in files)
        {
            names.TryAdd(Path.GetFileNameWithoutExtension(file.Name), file.FullName);
        }

        return names;
    }
}
