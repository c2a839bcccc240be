using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Threading.Tasks;
using CosmosKernel.BootHarness;
using Xunit;
using Xunit.Abstractions;

namespace CosmosKernel.Machines.Tests;

/// <summary>Kernels written for Cosmos: their projects build as they are, and boot.</summary>
public sealed class CosmosTests(ITestOutputHelper output) : IDisposable
{
    private const string Package = "<PackageReference Include=\"Cosmos.Network.Sniffer\" Version=\"1.0.0\" />";

    private readonly DirectoryInfo _elsewhere = Directory.CreateTempSubdirectory("cosmos-kernel-");

    private static string Top => Path.GetDirectoryName(TestMachine.BuildFolder)!;

    /// <inheritdoc/>
    public void Dispose() => _elsewhere.Delete(recursive: true);

    [Fact]
    public async Task AProjectFromTheTemplateBuildsUnchangedAnywhereAndItsConsoleWorks()
    {
        string project = CopyOf("HelloCosmos");
        Dictionary<string, string> before = Contents(_elsewhere);
        await BuildAsync(project);
        Assert.Equal(before, Contents(_elsewhere));

        await TestMachine.ExpectAsync(
            Verdict.PoweredOff,
            "cosmos-hello",
            Machine("HelloCosmos", """
                expect Input: \z
                send hello, wrold\x7f\x7f\x7f\x7forld
                expect ^Text typed: hello, world$
                expect Input: \z
                send key
                expect key: \z
                type x
                expect None X 120$
                expect Input: \z
                send color green
                expect This is Green
                expect Input: \z
                send move
                expect ^cursor at 15,5 of \d+x\d+$
                expect Input: \z
                send fail on purpose
                expect InvalidOperationException: on purpose
                expect cosmos> \z
                send poweroff
                """),
            output);
    }

    [Fact]
    public async Task AKernelRunsThreadsTasksAndLocksBesideRun()
    {
        await BuildAsync(Path.Combine(Top, "Tests/Cosmos/ThreadedCosmos/ThreadedCosmos.csproj"));
        await TestMachine.ExpectAsync(
            Verdict.PoweredOff,
            "cosmos-threads",
            Machine("ThreadedCosmos", """
                expect threads> \z
                send ticks
                expect the ticker ticks
                expect threads> \z
                send delay
                expect delayed by tasks: 14$
                expect threads> \z
                send lock
                expect counted under lock: 40000$
                expect threads> \z
                send parallel
                expect summed in parallel: 500500$
                expect threads> \z
                send exit
                expect the ticker has ended
                """),
            output);
    }

    [Fact]
    public async Task APackageThatIsNotHereIsNamed()
    {
        string project = CopyOf("HelloCosmos");
        await File.WriteAllTextAsync(project, (await File.ReadAllTextAsync(project)).Replace("</ItemGroup>", Package + "</ItemGroup>", StringComparison.Ordinal));
        (int status, string text) = await RunAsync(project);
        Assert.NotEqual(0, status);
        Assert.Contains("HelloCosmos.csproj", text, StringComparison.Ordinal);
        Assert.Contains("no counterpart here to the package Cosmos.Network.Sniffer", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "make cosmos KERNEL=")]
    [InlineData("nowhere/kernel.csproj", "nowhere/kernel.csproj: no such file")]
    [InlineData("README.md", "README.md: expected a project file")]
    public async Task WhatIsNoProjectIsRefused(string kernel, string expected)
    {
        (int status, string text) = await RunAsync(kernel);
        Assert.Equal(1, status);
        Assert.Contains(expected, text, StringComparison.Ordinal);
    }

    private static MachineOptions Machine(string name, string script) => new()
    {
        Iso = Path.Combine(TestMachine.BuildFolder, "cosmos", name + ".iso"),
        Cpus = 2,
        Timeout = TimeSpan.FromMinutes(3),
        Input = InputScript.Parse("timeout 120\n" + script),
    };

    private static Dictionary<string, string> Contents(DirectoryInfo folder) =>
        folder.EnumerateFiles("*", SearchOption.AllDirectories).ToDictionary(file => file.FullName, file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file.FullName))));

    private static async Task<(int Status, string Text)> RunAsync(string kernel)
    {
        var start = new ProcessStartInfo(Path.Combine(Top, "tools/build/cosmos.sh"), [kernel])
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

    private async Task BuildAsync(string project)
    {
        (int status, string text) = await RunAsync(project);
        output.WriteLine(text);
        Assert.True(status == 0, $"{project} did not build:\n{text}");
    }

    private string CopyOf(string sample)
    {
        // With the files beside the samples, which end the search for settings: a temporary folder may have some above it.
        string samples = Path.Combine(Top, "Tests/Cosmos");
        foreach (string file in Directory.GetFiles(samples).Concat(Directory.GetFiles(Path.Combine(samples, sample))))
        {
            File.Copy(file, Path.Combine(_elsewhere.FullName, Path.GetFileName(file)));
        }

        return Path.Combine(_elsewhere.FullName, sample + ".csproj");
    }
}
