using System;
using System.Threading.Tasks;
using CosmosKernel.BootHarness;
using Xunit;
using Xunit.Abstractions;

namespace CosmosKernel.Machines.Tests;

/// <summary>What the machines of this page have in common: which in-kernel tests they run, and how long that may take.</summary>
internal static class TestSelection
{
    /// <summary>Every test but the negative ones, half a minute of allocation storm included: on the machine that it is specified for, with 4 processors.</summary>
    public const string AllAndStorm = "test=*";

    /// <summary>Every test but the negative ones and the storm.</summary>
    public const string All = "test=boot.*,runtime.*,memory.*,sched.*,lock.*,thread.*,time.*,module.*,driver.*,figure.*";

    /// <summary>What depends on the machine: boot, interrupts and clocks, processors, devices.</summary>
    public const string MachineDependent = "test=boot.*,time.*,sched.*,driver.*";

    /// <summary>What depends on the number of processors.</summary>
    public const string Parallel = "test=boot.*,time.*,sched.*,thread.*,memory.*,lock.*";

    /// <summary>What depends on the size of the machine.</summary>
    public const string Sized = "test=boot.*,memory.*";

    /// <summary>What depends on clocks and interrupt controllers, which boot options choose.</summary>
    public const string Clocks = "test=boot.*,time.*";

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
    [InlineData(MachineType.Q35, 4, TestSelection.AllAndStorm)]
    [InlineData(MachineType.Q35, 8, TestSelection.Parallel)]
    [InlineData(MachineType.Pc, 1, TestSelection.All)]
    [InlineData(MachineType.Pc, 4, TestSelection.MachineDependent)]
    public Task TheInKernelTestsPass(MachineType machine, int cpus, string append) => TestMachine.RunTestsAsync(
        $"bios-{machine}-{cpus}".ToLowerInvariant(),
        TestSelection.Machine($"{append} {TestSelection.Parameters}") with { Iso = TestMachine.TestIso, Machine = machine, Cpus = cpus },
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
