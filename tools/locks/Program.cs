using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace CosmosKernel.Tools.Locks;

/// <summary>Looks at the locking of the whole kernel at once.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        Option<DirectoryInfo> root = new("--root") { Description = "Folder of the whole tree", DefaultValueFactory = _ => new DirectoryInfo(".") };
        Option<string[]> only = new("--only") { Description = "Print the diagnostics of projects whose path holds one of these texts", AllowMultipleArgumentsPerToken = true };
        Option<string[]> rules = new("--rule") { Description = "Only these rules", AllowMultipleArgumentsPerToken = true };
        Command check = new("check", "Prints what the analyzer finds, and counts it by project and rule; status 1 when there is something") { root, only, rules };
        check.SetAction(parsed => Check(Folder(parsed.GetValue(root)!), parsed.GetValue(only) ?? [], parsed.GetValue(rules) ?? []));
        Option<FileInfo> output = new("--output") { Description = "The file to write", Required = true };
        Command document = new("document", "Writes docs/locks.md") { root, output };
        document.SetAction(parsed => File.WriteAllText(parsed.GetValue(output)!.FullName, Inspection.Run(Folder(parsed.GetValue(root)!)).Document));
        return new RootCommand("The locking of the whole kernel") { check, document }.Parse(arguments).Invoke();
    }

    private static string Folder(DirectoryInfo root) => root.FullName.TrimEnd('/');

    private static int Check(string root, string[] only, string[] rules)
    {
        var found = Inspection.Run(root).Projects
            .Select(one => (one.Project, Diagnostics: one.Diagnostics.Where(diagnostic => rules.Length == 0 || rules.Contains(diagnostic.Id)).ToList()))
            .Where(one => one.Diagnostics.Count > 0)
            .ToList();
        foreach (Diagnostic diagnostic in found.Where(one => only.Length == 0 || only.Any(one.Project.Contains)).SelectMany(one => one.Diagnostics)
            .OrderBy(one => one.Location.SourceTree?.FilePath, StringComparer.Ordinal).ThenBy(one => one.Location.SourceSpan.Start))
        {
            FileLinePositionSpan place = diagnostic.Location.GetLineSpan();
            Console.WriteLine($"{place.Path}({place.StartLinePosition.Line + 1},{place.StartLinePosition.Character + 1}): {diagnostic.Id}: {diagnostic.GetMessage()}");
        }

        Console.WriteLine();
        foreach ((string project, List<Diagnostic> diagnostics) in found)
        {
            string counts = string.Join("  ", diagnostics.GroupBy(one => one.Id).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => $"{group.Key} {group.Count()}"));
            Console.WriteLine($"{project,-50} {diagnostics.Count,5}   {counts}");
        }

        int total = found.Sum(one => one.Diagnostics.Count);
        Console.WriteLine($"{total} in all");
        return total == 0 ? 0 : 1;
    }
}
