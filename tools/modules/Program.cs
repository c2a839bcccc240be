using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;

namespace CosmosKernel.Tools.Modules;

/// <summary>Turns a list of modules into the projects and the source of an image's main assembly.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        var output = new Option<string>("--output") { Description = "Folder of the image's generated project", Required = true };
        var root = new Option<string>("--root") { Description = "The project's top folder", DefaultValueFactory = _ => "." };

        var list = new Argument<string>("list") { Description = "List of modules" };
        var folders = new Argument<string[]>("folders") { Description = "More module folders", Arity = ArgumentArity.ZeroOrMore };
        var plan = new Command("plan", "Write the project that builds all modules, and the image's project") { list, folders, output, root };
        plan.SetAction(result => Plan(result.GetValue(list)!, result.GetValue(folders) ?? [], result.GetValue(output)!, result.GetValue(root)!));

        var generate = new Command("generate", "Read the built modules and write the image's source") { output };
        generate.SetAction(result => Generate(result.GetValue(output)!));

        var entries = new Command("entries", "Read the built modules and write the projects that make each of them loadable at run time") { output };
        entries.SetAction(result => Entries(result.GetValue(output)!));

        var command = new RootCommand("Turns a list of modules into the source of a kernel image") { plan, generate, entries };
        try
        {
            return command.Parse(arguments).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception error) when (error is ModuleListException or IOException or UnauthorizedAccessException or BadImageFormatException)
        {
            Console.Error.WriteLine($"modules: {error.Message}");
            return 1;
        }
    }

    private static int Plan(string list, string[] folders, string output, string root)
    {
        List<string> projects = ModuleList.Read(list);
        foreach (string folder in folders)
        {
            ModuleList.AddFolder(projects, folder, "MODULE");
        }

        Directory.CreateDirectory(output);
        WriteIfChanged(Path.Combine(output, "Modules.proj"), ProjectWriter.Traversal(projects, Path.GetFullPath(Path.Combine(output, "assemblies.list"))));
        WriteIfChanged(Path.Combine(output, "CosmosKernel.csproj"), ProjectWriter.Image(Path.GetFullPath(root), projects));
        return 0;
    }

    private static int Generate(string output)
    {
        List<ModuleDescription> modules = [.. File.ReadAllLines(Path.Combine(output, "assemblies.list")).Where(line => line.Length > 0).Select(ModuleReader.Read)];
        RefuseTwice(modules.Select(module => (module.Name, module.TypeName)), "module");
        RefuseTwice(modules.SelectMany(module => module.Tests, (module, test) => (test.Name, module.TypeName)), "test");
        DependencyChecker.Check(modules);
        WriteIfChanged(Path.Combine(output, "Modules.g.cs"), SourceWriter.Write(modules));
        return 0;
    }

    // A line in modules.list for each: name, assembly, folder of its project; a module stands behind those that it needs.
    private static int Entries(string output)
    {
        Dictionary<string, ModuleDescription> modules = File.ReadAllLines(Path.Combine(output, "assemblies.list")).Where(line => line.Length > 0).ToDictionary(Path.GetFullPath, ModuleReader.Read);
        RefuseTwice(modules.Values.Select(module => (module.Name, module.TypeName)), "module");
        var lines = new List<string>();
        var projects = new List<string>();
        foreach ((string assembly, ModuleDescription module) in DependencyOrder(modules))
        {
            string folder = Path.GetFullPath(Path.Combine(output, "entries", module.Name));
            Directory.CreateDirectory(folder);
            WriteIfChanged(Path.Combine(folder, "Entry.g.cs"), SourceWriter.WriteLoadable(module));
            WriteIfChanged(Path.Combine(folder, "Entry.csproj"), ProjectWriter.Entry(module.Name, assembly));
            projects.Add(Path.Combine(folder, "Entry.csproj"));
            lines.Add($"{module.Name}\t{assembly}\t{folder}");
        }

        WriteIfChanged(Path.Combine(output, "Entries.proj"), ProjectWriter.Traversal(projects, Path.GetFullPath(Path.Combine(output, "entries.list"))));
        File.WriteAllLines(Path.Combine(output, "modules.list"), lines);
        return 0;
    }

    private static List<KeyValuePair<string, ModuleDescription>> DependencyOrder(Dictionary<string, ModuleDescription> modules)
    {
        var ordered = new List<KeyValuePair<string, ModuleDescription>>();
        var state = new Dictionary<string, bool>();
        foreach (KeyValuePair<string, ModuleDescription> module in modules)
        {
            Visit(module);
        }

        return ordered;

        void Visit(KeyValuePair<string, ModuleDescription> module)
        {
            if (state.TryGetValue(module.Value.Name, out bool done))
            {
                if (!done)
                {
                    throw new ModuleListException($"{module.Value.Place}: the dependencies of module '{module.Value.Name}' form a circle");
                }

                return;
            }

            state[module.Value.Name] = false;
            foreach (KeyValuePair<string, ModuleDescription> needed in modules.Where(m => module.Value.Dependencies.Any(d => d.Name == m.Value.Name)))
            {
                Visit(needed);
            }

            state[module.Value.Name] = true;
            ordered.Add(module);
        }
    }

    private static void RefuseTwice(IEnumerable<(string Name, string Where)> items, string what)
    {
        foreach (IGrouping<string, (string Name, string Where)> same in items.GroupBy(item => item.Name).Where(group => group.Count() > 1))
        {
            throw new ModuleListException($"two {what}s have the name '{same.Key}': in {string.Join(" and ", same.Select(item => item.Where))}");
        }
    }

    private static void WriteIfChanged(string file, string text)
    {
        if (!File.Exists(file) || File.ReadAllText(file) != text)
        {
            File.WriteAllText(file, text);
        }
    }
}
