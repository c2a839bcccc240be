using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Text;
using CosmosKernel.Tools.Elf.Names;
using CosmosKernel.Tools.Loadable.Objects;
using CosmosKernel.Tools.Loadable.Roots;
using CosmosKernel.Tools.Modules;
using Mono.Cecil;

namespace CosmosKernel.Tools.Loadable.Link;

/// <summary><c>loadable link</c>: a module's file from the object that ILC made of it.</summary>
internal static class LinkCommand
{
    /// <summary>Describes the command line.</summary>
    public static Command Create()
    {
        var code = new Option<FileInfo>("--object") { Description = "ILC's object of the module", Required = true };
        var statistics = new Option<FileInfo>("--mstat") { Description = "ILC's size statistics, for exact method names", Required = true };
        var kernel = new Option<FileInfo>("--kernel") { Description = "The kernel's list of symbols (.symvers)", Required = true };
        var needed = new Option<FileInfo[]>("--needs") { Description = "Lists of symbols of the modules that this one depends on, named NAME.symvers", AllowMultipleArgumentsPerToken = true };
        var assemblies = new Option<FileInfo[]>("--assembly") { Description = "The module's assembly, then its libraries", Required = true, AllowMultipleArgumentsPerToken = true };
        var interfaces = new Option<FileInfo>("--interfaces") { Description = "The assembly that uses all interfaces, which was compiled with the module", Required = true };
        var output = new Option<FileInfo>("--output", "-o") { Description = "The module's file", Required = true };
        var list = new Option<FileInfo>("--symvers") { Description = "The list of what the module exports", Required = true };
        var command = new Command("link", "Makes a module's file") { code, statistics, kernel, needed, assemblies, interfaces, output, list };
        command.SetAction(arguments =>
        {
            string[] files = [.. arguments.GetValue(assemblies)!.Select(f => f.FullName)];
            string[] dependencies = [.. (arguments.GetValue(needed) ?? []).Select(f => f.FullName)];
            var names = new SymbolNames();
            names.AddStatistics(arguments.GetValue(statistics)!.FullName);
            HashSet<string> used = InterfacesWriter.Read(arguments.GetValue(interfaces)!.FullName);
            Run(CompiledObject.Open(arguments.GetValue(code)!.FullName), names, used, arguments.GetValue(kernel)!.FullName, dependencies, files, arguments.GetValue(output)!.FullName, arguments.GetValue(list)!.FullName);
            return 0;
        });
        return command;
    }

    private static void Run(CompiledObject code, SymbolNames names, HashSet<string> interfaces, string kernelList, string[] dependencies, string[] assemblies, string output, string list)
    {
        var kernel = SymbolList.Read(kernelList);
        List<SymbolList> providers = [kernel];
        var depends = new List<string>();
        ModuleDescription module = ModuleReader.Read(assemblies[0]);
        foreach (string file in dependencies)
        {
            var needed = SymbolList.Read(file);
            string name = Path.GetFileNameWithoutExtension(file);
            if (needed.Information.GetValueOrDefault("vermagic") != kernel.Information.GetValueOrDefault("vermagic"))
            {
                throw new LoadableException($"{file}: module '{name}' was built for another kernel: '{needed.Information.GetValueOrDefault("vermagic")}', not '{kernel.Information.GetValueOrDefault("vermagic")}'; build it again");
            }

            depends.Add(name);
            providers.Add(needed);
        }

        depends.AddRange(module.Dependencies.Select(d => d.Name).Where(d => !depends.Contains(d)));
        var binding = Binding.Of(code, providers);
        HashSet<string> exports = Exports(code, binding, assemblies);
        var linker = ModuleLinker.Link(code, binding, exports.Append(ModuleLinker.Entry), names);
        InterfaceCheck.Run(code, linker.Has, interfaces);
        byte[] bytes = ModuleFile.Write(linker, ModuleInformation.Of(module, depends, kernel, assemblies), exports, names);
        File.WriteAllBytes(output, bytes);

        var exported = new SymbolList();
        foreach ((string key, string value) in kernel.Information)
        {
            exported.Information.Add(key, value);
        }

        foreach (string name in exports)
        {
            exported.Symbols.Add(name, code.Describe(name));
        }

        exported.Write(list);
        int imports = linker.Sections.SelectMany(s => s.Relocations).Where(r => r.Symbol is not null).Select(r => r.Symbol).Distinct().Count();
        Console.WriteLine($"module {module.Name}: {bytes.Length / 1024} KiB, code {linker.Sections[0].Size / 1024} KiB, {imports} symbols imported, {exports.Count} exported");
    }

    // A module whose assemblies have a public type beside the module's class is there for others too: they may bind to all that names its types, instantiations over them included.
    private static HashSet<string> Exports(CompiledObject code, Binding binding, string[] assemblies)
    {
        var prefixes = new List<string>();
        foreach (string file in assemblies)
        {
            using AssemblyDefinition assembly = AssemblyDefinition.ReadAssembly(file);
            bool isForOthers = assembly.MainModule.Types.Any(t => t.IsPublic && t.CustomAttributes.All(a => a.AttributeType.FullName != "CosmosKernel.Modules.ModuleAttribute"));
            if (isForOthers)
            {
                prefixes.Add(Mangled(assembly.Name.Name));
            }
        }

        return
        [
            .. code.Definitions.Keys.Where(name =>
                name != ModuleLinker.Entry && code.IsShared(name) && !binding.IsImported(name) && prefixes.Exists(p => name.Contains(p, StringComparison.Ordinal))),
        ];
    }

    // As ILC's name mangling does it.
    private static string Mangled(string assembly)
    {
        var text = new StringBuilder();
        foreach (char c in assembly)
        {
            text.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        }

        return text.Append('_').ToString();
    }
}
