using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;

namespace CosmosKernel.Tools.IlCheck;

/// <summary>Refuses in safe assemblies what is unsafe without the keyword.</summary>
internal static class Program
{
    private const int Clean = 0;
    private const int Violated = 1;
    private const int BadInput = 2;

    private static int Main(string[] arguments)
    {
        var assemblies = new Option<FileInfo[]>("--assembly") { Description = "Assemblies that must be safe", Required = true, AllowMultipleArgumentsPerToken = true };
        var banned = new Option<FileInfo?>("--banned") { Description = "List of banned APIs instead of the one beside the tool" };
        var allowed = new Option<FileInfo?>("--allow") { Description = "List of uses that were looked at: WHERE uses WHAT : REASON" };
        var root = new RootCommand("Refuses in safe assemblies what is unsafe without the keyword") { assemblies, banned, allowed };
        root.SetAction(parsed =>
        {
            BannedList list = parsed.GetValue(banned) is { } file ? BannedList.Parse(File.ReadAllLines(file.FullName), file.ToString()) : BannedList.Default();
            AllowList exceptions = parsed.GetValue(allowed) is { } allow ? AllowList.Parse(File.ReadAllLines(allow.FullName), allow.ToString()) : AllowList.Parse([], string.Empty);
            return Check(parsed.GetValue(assemblies)!, list, exceptions, Console.Out);
        });
        try
        {
            return root.Parse(arguments).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception error) when (error is ListException or IOException or BadImageFormatException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"ilcheck: {error.Message}");
            return BadInput;
        }
    }

    private static int Check(IReadOnlyCollection<FileInfo> assemblies, BannedList banned, AllowList allowed, TextWriter output)
    {
        int count = 0;
        foreach (FileInfo assembly in assemblies)
        {
            foreach (Finding finding in AssemblyChecker.Check(assembly.FullName, banned))
            {
                if (!allowed.Allows(finding))
                {
                    count++;
                    output.WriteLine(finding);
                }
            }
        }

        foreach (string unused in allowed.Unused)
        {
            output.WriteLine($"{unused}: warning: nothing needs this exception any more");
        }

        output.WriteLine($"ilcheck: {assemblies.Count} assemblies, {count} violations");
        return count == 0 ? Clean : Violated;
    }
}
