using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using CosmosKernel.BootHarness;
using CosmosKernel.BootHarness.Protocol;

namespace CosmosKernel.Boot.Tests;

/// <summary>Boots the fake emulator with a scenario, in a folder of its own.</summary>
internal sealed class FakeMachine : IDisposable
{
    /// <summary>A folder that is deleted at the end.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("boottest-").FullName;

    /// <summary>The program that plays QEMU and Bochs.</summary>
    public static string FakeProgram => Path.Combine(AppContext.BaseDirectory, "FakeEmulator");

    /// <summary>The full log of the last boot.</summary>
    public string Log => Path.Combine(Folder, "log");

    /// <summary>Options that start the fake in place of QEMU.</summary>
    public MachineOptions Options(params string[] steps)
    {
        string scenario = Path.Combine(Folder, "scenario");
        string kernel = Path.Combine(Folder, "kernel.elf");
        File.WriteAllLines(scenario, steps);
        File.WriteAllText(kernel, "");
        return new MachineOptions
        {
            Kernel = kernel,
            Programs = new EmulatorPrograms(FakeProgram, FakeProgram),
            ExtraArguments = ["--scenario", scenario],
            LogPath = Log,
            Timeout = TimeSpan.FromMinutes(2),
        };
    }

    /// <summary>Options that start the fake in place of Bochs.</summary>
    public MachineOptions BochsOptions(params string[] steps)
    {
        string iso = Path.Combine(Folder, "boot.iso");
        File.WriteAllText(iso, "");
        return Options(steps) with { Kernel = null, Iso = iso, Emulator = EmulatorKind.Bochs };
    }

    /// <summary>Boots a scenario in place of QEMU.</summary>
    public Task<BootResult> BootAsync(params string[] steps) => Machine.BootAsync(Options(steps));

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

/// <summary>Remembers what it is told.</summary>
internal sealed class RecordingObserver : IBootObserver
{
    private readonly MemoryStream _serial = new();

    public string Serial => Encoding.UTF8.GetString(_serial.ToArray());

    public List<string> Progress { get; } = [];

    public void OnSerial(ReadOnlySpan<byte> bytes) => _serial.Write(bytes);

    public void OnProgress(BootProgress progress) => Progress.Add(progress.ToString());
}

/// <summary>Shorthand for the scenarios of a run of tests.</summary>
internal static class Run
{
    public const string PlanOne = @"out ##test plan 1\n";
    public const string BeginA = @"out ##test begin lock.a\n";
    public const string PassA = @"out ##test pass lock.a ns=1500\n";
    public const string FailA = @"out ##test fail lock.a ns=1500 message=expected 3%0Afound 4\n";
    public const string EndPassed = @"out ##test end passed=1 failed=0 skipped=0\n";
    public const string EndFailed = @"out ##test end passed=0 failed=1 skipped=0\n";
    public const string PowerOff = @"out ##poweroff\n";
    public const string Shutdown = "shutdown guest-shutdown";

    /// <summary>Matches a regular expression as <c>--until</c> would.</summary>
    public static Regex Until(string pattern) => InputScript.ParseRegex(pattern);

    /// <summary>Feeds lines to a tracker and closes it.</summary>
    public static ProtocolTracker Track(params string[] lines)
    {
        ProtocolTracker tracker = new();
        foreach (string line in lines)
        {
            tracker.Accept(line, TimeSpan.Zero);
        }

        tracker.Complete(testsExpected: true, TimeSpan.FromSeconds(1));
        return tracker;
    }
}
