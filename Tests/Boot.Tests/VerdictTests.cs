using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosKernel.BootHarness;
using CosmosKernel.Tools.Elf;
using Xunit;

namespace CosmosKernel.Boot.Tests;

/// <summary>Each way in which a machine can end gets its own verdict.</summary>
public sealed class VerdictTests : IDisposable
{
    private readonly FakeMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task AnOrderlyPowerOffIsASuccess()
    {
        BootResult result = await _machine.BootAsync(@"out hello\n", Run.PowerOff, Run.Shutdown);
        Assert.Equal(Verdict.PoweredOff, result.Verdict);
        Assert.Equal(0, result.ExitStatus);
        Assert.Contains("hello", result.LastLines);
    }

    [Fact]
    public async Task APassedRunIsASuccessWithItsResults()
    {
        BootResult result = await _machine.BootAsync(
            Run.PlanOne, Run.BeginA, Run.PassA, Run.EndPassed, @"out ##figure lock.spin 21.5 instructions\n", Run.PowerOff, Run.Shutdown);
        Assert.Equal(Verdict.PoweredOff, result.Verdict);
        TestResult test = Assert.Single(result.Tests);
        Assert.Equal(("lock.a", TestOutcome.Passed, TimeSpan.FromTicks(15)), (test.Name, test.Outcome, test.GuestTime));
        Assert.Equal(new Figure("lock.spin", 21.5m, "instructions"), Assert.Single(result.Figures));
    }

