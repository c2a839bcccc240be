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

    /// <summary>What a module must not reach, each way refused by the build before anything is compiled for the machine, with the name of what it is.</summary>
    [Theory]
    [InlineData("unsafe", "public static unsafe int Try(int* p) => *p;", "CS0227")]
    [InlineData("il", "public static int Try(ref byte b) => System.Runtime.CompilerServices.Unsafe.As<byte, int>(ref b);", "System.Runtime.CompilerServices.Unsafe")]
    [InlineData("api", "public static void Try() => CosmosKernel.Machine.Cpus.Msr.Write(0x10, 0);", "CosmosKernel.Machine.Cpus.Msr, which is not part of the module API")]
    public async Task WhatAModuleMustNotReachIsRefusedByName(string name, string attempt, string expected)
    {
        string tree = Path.GetDirectoryName(TestMachine.BuildFolder)!;
        DirectoryInfo folder = Directory.CreateTempSubdirectory("refused");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, $"Refused{name}.csproj"), """
                <Project Sdk="Microsoft.NET.Sdk">
                  <Import Project="$(CosmosKernelRoot)Kernel/Modules/Module.props" />
                </Project>
                """);
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "Refused.cs"), $$"""
                using CosmosKernel.Modules;

                namespace Refused;

                [Module("refused", Description = "must not be built")]
                public sealed class RefusedModule : KernelModule
                {
                    public override void Start(ModuleContext context)
                    {
                    }

                    {{attempt}}
                }
                """);
            (int status, string text) = await StartAsync(tree, "tools/build/build-kernel.sh", $"refused-{name}", "Tests/Kernel/outside.conf", folder.FullName);
            Assert.NotEqual(0, status);
            Assert.Contains(expected, text);
            Assert.DoesNotContain("] ILC", text);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task RunAsync(string folder, string program, params string[] arguments)
    {
        (int status, string text) = await StartAsync(folder, program, arguments);
        Assert.True(status == 0, $"{program} ended with {status}\n{text}");
    }

    private async Task<(int Status, string Text)> StartAsync(string folder, string program, params string[] arguments)
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
        return (process.ExitCode, $"{await text}\n{errors}");
    }
}
