using System;
using System.IO;
using System.Threading.Tasks;
using CosmosKernel.BootHarness;
using CosmosKernel.BootHarness.Emulators;
using Xunit;

namespace CosmosKernel.Boot.Tests;

/// <summary>Bochs tells how a machine ended in its log only.</summary>
public sealed class BochsVerdictTests : IDisposable
{
    private readonly FakeMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task TheSoftPowerOffInTheLogIsAPowerOff()
    {
        BootResult result = await Machine.BootAsync(_machine.BochsOptions(
            @"out hello\r\n", "log 00228747755p[ACPI  ] >>PANIC<< ACPI control: soft power off", "exit 1"));
        Assert.Equal(Verdict.PoweredOff, result.Verdict);
        Assert.Contains("hello", result.LastLines);
    }

    [Fact]
    public async Task TheThirdExceptionInTheLogIsATripleFault()
    {
        BootResult result = await Machine.BootAsync(_machine.BochsOptions(
            "log 0p[CPU0  ] >>PANIC<< exception(): 3rd (13) exception with no resolution", "exit 1"));
        Assert.Equal(Verdict.TripleFault, result.Verdict);
    }

    [Fact]
    public async Task AResetThatBochsCarriesOutItselfIsSeenThoughTheMachineGoesOn()
    {
        BootResult result = await Machine.BootAsync(_machine.BochsOptions(
            "log 0i[SYS   ] bx_pc_system_c::Reset(HARDWARE) called",
            "log 0i[SYS   ] bx_pc_system_c::Reset(HARDWARE) called",
            Run.PlanOne,
            Run.BeginA,
            "hang") with
        { TestTimeout = TimeSpan.FromSeconds(1) });
        Assert.Equal(Verdict.TripleFault, result.Verdict);
    }

    [Fact]
    public async Task AnAnnouncedResetEndsTheBoot()
    {
        BootResult result = await Machine.BootAsync(_machine.BochsOptions(@"out ##reboot\r\n", "hang"));
        Assert.Equal(Verdict.Rebooted, result.Verdict);
    }

    [Fact]
    public async Task AnyOtherEndIsTheEmulatorsFailure()
    {
        BootResult result = await Machine.BootAsync(_machine.BochsOptions("log 0p[MEM0  ] >>PANIC<< ROM: couldn't open ROM image file", "exit 1"));
        Assert.Equal(Verdict.EmulatorFailed, result.Verdict);
        Assert.Contains("couldn't open ROM", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheSerialPortCanBeTypedAt()
    {
        MachineOptions options = _machine.BochsOptions("out > ", "read", "log 0p[ACPI  ] >>PANIC<< ACPI control: soft power off", "exit 1")
            with
        { Input = InputScript.Parse("expect > $\nsend ps\nexpect ^ps$") };
        Assert.Equal(Verdict.PoweredOff, (await Machine.BootAsync(options)).Verdict);
    }

    [Fact]
    public void TheConfigurationHasTheMachineThatWasAskedFor()
    {
        MachineOptions options = _machine.BochsOptions() with { Cpus = 2, MemoryMiB = 256, CpuModel = "corei7_haswell_4770" };
        string[] lines = BochsConfiguration.Build(options, options.Iso!, 4321, "/tmp/b.log").Split('\n');
        Assert.Contains("megs: 256", lines);
        Assert.Contains(lines, line => line.StartsWith("cpu: model=corei7_haswell_4770, count=2,", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.EndsWith("mode=socket-client, dev=localhost:4321", StringComparison.Ordinal));
        Assert.Contains($"ata0-master: type=cdrom, path=\"{Path.GetFullPath(options.Iso!)}\", status=inserted", lines);
    }
}
