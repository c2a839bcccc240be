using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Threading.Tasks;
using CosmosKernel.BootHarness;
using Xunit;

namespace CosmosKernel.Boot.Tests;

/// <summary>Starts the programs of the project as a user does.</summary>
internal static class Programs
{
    /// <summary>Runs a program of the test's folder to its end.</summary>
    public static (int Status, string Output, string Error) Start(string program, Dictionary<string, string> environment, params string[] arguments)
    {
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, program), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}

/// <summary><c>tools/boot</c> itself: options in, serial output and exit status out.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly FakeMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Theory]
    [InlineData("--nonsense")]
    [InlineData("--iso")]
    [InlineData("--cpus", "many")]
    [InlineData("--machine", "Q36")]
    [InlineData("--machine", "0")]
    [InlineData("--timeout", "-1")]
    [InlineData("--until", "(")]
    [InlineData("--input", "/nonexistent")]
    [InlineData("stray")]
    [InlineData("--memory", "512", "stray")]
    [InlineData]
    public void BadUsageIsStatusThree(params string[] arguments)
    {
        (int status, string output, string error) = Programs.Start("boot", [], arguments);
        Assert.Equal(BootResult.BadUsageStatus, status);
        Assert.Empty(output);
        Assert.StartsWith("boot: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void SerialOutputGoesToStandardOutputAsItIs()
    {
        (int status, string output, string error) = Boot(@"out one\r\n\e[1mtwo\n", Run.PowerOff, Run.Shutdown);
        Assert.Equal((0, "one\r\n\e[1mtwo\n##poweroff\n"), (status, output));
        Assert.Contains("powered off", error, StringComparison.Ordinal);
    }

    [Fact]
    public void TheExitStatusIsTheVerdicts()
    {
        Assert.Equal(1, Boot(@"out ##panic x\n##panic-end\n", "hang").Status);
        Assert.Equal(2, Boot("hang", "--timeout=1").Status);
        Assert.Equal(4, Boot(Run.PlanOne, Run.BeginA, Run.FailA, Run.EndFailed, Run.PowerOff, Run.Shutdown).Status);
        Assert.Equal(5, Boot("shutdown guest-reset").Status);
        Assert.Equal(6, Boot(Run.PlanOne, Run.PowerOff, Run.Shutdown).Status);
        Assert.Equal(7, Boot("exit 1").Status);
    }

    [Fact]
    public void TheResultsAreWrittenAsJUnit()
    {
        string junit = Path.Combine(_machine.Folder, "out.xml");
        Boot(Run.PlanOne, Run.BeginA, Run.PassA, Run.EndPassed, Run.PowerOff, Run.Shutdown, $"--junit={junit}");
        Assert.Equal("lock.a", Assert.Single(CosmosKernel.TestReport.ResultFile.Read(junit)).Name);
    }

    [Fact]
    public void ASignalEndsTheMachineAndIsStatus130()
    {
        MachineOptions machine = _machine.Options(@"out up\n", "hang");
        ProcessStartInfo start = new(
            Path.Combine(AppContext.BaseDirectory, "boot"), ["--kernel", machine.Kernel!, "--", .. machine.ExtraArguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["BOOT_QEMU"] = FakeMachine.FakeProgram;
        using Process process = Process.Start(start)!;
        Assert.Equal("up", process.StandardOutput.ReadLine());
        using Process kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);

        // The end of the stream comes when the last holder of the pipe, the emulator included, is gone.
        Assert.Contains("boot: stopped", process.StandardError.ReadToEnd(), StringComparison.Ordinal);
        process.WaitForExit();
        Assert.Equal(130, process.ExitCode);
    }

    /// <summary>Boots a scenario; steps that begin with two dashes are options.</summary>
    private (int Status, string Output, string Error) Boot(params string[] steps)
    {
        MachineOptions machine = _machine.Options(Array.FindAll(steps, step => !step.StartsWith("--", StringComparison.Ordinal)));
        string[] options = Array.FindAll(steps, step => step.StartsWith("--", StringComparison.Ordinal));
        return Programs.Start(
            "boot",
            new Dictionary<string, string> { ["BOOT_QEMU"] = FakeMachine.FakeProgram },
            ["--kernel", machine.Kernel!, .. options, "--", .. machine.ExtraArguments]);
    }
}
