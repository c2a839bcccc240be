using System;
using System.Threading.Tasks;
using CosmosKernel.BootHarness;
using Xunit;
using Xunit.Abstractions;

namespace CosmosKernel.Machines.Tests;

/// <summary>What the machines of this page have in common: which in-kernel tests they run, and how long that may take.</summary>
internal static class TestSelection
{
    /// <summary>Every test but the negative and the long ones.</summary>
    public const string Everything = "test=*,!soak.*,!figure.pauses.*";

    /// <summary>Half a minute of allocation storm, or what a slow host takes for the least work, and the proof that it would find a leak.</summary>
    public const string Storm = "test=soak.memory_stays_level_in_an_allocation_storm,soak.storm_finds_*";

    /// <summary>Every test that depends on no instruction counting.</summary>
    public const string All = "test=boot.*,runtime.*,memory.*,sched.*,lock.*,thread.*,time.*,module.*,driver.*,figure.*,!figure.pauses.*";

    /// <summary>What depends on the machine: boot, interrupts and clocks, processors, devices.</summary>
    public const string MachineDependent = "test=boot.*,time.*,sched.*,driver.*";

    /// <summary>What depends on the number of processors.</summary>
    public const string Parallel = "test=boot.*,time.*,sched.*,thread.*,memory.*,lock.*";

    /// <summary>What depends on the size of the machine.</summary>
    public const string Sized = "test=boot.*,memory.*";

    /// <summary>What depends on clocks and interrupt controllers, which boot options choose.</summary>
    public const string Clocks = "test=boot.*,time.*";

    /// <summary>What the scheduling classes promise, with exact times.</summary>
    public const string Policies = "test=policy.*";

    /// <summary>Values for the parameters of the module that tests parameters: good ones, and options that nobody knows.</summary>
    public const string Parameters = "module-tests.level=7 module-tests.size=0x7fffffffff module-tests.verbose module-tests.label=abc nonsense=1 nonsense2";

    /// <summary>Bad values for them.</summary>
    public const string BadParameters = "module-tests.level=12 module-tests.size=many module-tests.verbose=perhaps";

    /// <summary>A machine with the limits of a test run.</summary>
    public static MachineOptions Machine(string append) => new()
    {
        Append = append,
        Timeout = TimeSpan.FromMinutes(10),
        TestTimeout = TimeSpan.FromMinutes(3),
    };
}

/// <summary>The in-kernel tests on QEMU with BIOS, from the ISO.</summary>
public sealed class BiosMachines(ITestOutputHelper output)
{
    [Theory]
    [InlineData(MachineType.Q35, 1, TestSelection.MachineDependent)]
    [InlineData(MachineType.Q35, 2, TestSelection.MachineDependent)]
    [InlineData(MachineType.Q35, 4, TestSelection.Everything)]
    [InlineData(MachineType.Q35, 8, TestSelection.Parallel)]
    [InlineData(MachineType.Pc, 1, TestSelection.All)]
    [InlineData(MachineType.Pc, 4, TestSelection.MachineDependent)]
    public Task TheInKernelTestsPass(MachineType machine, int cpus, string append) => TestMachine.RunTestsAsync(
        $"bios-{machine}-{cpus}".ToLowerInvariant(),
        TestSelection.Machine($"{append} {TestSelection.Parameters}") with { Iso = TestMachine.TestIso, Machine = machine, Cpus = cpus },
        output);
}

/// <summary>The heap's storm on the machine that it is specified for, by itself: threads and pools that other tests leave behind are no part of what it measures.</summary>
public sealed class StormMachine(ITestOutputHelper output)
{
    [Fact]
    public Task MemoryStaysLevelWhileFourProcessorsAllocate() => TestMachine.RunTestsAsync(
        "storm-4",
        TestSelection.Machine($"{TestSelection.Storm} {TestSelection.Parameters}") with { Iso = TestMachine.TestIso, Cpus = 4, Timeout = TimeSpan.FromMinutes(20), TestTimeout = TimeSpan.FromMinutes(8) },
        output);
}

