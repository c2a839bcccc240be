using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using CosmosKernel.BootHarness;
using Xunit;
using Xunit.Abstractions;

namespace CosmosKernel.Machines.Tests;

/// <summary>Kernels that fail on purpose: the harness has to see each failure for what it is.</summary>
public sealed class NegativeTests(ITestOutputHelper output)
{
    [Fact]
    public async Task AFailingTestIsSeenWithItsMessage()
    {
        BootResult result = await ExpectAsync(Verdict.TestsFailed, "negative.fail");
        TestResult test = Assert.Single(result.Tests);
        Assert.Equal(("negative.fail", TestOutcome.Failed), (test.Name, test.Outcome));
        Assert.NotEmpty(test.Message);
    }

    [Fact]
    public async Task APanicIsSeenWithRegistersAndSourceLines() => AssertReport(await ExpectAsync(Verdict.Panic, "negative.panic"));

    [Fact]
    public async Task AHangIsSeenWithTheTestThatHangs()
    {
        BootResult result = await ExpectAsync(Verdict.TimedOut, "negative.hang", testSeconds: 20);
        Assert.Contains("negative.hang was running", result.Reason, StringComparison.Ordinal);
        Assert.Contains("RIP=", result.Registers, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AStackOverflowIsAPanicThatSaysSo()
    {
        BootResult result = await ExpectAsync(Verdict.Panic, "negative.stack-overflow");
        Assert.Contains("stack overflow", result.Reason, StringComparison.OrdinalIgnoreCase);
        AssertReport(result);
    }

    [Fact]
    public async Task ANullDereferenceInAnInterruptIsAPanic() => AssertReport(await ExpectAsync(Verdict.Panic, "negative.null-in-interrupt"));

    [Fact]
    public async Task AnUnannouncedResetIsATripleFault()
    {
        BootResult result = await ExpectAsync(Verdict.TripleFault, "negative.triple-fault");
        Assert.Contains("negative.triple-fault", result.Explain(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnUnhandledExceptionEndsItsTaskAndTheKernelLives()
    {
        BootResult result = await ExpectAsync(Verdict.TestsFailed, "negative.unhandled-exception");
        Assert.Contains(result.LastLines, line => line.EndsWith(
            "module negative-tests 1.0.0: exception in task 'thrower', which ends: System.InvalidOperationException: thrown on purpose", StringComparison.Ordinal));
        Assert.Contains("the kernel lived", Assert.Single(result.Tests).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ASoftLockupNamesTheTaskThatKeepsItsCpu()
    {
        BootResult result = await ExpectAsync(Verdict.Panic, "negative.soft-lockup", "watchdog_thresh=1 softlockup_panic=1");
        string report = File.ReadAllText(result.LogPath!);
        Assert.Matches(@"watchdog: BUG: soft lockup - CPU#\d stuck for \d+s!", report);
        Assert.Contains("SpinForALongTime in ", report, StringComparison.Ordinal);
        AssertReport(result);
    }

    /// <summary>With the threshold that is there without an option: a processor that the host lets stand still for a second or two must not look like one whose interrupts are off.</summary>
    [Fact]
    public async Task AHardLockupNamesTheTaskThatKeepsInterruptsOff()
    {
        BootResult result = await ExpectAsync(Verdict.Panic, "negative.hard-lockup", "hardlockup_panic=1");
        string report = File.ReadAllText(result.LogPath!);
        Assert.Matches(@"watchdog: BUG: hard lockup - CPU#\d stuck for \d+s!", report);
        Assert.Contains("SpinForALongTime in ", report, StringComparison.Ordinal);
        AssertReport(result);
    }

    [Fact]
    public async Task AHungTaskIsNamedWithItsStack()
    {
        BootResult result = await ExpectAsync(Verdict.TestsFailed, "negative.hung-task", "hung_task_timeout_secs=1");
        string report = File.ReadAllText(result.LogPath!);
        Assert.Matches(@"INFO: task hanger:\d+ blocked for more than \d+ seconds, on never given", report);
        Assert.Contains("HangsATask", report, StringComparison.Ordinal);
    }

    private Task<BootResult> ExpectAsync(Verdict verdict, string test, string options = "", int testSeconds = 150) => TestMachine.ExpectAsync(
        verdict,
        test,
        new MachineOptions
        {
            Kernel = TestMachine.TestKernel,
            Append = $"test={test} {options}",
            Cpus = 2,
            Timeout = TimeSpan.FromMinutes(5),
            TestTimeout = TimeSpan.FromSeconds(testSeconds),
        },
        output);

    /// <summary>A panic can be read without any tool: registers, the task, the processors, method names and source lines.</summary>
    private static void AssertReport(BootResult result)
    {
        string report = string.Join('\n', result.LastLines);
        Assert.Matches(@"(?i)\brip\b", report);
        Assert.Matches(@"(?i)\btask\b", report);
        Assert.Matches(@"(?i)\bcpu ?1\b", report);
        Assert.Matches(@"\.cs:\d+", report);
        Assert.Contains("##panic-end", result.LastLines);
    }
}
