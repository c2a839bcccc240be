using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using Mono.Cecil;

namespace CosmosKernel.Tools.Cosmos;

/// <summary>What <c>make cosmos</c> does with the assemblies of a kernel written for Cosmos: the sources of an image that ends at it, and the assemblies with its plugs, resources and X# functions in place.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        var root = new RootCommand("Makes an image of kernels written for Cosmos") { Image(), Rewrite(), Pack() };
        try
        {
            return root.Parse(arguments).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception error) when (error is KernelException or IOException or UnauthorizedAccessException or BadImageFormatException or FormatException or AssemblyResolutionException)
        {
            Console.Error.WriteLine($"cosmos: {error.Message}");
            return 1;
        }
    }

    private static Command Image()
    {
        var kernels = new Option<string[]>("--kernel") { Description = "Names of the kernels' projects; the first runs if the boot options name none", Required = true, AllowMultipleArgumentsPerToken = true };
        var results = new Option<string>("--results") { Description = "Folder with NAME.path, the path of a project's assembly, and NAME.start, its StartupObject", Required = true };
        var references = new Option<string>("--references") { Description = "Folder of the assemblies of Kernel/Cosmos", Required = true };
        var output = new Option<string>("--output") { Description = "Folder of the image's generated project", Required = true };
        var root = new Option<string>("--root") { Description = "The project's top folder", DefaultValueFactory = _ => "." };
        var command = new Command("image", "Makes the sources of an image that ends at the kernels") { kernels, results, references, output, root };
        command.SetAction(result =>
        {
            string folder = result.GetValue(output)!;
            List<ImageKernel> all = [.. result.GetValue(kernels)!.Select(name => KernelOf(name, result.GetValue(results)!, result.GetValue(references)!))];
            Directory.CreateDirectory(folder);
            WriteIfChanged(Path.Combine(folder, "Kernel.g.cs"), ImageWriter.Source(all));
            WriteIfChanged(Path.Combine(folder, "Directory.Build.targets"), ImageWriter.Targets(Path.GetFullPath(result.GetValue(root)!), all));
            return 0;
        });
        return command;
    }

    private static ImageKernel KernelOf(string name, string results, string references)
    {
        string assembly = Path.GetFullPath(File.ReadAllText(Path.Combine(results, name + ".path")).Trim());
        string start = File.ReadAllText(Path.Combine(results, name + ".start")).Trim();
        return new ImageKernel(name, KernelReader.Read(assembly, references, start), assembly);
    }

    private static Command Rewrite()
    {
        var managed = new Option<string>("--managed") { Description = "Folder of the image's assemblies", Required = true };
        var framework = new Option<string[]>("--framework") { Description = "Folders of .NET's assemblies", Required = true, AllowMultipleArgumentsPerToken = true };
        var corelib = new Option<string>("--corelib") { Description = "System.Private.CoreLib as the kernel has it", Required = true };
        var own = new Option<string[]>("--own") { Description = "Names of the kernel's assembly and of those that it brought", Required = true, AllowMultipleArgumentsPerToken = true };
        var symbols = new Option<string>("--symbols") { Description = "File with the names of the kernel's X# functions, one a line" };
        var core = new Option<string>("--core") { Description = "What cannot be plugged", DefaultValueFactory = _ => "tools/cosmos/core.txt" };
        var output = new Option<string>("--output") { Description = "Folder for the assemblies that are changed", Required = true };
        var command = new Command("rewrite", "Applies plugs, fills resource fields, binds X# functions") { managed, framework, corelib, own, symbols, core, output };
        command.SetAction(result =>
        {
            using var assemblies = new AssemblySet(result.GetValue(corelib), [result.GetValue(managed)!, .. result.GetValue(framework)!]);
            HashSet<string> names = [.. result.GetValue(own)!];
            IReadOnlySet<string> functions = result.GetValue(symbols) is { } file ? File.ReadLines(file).ToHashSet(StringComparer.Ordinal) : new HashSet<string>();
            List<AssemblyDefinition> kernel = [.. names.Order(StringComparer.Ordinal).Select(assemblies.Find).OfType<AssemblyDefinition>()];
            List<AssemblyDefinition> api = [.. Directory.GetFiles(result.GetValue(managed)!, "Cosmos.*.dll").Order(StringComparer.Ordinal)
                .Select(Path.GetFileNameWithoutExtension).Where(name => !names.Contains(name!)).Select(name => assemblies.Find(name!)).OfType<AssemblyDefinition>()];

            var report = new Report();
            var plugs = new Plugs(assemblies, CoreCode.Read(result.GetValue(core)!), report);
            var resources = new Resources(assemblies, report);
            var functionsInAssembly = new AssemblyFunctions(assemblies, report);
            plugs.Apply(kernel, api);
            plugs.ApplyBuiltIn(api);
            resources.Apply(kernel);
            functionsInAssembly.Apply(kernel, functions);
            foreach (string error in report.Errors)
            {
                Console.Error.WriteLine(error);
            }

            if (report.Errors.Count > 0)
            {
                return 1;
            }

            List<string> changed = assemblies.Write(result.GetValue(output)!);
            if (changed.Count > 0)
            {
                Console.WriteLine($"cosmos: {plugs.Count} methods plugged, {resources.Count} resources, {functionsInAssembly.Count} functions in X#; changed: {string.Join(", ", changed)}");
            }

            return 0;
        });
        return command;
    }

    private static Command Pack()
    {
        var assemblies = new Option<string[]>("--assembly") { Description = "Reference assemblies of the Cosmos API", Required = true, AllowMultipleArgumentsPerToken = true };
        var names = new Option<string[]>("--empty") { Description = "Names of packages that need nothing in them", DefaultValueFactory = _ => [], AllowMultipleArgumentsPerToken = true };
        var version = new Option<string>("--version") { Description = "Version of the packages", Required = true };
        var output = new Option<string>("--output") { Description = "Folder of the feed", Required = true };
        var command = new Command("pack", "Makes NuGet packages with the names of Cosmos's") { assemblies, names, version, output };
        command.SetAction(result =>
        {
            Packager.Write(result.GetValue(assemblies)!, result.GetValue(names)!, result.GetValue(version)!, result.GetValue(output)!);
            return 0;
        });
        return command;
    }

    private static void WriteIfChanged(string file, string text)
    {
        if (!File.Exists(file) || File.ReadAllText(file) != text)
        {
            File.WriteAllText(file, text);
        }
    }
}