/// <summary>The in-kernel tests on QEMU with UEFI, from the ISO.</summary>
public sealed class UefiMachines(ITestOutputHelper output)
{
    [Theory]
    [InlineData(MachineType.Q35, 1, TestSelection.MachineDependent)]
    [InlineData(MachineType.Q35, 2, TestSelection.All)]
    [InlineData(MachineType.Q35, 8, TestSelection.Clocks)]
    [InlineData(MachineType.Pc, 4, TestSelection.MachineDependent)]
    public Task TheInKernelTestsPass(MachineType machine, int cpus, string append) => TestMachine.RunTestsAsync(
        $"uefi-{machine}-{cpus}".ToLowerInvariant(),
        TestSelection.Machine(append) with { Iso = TestMachine.TestIso, Machine = machine, Cpus = cpus, Firmware = FirmwareKind.Uefi },
        output);
}

/// <summary>The in-kernel tests on QEMU, the kernel loaded directly (PVH).</summary>
public sealed class DirectMachines(ITestOutputHelper output)
{
    [Theory]
    [InlineData(MachineType.Q35, 1, TestSelection.All)]
    [InlineData(MachineType.Q35, 8, TestSelection.All)]
    [InlineData(MachineType.Pc, 2, TestSelection.MachineDependent)]
    public Task TheInKernelTestsPass(MachineType machine, int cpus, string append) => TestMachine.RunTestsAsync(
        $"direct-{machine}-{cpus}".ToLowerInvariant(),
        TestSelection.Machine($"{append} {TestSelection.BadParameters}") with { Kernel = TestMachine.TestKernel, Machine = machine, Cpus = cpus },
        output);

    [Theory]
    [InlineData("maxcpus=2", 2)]
    [InlineData("nosmp", 1)]
    [InlineData("nox2apic lapic=notscdeadline", 4)]
    [InlineData("clocksource=hpet", 4)]
    [InlineData("clocksource=acpi_pm noapictimer hpet=disable", 4)]
    [InlineData("acpi=off", 1)]
    public async Task BootOptionsAreObeyed(string option, int cpus)
    {
        string name = "option-" + option.Split(' ', '=')[0] + (option.Contains("acpi_pm", StringComparison.Ordinal) ? "-pm" : "");
        BootResult result = await TestMachine.ExpectAsync(
            Verdict.PoweredOff,
            name,
            TestSelection.Machine($"{TestSelection.Clocks} {option}") with { Kernel = TestMachine.TestKernel, Cpus = 4 },
            output);
        Assert.Equal(cpus, Assert.Single(result.Figures, figure => figure.Name == "boot.cpus_online").Value);
    }

    [Fact]
    public Task TimeThatCountsInstructionsIsNoOtherTime() => TestMachine.RunTestsAsync(
        "direct-q35-icount",
        TestSelection.Machine(TestSelection.MachineDependent) with { Kernel = TestMachine.TestKernel, InstructionCounting = true },
        output);
}

/// <summary>The tests of the scheduling classes, where times are exact: one CPU that counts instructions. Among them ten seconds of guest time, 10^10 instructions.</summary>
public sealed class InstructionCountingMachines(ITestOutputHelper output)
{
    [Fact]
    public Task SchedulingClassesKeepTheirPromises() => TestMachine.RunTestsAsync(
        "direct-q35-icount-policies",
        TestSelection.Machine(TestSelection.Policies) with { Kernel = TestMachine.TestKernel, InstructionCounting = true, MemoryMiB = 1024, TestTimeout = TimeSpan.FromMinutes(8) },
        output);

    /// <summary>Five CPUs that take turns: one watches, four work. Skipped tests would not be seen, so that the figure is asked for.</summary>
    [Fact]
    public async Task NoCpuIdlesWhileATaskWaits()
    {
        BootResult result = await TestMachine.ExpectAsync(
            Verdict.PoweredOff,
            "direct-q35-icount-idle",
            TestSelection.Machine("test=policy.*_idles_* policy-tests.counted") with { Kernel = TestMachine.TestKernel, InstructionCounting = true, Cpus = 5 },
            output);
        Assert.InRange(Assert.Single(result.Figures, figure => figure.Name == "policy.longest_idle_while_others_wait").Value, 0, 4_000_000);
    }
}

