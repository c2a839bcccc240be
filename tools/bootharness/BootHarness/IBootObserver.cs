using System;
using CosmosKernel.BootHarness.Protocol;

namespace CosmosKernel.BootHarness;

/// <summary>Is told what happens while a machine runs. Called from one task at a time, which waits for it.</summary>
public interface IBootObserver
{
    /// <summary>The guest sent bytes on the first serial port.</summary>
    void OnSerial(ReadOnlySpan<byte> bytes);

    /// <summary>Called after each piece of output, and twice a second while there is none.</summary>
    /// <param name="progress">Where the boot is.</param>
    void OnProgress(BootProgress progress);
}

/// <summary>Where a boot is.</summary>
/// <param name="Elapsed">Since the emulator's start.</param>
/// <param name="Tracker">What the kernel has reported.</param>
/// <param name="LastLine">The last line that the guest sent, finished or not.</param>
/// <param name="AtLineStart">The guest's cursor is in the first column.</param>
public readonly record struct BootProgress(TimeSpan Elapsed, ProtocolTracker Tracker, string LastLine, bool AtLineStart)
{
    /// <summary>One line for people: what runs, for how long, how far the run is.</summary>
    public override string ToString()
    {
        int failed = 0;
        foreach (TestResult test in Tracker.Tests)
        {
            failed += test.Outcome is TestOutcome.Failed or TestOutcome.Missing ? 1 : 0;
        }

        string text = $"[{Elapsed.TotalSeconds:0} s]";
        if (Tracker.Planned > 0)
        {
            text += $" {Tracker.Reported}/{Tracker.Planned}{(failed > 0 ? $", {failed} failed" : "")}";
        }

        return Tracker.Running is { } name
            ? $"{text} {name} {(Elapsed - Tracker.RunningSince).TotalSeconds:0.0} s"
            : $"{text} {LastLine.Trim()}";
    }
}
