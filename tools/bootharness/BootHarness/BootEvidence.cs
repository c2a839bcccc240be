using System.Collections.Generic;
using System.Linq;
using CosmosKernel.BootHarness.Emulators;
using CosmosKernel.BootHarness.Protocol;

namespace CosmosKernel.BootHarness;

/// <summary>Why a boot is over.</summary>
internal abstract record Stop
{
    /// <summary>The emulator says how the machine ended.</summary>
    public sealed record Ended(MachineEnding Ending) : Stop;

    /// <summary>A limit has passed.</summary>
    public sealed record TimedOut(string What) : Stop;

    /// <summary>The input script cannot go on.</summary>
    public sealed record InputFailed(string Reason) : Stop;

    /// <summary>What the boot was for has been reached.</summary>
    public sealed record Reached(string What) : Stop;

    /// <summary>A panic has been reported, and the report is complete.</summary>
    public sealed record PanicReported : Stop;

    /// <summary>An announced reset has had its time.</summary>
    public sealed record Rebooted : Stop;
}

/// <summary>What is known when a boot is over, and the verdict that follows from it.</summary>
/// <param name="Stop">Why it is over.</param>
/// <param name="Tracker">What the kernel reported.</param>
/// <param name="Problems">What never came, and what broke the protocol.</param>
/// <param name="SeenInRun">What the emulator tells about the time before the end, for example a reset that it carried out; null if nothing.</param>
/// <param name="Running">What was running, as the end of a sentence.</param>
/// <param name="Positions">Where the processors are, as part of a sentence; may be empty.</param>
internal sealed record BootEvidence(
    Stop Stop, ProtocolTracker Tracker, IReadOnlyList<string> Problems, MachineEnding? SeenInRun, string Running, string Positions)
{
    /// <summary>The rules of docs/testing.md, "Exit statuses", in their order.</summary>
    public (Verdict Verdict, string Reason) Judge()
    {
        if (Tracker.Panic is { } panic)
        {
            return (Verdict.Panic, panic);
        }

        MachineEnding? ending = Stop is Stop.Ended ended ? ended.Ending : SeenInRun;
        if (ending?.End == MachineEnd.PanicExit)
        {
            return (Verdict.Panic, $"the kernel ended the machine as after a panic ({ending.Detail}), without a ##panic line{Running}");
        }

        bool reset = ending?.End is MachineEnd.TripleFault or MachineEnd.Reset;
        if (reset && !Tracker.RebootAnnounced)
        {
            return (Verdict.TripleFault, $"{ending!.Detail}, and the kernel announced no reboot{Positions}{Running}");
        }

        if (ending?.End == MachineEnd.Failure)
        {
            return (Verdict.EmulatorFailed, ending.Detail);
        }

        if (Stop is Stop.TimedOut timedOut)
        {
            return (Verdict.TimedOut, $"{timedOut.What}{Positions}{Running}");
        }

        if (Stop is Stop.InputFailed inputFailed)
        {
            return (Verdict.MissingResult, $"{inputFailed.Reason}{Positions}{Running}");
        }

        if (Problems.Count > 0)
        {
            return (Verdict.MissingResult, Problems[0]);
        }

        int failed = Tracker.Tests.Count(test => test.Outcome == TestOutcome.Failed);
        if (failed > 0)
        {
            return (Verdict.TestsFailed, $"{failed} of {Tracker.Tests.Count} failed");
        }

        return Stop switch
        {
            Stop.Reached reached => (Verdict.UntilSeen, reached.What),
            Stop.Rebooted => (Verdict.Rebooted, "as announced"),
            _ when reset => (Verdict.Rebooted, "as announced"),
            _ => (Verdict.PoweredOff, ending?.Detail ?? "as announced"),
        };
    }
}