    [Fact]
    public async Task AFailedTestFailsTheBootWithItsMessage()
    {
        BootResult result = await _machine.BootAsync(Run.PlanOne, Run.BeginA, Run.FailA, Run.EndFailed, Run.PowerOff, Run.Shutdown);
        Assert.Equal(Verdict.TestsFailed, result.Verdict);
        Assert.Equal(4, result.ExitStatus);
        Assert.Equal("expected 3\nfound 4", Assert.Single(result.Tests).Message);
        Assert.Contains("expected 3", result.Explain(), StringComparison.Ordinal);
        Assert.Contains(_machine.Log, result.Explain(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnAnnouncedPanicIsAPanicAndItsReportIsReadToTheEnd()
    {
        BootResult result = await _machine.BootAsync(
            Run.PlanOne, Run.BeginA, @"out \n##panic page fault at 0x10\n", @"out rip=1\n", @"out ##panic-end\n", "hang");
        Assert.Equal(Verdict.Panic, result.Verdict);
        Assert.Equal(1, result.ExitStatus);
        Assert.Equal("page fault at 0x10", result.Reason);
        Assert.Contains("rip=1", result.LastLines);
        Assert.True(result.Duration < TimeSpan.FromSeconds(60), "the end of the report ends the boot");
    }

    [Fact]
    public async Task APanicWithoutAnEndOfItsReportIsOverWhenTheMachineIsSilent()
    {
        BootResult result = await _machine.BootAsync(@"out ##panic x\n", "hang");
        Assert.Equal(Verdict.Panic, result.Verdict);
        Assert.True(result.Duration < TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task ADebugExitAfterAPanicIsAPanicEvenIfNoLineSaysSo()
    {
        BootResult result = await _machine.BootAsync(@"out hello\n", "exit 35");
        Assert.Equal(Verdict.Panic, result.Verdict);
    }

    [Fact]
    public async Task ADebugExitOfAnOrderlyKernelIsAPowerOff()
    {
        BootResult result = await _machine.BootAsync(Run.PowerOff, "exit 33");
        Assert.Equal(Verdict.PoweredOff, result.Verdict);
    }

    [Fact]
    public async Task AHangIsTimedOutAndSaysWhatWasRunningAndWhere()
    {
        // The time of the test counts: that of the boot may be over before the machine, a process of its own, has come to its test.
        MachineOptions options = _machine.Options(Run.PlanOne, Run.BeginA, "hang") with { TestTimeout = TimeSpan.FromSeconds(1) };
        BootResult result = await Machine.BootAsync(options);
        Assert.Equal(Verdict.TimedOut, result.Verdict);
        Assert.Equal(2, result.ExitStatus);
        Assert.Contains("lock.a was running", result.Reason, StringComparison.Ordinal);
        Assert.Contains("CPU 0 at 00000000deadbeef; CPU 1 at 0000000000000abc", result.Reason, StringComparison.Ordinal);
        Assert.Equal(TestOutcome.Missing, Assert.Single(result.Tests).Outcome);
        Assert.Contains("harness: RIP=00000000deadbeef", File.ReadAllText(_machine.Log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AHangNamesTheCodeThatEachProcessorIsIn()
    {
        MachineOptions options = _machine.Options("hang") with { Timeout = TimeSpan.FromSeconds(1) };
        ElfObjectWriter elf = new();
        int code = elf.AddSection(".text", new byte[16], ElfSectionFlags.Allocate | ElfSectionFlags.Execute, 16);
        elf.AddSymbol("Lock__Spin", code, 0xDEADBE00, 0x200, ElfSymbolType.Function);
        elf.AddSymbol("Lock__Enter", code, 0x1000, 0x100, ElfSymbolType.Function);
        File.WriteAllBytes(options.Kernel!, elf.Write());
        BootResult result = await Machine.BootAsync(options);
        Assert.Contains("CPU 0 at 00000000deadbeef Lock__Spin+0xef; CPU 1 at 0000000000000abc;", result.Reason, StringComparison.Ordinal);
        Assert.Contains("    0000000000001010 Lock__Enter+0xf", result.Stacks, StringComparison.Ordinal);
        Assert.DoesNotContain("0000000000000005", result.Stacks, StringComparison.Ordinal);
        Assert.Contains("Lock__Enter", result.Explain(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AHangOfATestIsSeenBeforeTheBootsOwnLimit()
    {
        MachineOptions options = _machine.Options(Run.PlanOne, Run.BeginA, "hang") with { TestTimeout = TimeSpan.FromSeconds(1) };
        BootResult result = await Machine.BootAsync(options);
        Assert.Equal(Verdict.TimedOut, result.Verdict);
        Assert.Contains("lock.a was not over after 1 s", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AGuestThatTalksForeverIsTimedOut()
    {
        // The limit counts from the start of the machine's process, which may need longer than that to say anything: then it gets more time.
        string[] steps = [.. Enumerable.Repeat(new[] { @"out still here\n", "wait 50" }, 2000).SelectMany(step => step)];
        int seconds = 1;
        BootResult result = await Machine.BootAsync(_machine.Options(steps) with { Timeout = TimeSpan.FromSeconds(seconds) });
        while (result.LastLines.Count == 0 && seconds < 60)
        {
            seconds *= 4;
            result = await Machine.BootAsync(_machine.Options(steps) with { Timeout = TimeSpan.FromSeconds(seconds) });
        }

        Assert.Equal(Verdict.TimedOut, result.Verdict);
        Assert.Contains("the last line was 'still here'", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnUnannouncedResetIsATripleFault()
    {
        BootResult result = await _machine.BootAsync(Run.PlanOne, Run.BeginA, "shutdown guest-reset");
        Assert.Equal(Verdict.TripleFault, result.Verdict);
        Assert.Equal(5, result.ExitStatus);
        Assert.Contains("00000000deadbeef", result.Registers, StringComparison.Ordinal);
        Assert.Contains("lock.a was running", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnAnnouncedResetIsAReboot()
    {
        BootResult result = await _machine.BootAsync(@"out ##reboot\n", "shutdown guest-reset");
        Assert.Equal(Verdict.Rebooted, result.Verdict);
        Assert.Equal(0, result.ExitStatus);
    }

    [Fact]
    public async Task AResetAfterAPanicIsStillAPanic()
    {
        BootResult result = await _machine.BootAsync(@"out ##panic first\n", "shutdown guest-reset");
        Assert.Equal(Verdict.Panic, result.Verdict);
    }

    [Fact]
    public async Task ATestThatThePlanCountsAndNobodyReportsIsMissing()
    {
        BootResult result = await _machine.BootAsync(
            @"out ##test plan 2\n", Run.BeginA, Run.PassA, Run.EndPassed, Run.PowerOff, Run.Shutdown);
        Assert.Equal(Verdict.MissingResult, result.Verdict);
        Assert.Equal(6, result.ExitStatus);
        Assert.Contains("2 tests were planned, but 1 reported", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARunWithoutItsEndIsMissing()
    {
        BootResult result = await _machine.BootAsync(Run.PlanOne, Run.BeginA, Run.PassA, Run.PowerOff, Run.Shutdown);
        Assert.Equal(Verdict.MissingResult, result.Verdict);
    }

    [Fact]
    public async Task TestsThatWereAskedForAndNeverPlannedAreMissing()
    {
        MachineOptions options = _machine.Options(Run.PowerOff, Run.Shutdown) with { Append = "quiet test=lock.*" };
        Assert.Equal(Verdict.MissingResult, (await Machine.BootAsync(options)).Verdict);
    }

    [Fact]
    public async Task UntilEndsTheBootAtAFinishedLine()
    {
        MachineOptions options = _machine.Options(@"out one\ntwo\n", "hang") with { Until = Run.Until("^two$") };
        BootResult result = await Machine.BootAsync(options);
        Assert.Equal(Verdict.UntilSeen, result.Verdict);
        Assert.Equal(0, result.ExitStatus);
    }

    [Fact]
    public async Task UntilSeesAPromptThatHasNoLineEnd()
    {
        MachineOptions options = _machine.Options(@"out one\ncosmos", "wait 50", "out > ", "hang") with { Until = Run.Until("cosmos> $") };
        Assert.Equal(Verdict.UntilSeen, (await Machine.BootAsync(options)).Verdict);
    }

    [Fact]
    public async Task UntilThatNeverComesIsMissing()
    {
        MachineOptions options = _machine.Options(Run.PowerOff, Run.Shutdown) with { Until = Run.Until("ready") };
        BootResult result = await Machine.BootAsync(options);
        Assert.Equal(Verdict.MissingResult, result.Verdict);
        Assert.Contains("ready", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UntilDoesNotHideAFailedTest()
    {
        MachineOptions options = _machine.Options(Run.PlanOne, Run.BeginA, Run.FailA, @"out ready\n", "hang") with { Until = Run.Until("ready") };
        Assert.Equal(Verdict.TestsFailed, (await Machine.BootAsync(options)).Verdict);
    }

    [Fact]
    public async Task AnEmulatorThatIsNotThereFailsWithItsName()
    {
        MachineOptions options = _machine.Options() with { Programs = new EmulatorPrograms("/nonexistent/qemu", "bochs") };
        BootResult result = await Machine.BootAsync(options);
        Assert.Equal(Verdict.EmulatorFailed, result.Verdict);
        Assert.Equal(7, result.ExitStatus);
        Assert.Contains("/nonexistent/qemu", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnEmulatorThatRefusesItsArgumentsFailsWithWhatItSaid()
    {
        BootResult result = await _machine.BootAsync("refuse could not load kernel: bad format");
        Assert.Equal(Verdict.EmulatorFailed, result.Verdict);
        Assert.Contains("bad format", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnEmulatorThatIsKilledFailsAndNamesTheSignal()
    {
        BootResult result = await _machine.BootAsync(@"out hello\n", "crash");
        Assert.Equal(Verdict.EmulatorFailed, result.Verdict);
        Assert.Contains("signal 9", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnEmulatorThatEndsWithoutTheGuestsWishFailsEvenWithStatusZero()
    {
        BootResult result = await _machine.BootAsync(@"out hello\n", "error out of memory", "exit 0");
        Assert.Equal(Verdict.EmulatorFailed, result.Verdict);
    }

    [Fact]
    public async Task GarbageLongLinesAndBrokenEncodingDoNotHideTheResults()
    {
        BootResult result = await _machine.BootAsync(
            @"out \xff\xfe\x00\x80 noise\n", "flood 300000", @"out \n", Run.PlanOne, @"out ##te", "wait 50", @"out st begin lock.a\r\n",
            @"out [ 1.0] text with ##test inside\n", @"out \e[1;32m##test pass lock.a ns=1500\e[0m\r\n", Run.EndPassed,
            @"out \xc3", @"out \xa9t\xc3\xa9\n", Run.PowerOff, Run.Shutdown);
        Assert.Equal(Verdict.PoweredOff, result.Verdict);
        Assert.Equal(TestOutcome.Passed, Assert.Single(result.Tests).Outcome);
        Assert.Contains("\u00e9t\u00e9", result.LastLines);
    }

    [Fact]
    public async Task ALastLineWithoutItsEndCounts()
    {
        BootResult result = await _machine.BootAsync("out ##panic cut off", "shutdown guest-reset");
        Assert.Equal(Verdict.Panic, result.Verdict);
    }

    [Fact]
    public async Task ABrokenProtocolLineIsAProblemWithItsNumber()
    {
        BootResult result = await _machine.BootAsync(@"out hello\n", @"out ##test pass\n", Run.PowerOff, Run.Shutdown);
        Assert.Equal(Verdict.MissingResult, result.Verdict);
        Assert.StartsWith("line 2:", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheLogKeepsTheCommandLineTheSerialBytesAndTheVerdict()
    {
        await _machine.BootAsync(@"out \xffraw\n", Run.PowerOff, Run.Shutdown);
        byte[] log = File.ReadAllBytes(_machine.Log);
        Assert.True(log.AsSpan().IndexOf([(byte)0xFF, (byte)'r', (byte)'a', (byte)'w']) > 0);
        string[] lines = File.ReadAllLines(_machine.Log);
        Assert.StartsWith("harness: " + FakeMachine.FakeProgram, lines[0], StringComparison.Ordinal);
        Assert.StartsWith("harness: powered off", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheObserverSeesTheBytesAndWhatIsRunning()
    {
        RecordingObserver observer = new();
        MachineOptions options = _machine.Options(@"out ##test plan 7\n", Run.BeginA, "hang") with { TestTimeout = TimeSpan.FromSeconds(1) };
        await Machine.BootAsync(options, observer);
        Assert.Equal("##test plan 7\n##test begin lock.a\n", observer.Serial);
        Assert.Contains(observer.Progress, line => line.Contains("0/7 lock.a", StringComparison.Ordinal));
    }

    [Fact]
    public async Task CancellingEndsTheMachine()
    {
        using CancellationTokenSource cancel = new();
        MachineOptions options = _machine.Options(@"out up\n", "hang");
        CancelAtOutput observer = new(cancel);
        Stopwatch clock = Stopwatch.StartNew();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Machine.BootAsync(options, observer, cancel.Token));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60));
    }

    private sealed class CancelAtOutput(CancellationTokenSource source) : IBootObserver
    {
        public void OnSerial(ReadOnlySpan<byte> bytes) => source.Cancel();

        public void OnProgress(BootProgress progress)
        {
        }
    }
}
