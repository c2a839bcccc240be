using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Text.Json;
using XSharp.Text;

namespace XSharp;

/// <summary>The command line: <c>xsharp [-o OUT.o] [--asm OUT.asm] [--constants F] [--stats F] [-I DIR] INPUT.xs</c>.</summary>
public static class Program
{
    private const int InputErrors = 1;
    private const int UsageErrors = 2;

    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };

    /// <summary>Exit codes: 0 done, 1 errors in the input, 2 bad usage.</summary>
    public static int Main(string[] arguments)
    {
        var input = new Argument<string>("INPUT.xs") { Description = "the program" };
        var output = new Option<string?>("-o") { Description = "ELF64 object to write (default: INPUT.o, unless --asm is given)", HelpName = "OUT.o" };
        var assembly = new Option<string?>("--asm") { Description = "NASM text to write", HelpName = "OUT.asm" };
        var constants = new Option<string[]>("--constants") { Description = "file of NAME=VALUE lines that become constants (repeatable)", HelpName = "FILE" };
        var statistics = new Option<string?>("--stats") { Description = "JSON file to write: statements and literal lines", HelpName = "FILE" };
        var include = new Option<string[]>("-I") { Description = "directory for included files (repeatable)", HelpName = "DIR" };
        var command = new RootCommand("Compiles X# to an ELF64 object.") { input, output, assembly, constants, statistics, include };

        command.SetAction(result => Run(
            result.GetRequiredValue(input),
            result.GetValue(output),
            result.GetValue(assembly),
            result.GetValue(constants) ?? [],
            result.GetValue(statistics),
            result.GetValue(include) ?? []));
        ParseResult parsed = command.Parse(arguments);
        if (parsed.Errors.Count == 0)
        {
            return parsed.Invoke();
        }

        foreach (string message in parsed.Errors.Select(e => e.Message))
        {
            Console.Error.WriteLine($"xsharp: {message}");
        }

        Console.Error.WriteLine("usage: xsharp [-o OUT.o] [--asm OUT.asm] [--constants FILE] [--stats FILE] [-I DIR] INPUT.xs");
        return UsageErrors;
    }

    private static int Run(string input, string? output, string? assembly, string[] constants, string? statistics, string[] include)
    {
        try
        {
            IEnumerable<(string, string)> constantFiles = constants.Select(file => (file, File.ReadAllText(file)));
            CompilationResult result = Compilation.Compile(input, File.ReadAllText(input), [.. constantFiles], include);
            IReadOnlyList<Diagnostic> errors = result.Diagnostics;
            string? target = output ?? (assembly is null ? Path.ChangeExtension(input, ".o") : null);
            if (errors.Count == 0)
            {
                WriteIfNamed(assembly, result.Assembly);
                errors = target is null ? [] : Assembler.Assemble(input, result.Assembly, target);
            }

            if (errors.Count != 0)
            {
                foreach (Diagnostic error in errors)
                {
                    Console.Error.WriteLine(error);
                }

                return InputErrors;
            }

            WriteIfNamed(statistics, JsonSerializer.Serialize(result.Statistics, _json) + "\n");
            return 0;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"xsharp: {error.Message}");
            return InputErrors;
        }
    }

    private static void WriteIfNamed(string? file, string text)
    {
        if (file is not null)
        {
            File.WriteAllText(file, text);
        }
    }
}
