using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;

namespace CosmosKernel.Machines.Tests;

/// <summary>Runs <c>make cosmos</c>'s script, and other programs, as a user would: without what the test runner set for itself.</summary>
internal static class CosmosBuild
{
    /// <summary>The project's top folder.</summary>
    public static string Top => Path.GetDirectoryName(TestMachine.BuildFolder)!;

    /// <summary>Builds an image, without booting it.</summary>
    /// <param name="kernels">Project files, with spaces between them.</param>
    public static Task<(int Status, string Text)> RunAsync(string kernels) => RunProgramAsync(Path.Combine(Top, "tools/build/cosmos.sh"), kernels);

    /// <summary>Runs a program in the project's top folder.</summary>
    public static async Task<(int Status, string Text)> RunProgramAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Top,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["BOOT"] = "0";

        // Those that the test runner sets for itself would change the build.
        foreach (string variable in start.Environment.Keys.Where(key => key.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(variable);
        }

        using Process process = Process.Start(start)!;
        Task<string> outputText = process.StandardOutput.ReadToEndAsync();
        Task<string> errorText = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await outputText + await errorText);
    }
}
