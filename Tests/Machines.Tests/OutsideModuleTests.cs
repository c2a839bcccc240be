using System;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;
using CosmosKernel.BootHarness;
using Xunit;
using Xunit.Abstractions;

namespace CosmosKernel.Machines.Tests;

/// <summary>What docs/modules.md promises: a module in a folder outside the tree is built in by naming the folder, takes its options, and its tests run.</summary>
public sealed class OutsideModuleTests(ITestOutputHelper output)
{
    private const string Image = "outside-module";

    [Fact]
    public async Task AModuleOutsideTheTreeIsBuiltInAndTested()
    {
        string tree = Path.GetDirectoryName(TestMachine.BuildFolder)!;
        DirectoryInfo folder = Directory.CreateTempSubdirectory("heartbeat");
        try
        {
            foreach (string file in Directory.GetFiles(Path.Combine(tree, "Tests/SampleModule")))
            {
                File.Copy(file, Path.Combine(folder.FullName, Path.GetFileName(file)));
            }

            await RunAsync(tree, "tools/build/build-kernel.sh", Image, "Tests/Kernel/outside.conf", folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        MachineOptions machine = TestSelection.Machine("test=module.heartbeat_* heartbeat.period=5") with
        {
            Kernel = Path.Combine(tree, "build", Image + ".elf"),
            Cpus = 2,
        };
        BootResult result = await TestMachine.ExpectAsync(Verdict.PoweredOff, Image, machine, output);
        Assert.Equal(1, result.Count(TestOutcome.Passed));
        Assert.Contains("one beat every 5 ms", await File.ReadAllTextAsync(TestMachine.FileOf(Image, ".log")));
    }

    private async Task RunAsync(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", [program, .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> text = process.StandardOutput.ReadToEndAsync();
        string errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(10));
        output.WriteLine(await text);
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}\n{await text}\n{errors}");
    }
}
