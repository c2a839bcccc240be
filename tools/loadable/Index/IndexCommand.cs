using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Text;
using CosmosKernel.Tools.Elf;
using CosmosKernel.Tools.Loadable.Objects;

namespace CosmosKernel.Tools.Loadable.Index;

/// <summary><c>loadable index</c>: the folder <c>lib/modules/RELEASE</c> of an initramfs, with what modprobe reads (modules.dep(5)).</summary>
internal static class IndexCommand
{
    /// <summary>Describes the command line.</summary>
    public static Command Create()
    {
        var modules = new Option<FileInfo[]>("--module") { Description = "Module files", Required = true, AllowMultipleArgumentsPerToken = true };
        var kernel = new Option<FileInfo?>("--kernel") { Description = "The kernel's list of symbols: modules of other builds are left out" };
        var output = new Option<DirectoryInfo>("--output", "-o") { Description = "Folder that gets lib/modules/RELEASE", Required = true };
        var command = new Command("index", "Makes the folder of modules that modprobe looks into") { modules, kernel, output };
        command.SetAction(arguments =>
        {
            string[] files = [.. arguments.GetValue(modules)!.Select(f => f.FullName)];
            if (arguments.GetValue(kernel) is FileInfo list)
            {
                files = Fitting(files, SymbolList.Read(list.FullName).Information["vermagic"]);
            }

            Run(files, arguments.GetValue(output)!.FullName);
            return 0;
        });
        return command;
    }

    /// <summary>The text of <c>modules.dep</c>: for each file those that must be loaded before, the last first.</summary>
    internal static string Dependencies(IReadOnlyDictionary<string, IReadOnlyList<string>> depends)
    {
        var text = new StringBuilder();
        foreach (string name in depends.Keys.Order(StringComparer.Ordinal))
        {
            var found = new List<string>();
            Collect(name, []);
            text.Append($"{name}.ko:{string.Concat(found.Select(n => $" {n}.ko"))}\n");

            void Collect(string of, List<string> path)
            {
                foreach (string needed in depends[of])
                {
                    if (needed == name || path.Contains(needed))
                    {
                        throw new LoadableException($"{name}.ko: the dependencies form a circle: {string.Join(" needs ", path.Prepend(name).Append(needed))}");
                    }

                    if (depends.ContainsKey(needed))
                    {
                        found.Remove(needed);
                        found.Add(needed);
                        Collect(needed, [.. path, needed]);
                    }
                }
            }
        }

        return text.ToString();
    }

    private static string[] Fitting(string[] files, string vermagic)
    {
        ILookup<bool, string> fits = files.ToLookup(file => Value(Information(file), "vermagic", file) == vermagic);
        foreach (string other in fits[false])
        {
            Console.Error.WriteLine($"index: {other} was built for another kernel and is left out");
        }

        return [.. fits[true]];
    }

    private static void Run(string[] files, string output)
    {
        var depends = new SortedDictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        var aliases = new StringBuilder("# Aliases extracted from modules themselves.\n");
        string? release = null;
        foreach (string file in files.Order(StringComparer.Ordinal))
        {
            List<KeyValuePair<string, string>> information = Information(file);
            string name = Value(information, "name", file);
            string its = Value(information, "vermagic", file).Split(' ')[0];
            if (release is not null && its != release)
            {
                throw new LoadableException($"{file}: was built for {its}, the others for {release}");
            }

            release = its;

            // What is not among the files is in the kernel, or loaded by hand.
            depends.Add(name, Value(information, "depends", file).Split(',', StringSplitOptions.RemoveEmptyEntries));
            foreach ((_, string alias) in information.Where(pair => pair.Key == "alias"))
            {
                aliases.Append($"alias {alias} {name}\n");
            }
        }

        string folder = Path.Combine(output, "lib", "modules", release ?? throw new LoadableException("no module of this kernel's build is given"));
        Directory.CreateDirectory(folder);
        foreach (string file in files)
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        }

        File.WriteAllText(Path.Combine(folder, "modules.dep"), Dependencies(depends));
        File.WriteAllText(Path.Combine(folder, "modules.alias"), aliases.ToString());
        File.WriteAllText(Path.Combine(folder, "modules.order"), string.Concat(depends.Keys.Select(n => $"{n}.ko\n")));
        File.WriteAllText(Path.Combine(folder, "modules.symbols"), "");
    }

    private static List<KeyValuePair<string, string>> Information(string file)
    {
        var elf = ElfFile.Open(file);
        return
        [
            .. Encoding.UTF8.GetString(elf.Data(".modinfo")).Split('\0', StringSplitOptions.RemoveEmptyEntries)
                .Select(text => text.Split('=', 2))
                .Select(parts => new KeyValuePair<string, string>(parts[0], parts.Length == 2 ? parts[1] : throw new LoadableException($"{file}: .modinfo is damaged"))),
        ];
    }

    private static string Value(List<KeyValuePair<string, string>> information, string key, string file) =>
        information.FirstOrDefault(pair => pair.Key == key).Value ?? throw new LoadableException($"{file}: .modinfo has no {key}");
}
