using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace CosmosKernel.BootHarness;

/// <summary>How a boot ended. docs/testing.md, "Exit statuses".</summary>
public enum Verdict
{
    /// <summary>The kernel switched the machine off.</summary>
    PoweredOff,

    /// <summary>The kernel announced a reset, and the reset came.</summary>
    Rebooted,

    /// <summary>The line that <see cref="MachineOptions.Until"/> or the input script's <c>quit</c> waited for was reached.</summary>
    UntilSeen,

    /// <summary>The kernel announced a panic.</summary>
    Panic,

    /// <summary>Nothing ended the machine in time.</summary>
    TimedOut,

    /// <summary>The run is complete, and at least one in-kernel test failed.</summary>
    TestsFailed,

    /// <summary>The machine reset without the kernel's announcement.</summary>
    TripleFault,

    /// <summary>A result, the end of the run, the awaited line or an <c>expect</c> never came, or the protocol was broken.</summary>
    MissingResult,

    /// <summary>The emulator could not be started, died, or ended for no reason that the guest gave.</summary>
    EmulatorFailed,
}

/// <summary>What became of one in-kernel test.</summary>
public enum TestOutcome
{
    /// <summary>Reported as passed.</summary>
    Passed,

    /// <summary>Reported as failed.</summary>
    Failed,

    /// <summary>Reported as impossible on this machine.</summary>
    Skipped,

    /// <summary>Begun, and never reported.</summary>
    Missing,
}

/// <summary>One in-kernel test.</summary>
/// <param name="Name">Its name, area first.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="GuestTime">Time on the guest's clock, zero if it reported none.</param>
/// <param name="HostTime">Time on the host's clock, from begin line to result line.</param>
/// <param name="Message">Why it failed or was skipped; empty if it passed.</param>
public sealed record TestResult(string Name, TestOutcome Outcome, TimeSpan GuestTime, TimeSpan HostTime, string Message);

/// <summary>A measurement that the kernel reported.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Value">The value.</param>
/// <param name="Unit">One word.</param>
public sealed record Figure(string Name, decimal Value, string Unit);

/// <summary>Everything that is known about one boot when it is over.</summary>
public sealed record BootResult
{
    /// <summary>How it ended.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>One or more lines for people: why this is the verdict.</summary>
    public required string Reason { get; init; }

    /// <summary>The in-kernel tests in the order of their reports.</summary>
    public required IReadOnlyList<TestResult> Tests { get; init; }

    /// <summary>The measurements in the order of their reports.</summary>
    public required IReadOnlyList<Figure> Figures { get; init; }

    /// <summary>Violations of the line protocol and results that never came, each with its line number.</summary>
    public required IReadOnlyList<string> Problems { get; init; }

    /// <summary>Wall-clock time from the emulator's start to its end.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The last lines of the serial output.</summary>
    public required IReadOnlyList<string> LastLines { get; init; }

    /// <summary>The emulator's command line, for repeating the boot by hand.</summary>
    public required string CommandLine { get; init; }

    /// <summary>The registers of all processors after a hang or a triple fault, as QEMU prints them; empty otherwise.</summary>
    public string Registers { get; init; } = "";

    /// <summary>What the processors were doing then, and the code that their stacks point to; empty without symbols.</summary>
    public string Stacks { get; init; } = "";

    /// <summary>The full log, if one was asked for.</summary>
    public string? LogPath { get; init; }

    /// <summary>True if the machine ended on purpose and no test failed.</summary>
    public bool Succeeded => Verdict is Verdict.PoweredOff or Verdict.Rebooted or Verdict.UntilSeen;

    /// <summary>The exit status of <c>tools/boot</c>.</summary>
    public int ExitStatus => ExitStatusOf(Verdict);

    /// <summary>The exit status that stands for bad usage.</summary>
    public const int BadUsageStatus = 3;

    /// <summary>The exit status of <c>tools/boot</c> for a verdict.</summary>
    public static int ExitStatusOf(Verdict verdict) => verdict switch
    {
        Verdict.PoweredOff or Verdict.Rebooted or Verdict.UntilSeen => 0,
        Verdict.Panic => 1,
        Verdict.TimedOut => 2,
        Verdict.TestsFailed => 4,
        Verdict.TripleFault => 5,
        Verdict.MissingResult => 6,
        Verdict.EmulatorFailed => 7,
        _ => throw new ArgumentOutOfRangeException(nameof(verdict)),
    };

    /// <summary>The number of tests with an outcome.</summary>
    public int Count(TestOutcome outcome) => Tests.Count(test => test.Outcome == outcome);

    /// <summary>A paragraph for people: verdict, failed tests with their messages, problems, the last lines if it did not succeed, and the log's path.</summary>
    public string Explain()
    {
        StringBuilder text = new();
        text.Append(VerdictName(Verdict)).Append(": ").AppendLine(Reason);
        foreach (TestResult test in Tests.Where(test => test.Outcome is TestOutcome.Failed or TestOutcome.Missing))
        {
            text.Append("  ").Append(test.Name).Append(": ").AppendLine(test.Message.ReplaceLineEndings("\n    "));
        }

        // After a crash, what did not come any more explains nothing.
        bool crashed = Verdict is Verdict.Panic or Verdict.TripleFault or Verdict.EmulatorFailed;
        foreach (string problem in Problems.Where(problem => !crashed && problem != Reason))
        {
            text.Append("  ").AppendLine(problem);
        }

        if (!Succeeded && Verdict != Verdict.TestsFailed)
        {
            text.AppendLine("The last lines of the serial output:");
            foreach (string line in LastLines)
            {
                text.Append("  | ").AppendLine(line);
            }
        }

        if (Stacks.Length > 0)
        {
            text.AppendLine("The processors, and the code that their stacks point to:");
            foreach (string line in Stacks.TrimEnd().Split('\n'))
            {
                text.Append("  ").AppendLine(line.TrimEnd());
            }
        }

        if (LogPath is not null)
        {
            text.Append("Full log: ").AppendLine(LogPath);
        }

        return text.ToString();
    }

    /// <summary>The verdict in words.</summary>
    public static string VerdictName(Verdict verdict) => verdict switch
    {
        Verdict.PoweredOff => "powered off",
        Verdict.Rebooted => "rebooted",
        Verdict.UntilSeen => "reached",
        Verdict.Panic => "panic",
        Verdict.TimedOut => "timed out",
        Verdict.TestsFailed => "tests failed",
        Verdict.TripleFault => "triple fault",
        Verdict.MissingResult => "missing result",
        Verdict.EmulatorFailed => "emulator failed",
        _ => throw new ArgumentOutOfRangeException(nameof(verdict)),
    };
}