/// <summary>The virtio network card on QEMU's own network, modern, legacy, without messages, and with so few buffers that its queue is full all the time.</summary>
public sealed class NetworkMachines(ITestOutputHelper output)
{
    [Theory]
    [InlineData("modern", MachineType.Q35, 4, "disable-legacy=on", "")]
    [InlineData("legacy", MachineType.Pc, 2, "disable-legacy=off", "virtio.legacy=1 virtio_net.depth=4")]
    [InlineData("few", MachineType.Q35, 1, "disable-legacy=on", "virtio.nomsix=1 virtio_net.depth=4")]
    public async Task AVirtioCardSendsAndReceives(string name, MachineType type, int cpus, string device, string options)
    {
        BootResult result = await TestMachine.ExpectAsync(
            Verdict.PoweredOff,
            $"net-virtio-{name}",
            TestSelection.Machine($"test=driver.virtio_net_*,module.network_* {options}") with
            {
                Kernel = TestMachine.TestKernel,
                Machine = type,
                Cpus = cpus,
                Devices = [$"virtio-net-pci,netdev=n,mac=52:54:00:12:34:56,{device}"],
                ExtraArguments = ["-netdev", "user,id=n"],
            },
            output);

        // With the card nothing is skipped.
        Assert.Equal(0, result.Count(TestOutcome.Skipped));
    }
}

/// <summary>Machines of unusual size.</summary>
public sealed class SizedMachines(ITestOutputHelper output)
{
    [Theory]
    [InlineData(64, 2)]
    [InlineData(65536, 2)]
    public Task SmallAndLargeMemoryIsUsed(int memoryMiB, int cpus) => TestMachine.RunTestsAsync(
        $"memory-{memoryMiB}",
        TestSelection.Machine(TestSelection.Sized) with { Kernel = TestMachine.TestKernel, MemoryMiB = memoryMiB, Cpus = cpus },
        output);

    /// <summary>The test asserts itself what a task may cost; this one that it was not left out, and that stacks come back in batches: a thousand for each time that all CPUs are
    /// asked to forget them. What remains of the time is the host's: one with five times as many runnable threads as CPUs, which stops virtual CPUs for up to twenty seconds, needed 340 s, so nothing is said of the time here.</summary>
    [Fact]
    public async Task AHundredThousandTasksLiveInFourGibibytes()
    {
        BootResult result = await TestMachine.ExpectAsync(
            Verdict.PoweredOff,
            "tasks-100000",
            TestSelection.Machine("test=thread.a_hundred_thousand_live_tasks") with
            {
                Kernel = TestMachine.TestKernel,
                MemoryMiB = 4096,
                Cpus = 4,
                Timeout = TimeSpan.FromMinutes(15),
                TestTimeout = TimeSpan.FromMinutes(14),
            },
            output);
        Assert.InRange(Assert.Single(result.Figures, figure => figure.Name == "thread.memory_per_task").Value, 16 * 1024, 24 * 1024);
        Assert.InRange(Assert.Single(result.Figures, figure => figure.Name == "thread.shootdowns_for_100000_ends").Value, 1, 200);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(64)]
    public Task ManyProcessorsStart(int cpus) => TestMachine.RunTestsAsync(
        $"cpus-{cpus}",
        TestSelection.Machine(TestSelection.Clocks) with { Kernel = TestMachine.TestKernel, MemoryMiB = 1024, Cpus = cpus },
        output);
}

/// <summary>The in-kernel tests on Bochs, whose processor checks what QEMU's does not.</summary>
public sealed class BochsMachines(ITestOutputHelper output)
{
    [Fact]
    public Task TheInKernelTestsPassOnTwoProcessors() => TestMachine.RunTestsAsync(
        "bochs-2",
        TestSelection.Machine(TestSelection.MachineDependent) with { Iso = TestMachine.TestIso, Emulator = EmulatorKind.Bochs, Cpus = 2, MemoryMiB = 256 },
        output);
}
