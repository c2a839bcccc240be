using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using CosmosKernel.Tools.Elf;
using CosmosKernel.Tools.Elf.Names;
using CosmosKernel.Tools.ObjCheck.Code;
using CosmosKernel.Tools.ObjCheck.Rules;
using CosmosKernel.Tools.ObjCheck.Walk;

namespace CosmosKernel.Tools.ObjCheck;

/// <summary>Proves on the kernel's object files what code in interrupt, switch, collector and panic contexts may reach.</summary>
internal static class Program
{
    private const int DefaultLimit = 20;
    private const int Clean = 0;
    private const int Violated = 1;
    private const int BadInput = 2;

    private static int Main(string[] arguments)
    {
        var kernel = new Option<FileInfo>("--object") { Description = "The object that ILC made", Required = true };
        var extra = new Option<FileInfo[]>("--extra") { Description = "Other objects of the link", AllowMultipleArgumentsPerToken = true };
        var rules = new Option<FileInfo>("--rules") { Description = "What each context must not reach", Required = true };
        var statistics = new Option<FileInfo[]>("--mstat") { Description = "ILC's size statistics (--mstat), for exact method names", AllowMultipleArgumentsPerToken = true };
        var assemblies = new Option<string[]>("--assembly") { Description = "Assembly whose prefix is dropped from names that the statistics lack", AllowMultipleArgumentsPerToken = true };
        var limit = new Option<int>("--limit") { Description = "How many violations to show of each context", DefaultValueFactory = _ => DefaultLimit };
        var root = new RootCommand("Checks on object files what kernel contexts may reach") { kernel, extra, rules, statistics, assemblies, limit };
        root.SetAction(parsed =>
        {
            var names = new SymbolNames();
            foreach (FileInfo file in parsed.GetValue(statistics) ?? [])
            {
                names.AddStatistics(file.FullName);
            }

            foreach (string assembly in parsed.GetValue(assemblies) ?? [])
            {
                names.AddAssembly(assembly);
            }

            string rulesPath = Path.GetRelativePath(Environment.CurrentDirectory, parsed.GetValue(rules)!.FullName);
            IEnumerable<FileInfo> files = (parsed.GetValue(extra) ?? []).Prepend(parsed.GetValue(kernel)!);
            return Check([.. files.Select(f => ElfFile.Open(f.FullName))], names, RuleFile.Open(rulesPath), Console.Out, parsed.GetValue(limit));
        });
        try
        {
            return root.Parse(arguments).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception error) when (error is RuleException or ElfFormatException or IOException or InvalidDataException or UnauthorizedAccessException or BadImageFormatException)
        {
            Console.Error.WriteLine($"objcheck: {error.Message}");
            return BadInput;
        }
    }

    /// <summary>Checks all contexts and writes the report.</summary>
    /// <returns>The exit status: 0 clean, 1 violations.</returns>
    internal static int Check(IReadOnlyList<ElfFile> files, SymbolNames names, RuleFile rules, TextWriter output, int limit = DefaultLimit)
    {
        var model = new CodeModel(files, names);
        var walker = new Walker(model);
        int count = 0;
        foreach (Context context in rules.Contexts)
        {
            List<Violation> violations = walker.Walk(context);
            count += violations.Count;
            foreach (Violation violation in violations.Take(limit))
            {
                Report.Write(output, violation);
            }

            if (violations.Count > limit)
            {
                output.WriteLine($"... and {violations.Count - limit} more in {context.Name} context (--limit shows more); the first ones are the nearest to the entries");
                output.WriteLine();
            }
        }

        foreach (RuleLocation unused in walker.Unused(rules.Contexts))
        {
            output.WriteLine($"{unused}: warning: nothing needs this rule any more");
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"objcheck: {rules.Contexts.Count} contexts, {walker.FunctionCount} functions reached, {count} violations"));
        return count == 0 ? Clean : Violated;
    }
}
