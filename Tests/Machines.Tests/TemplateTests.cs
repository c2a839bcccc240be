using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Xunit;
using Xunit.Abstractions;

namespace CosmosKernel.Machines.Tests;

/// <summary>What docs/modules.md begins with: with the packages of <c>make pack</c> and nothing else of the tree, three commands lead from an empty folder to a module that was booted in QEMU and tested.</summary>
public sealed class TemplateTests(ITestOutputHelper output)
{
    // Folders and projects are called so; in C# it becomes a namespace, and in the kernel the name of a module.
    private const string Name = "heart-beat.v2";

    [Fact]
    public async Task ThreeCommandsMakeAModuleThatIsBuiltBootedAndTested()
    {
        string package = Assert.Single(Directory.GetFiles(Path.Combine(TestMachine.BuildFolder, "packages"), "CosmosKernel.Templates.*.nupkg"));
        DirectoryInfo folder = Directory.CreateTempSubdirectory("template");
        try
        {
            // Templates are installed for a user; the test has a place of its own for them.
            string[] hive = ["--debug:custom-hive", Path.Combine(folder.FullName, "hive")];
            await RunAsync(folder.FullName, ["new", "install", package, .. hive]);
            await RunAsync(folder.FullName, ["new", "cosmos-module", "-n", Name, .. hive]);
            string text = await RunAsync(folder.FullName, ["test", Name, "--logger", "console;verbosity=normal"]);
            Assert.Contains("Passed heart_beat.v2.Tests.BootTests.ItsKernelTestsPass", text);
            Assert.Contains("Passed heart_beat.v2.Tests.BootTests.ItTakesItsOption", text);
            Assert.DoesNotContain("warning CKL", text);
            string log = string.Concat(Directory.GetFiles(folder.FullName, "*.log", SearchOption.AllDirectories).Select(File.ReadAllText));
            Assert.Contains("##test pass heart_beat_v2.it_beats", log);
            Assert.Contains("heart_beat_v2: one beat every 25 ms", log);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task<string> RunAsync(string folder, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // What the process that runs this test has been told about its own build is not meant for another one.
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || name.StartsWith("VSTEST", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(name);
        }

        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(10));
        output.WriteLine(text);
        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', start.ArgumentList)} ended with {process.ExitCode}\n{text}\n{await errors}");
        return text;
    }
}
