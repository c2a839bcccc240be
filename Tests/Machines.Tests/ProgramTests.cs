using System;
using System.Globalization;
using System.Threading.Tasks;
using CosmosKernel.BootHarness;
using Xunit;
using Xunit.Abstractions;

namespace CosmosKernel.Machines.Tests;

/// <summary>
/// The programs of <c>Tests/Programs</c> (docs/programs.md) on the kernel that users boot: the same initramfs passes on Linux. Areas are one boot each, so that a hang in one does not hide the others.
/// </summary>
public sealed class ProgramTests(ITestOutputHelper output)
{
    /// <summary>Each area on one and four CPUs; programs and their threads on two as well.</summary>
    public static TheoryData<string, int> Areas()
    {
        var data = new TheoryData<string, int>();
        foreach (string area in new[] { "proc", "signal", "thread", "memory", "pipe", "file", "futex", "event", "inotify", "time", "terminal", "sched", "ids", "ipc", "procfs", "vdso", "rseq", "security", "calls", "bad-input", "busybox", "classic", "dynamic", "exhaust", "socket", "device", "loop" })
        {
            data.Add(area, 1);
            if (area is "proc" or "signal" or "thread" or "futex" or "sched" or "busybox" or "classic" or "dynamic")
            {
                data.Add(area, 2);
            }

            data.Add(area, 4);
        }

        return data;
    }

    /// <summary>A minute of random system calls from a fixed seed (docs/robustness.md); <c>make fuzz</c> does it for longer, and with other seeds.</summary>
    [Fact]
    public async Task AMinuteOfRandomCallsLeavesNothingBehind()
    {
        MachineOptions machine = new()
        {
            Kernel = TestMachine.Kernel,
            Initrd = TestMachine.TestInitramfs,
            Append = "progs=fuzz.* limit=240 fuzz.seconds=60 fuzz.seed=1",
            Cpus = 4,
            MemoryMiB = 768,
            Timeout = TimeSpan.FromMinutes(10),
            TestTimeout = TimeSpan.FromMinutes(5),
        };
        await TestMachine.RunTestsAsync("programs-fuzz", machine, output);
    }

    [Theory]
    [MemberData(nameof(Areas))]
    public async Task ProgramsBehaveAsOnLinux(string area, int cpus)
    {
        MachineOptions machine = new()
        {
            Kernel = TestMachine.Kernel,
            Initrd = TestMachine.TestInitramfs,
            Append = $"progs={area}.*,musl.{area}.*" + (area == "exhaust" ? " limit=120" : area == "device" ? " video=1024x768" : ""),
            Cpus = cpus,
            // Little, where all of it is filled, which should not take long; much for a hundred thousand files: the root file system has as many inodes as half of memory has pages.
            MemoryMiB = area switch
            {
                "exhaust" => 256,
                "file" => 1024,
                _ => 512,
            },
            // A second serial line, for those who use one.
            CharacterDevices = area == "device" ? ["null,id=line"] : [],
            Devices = area == "device" ? ["isa-serial,chardev=line,index=1"] : [],
            Timeout = TimeSpan.FromMinutes(10),
            TestTimeout = TimeSpan.FromMinutes(2),
        };
        string name = string.Create(CultureInfo.InvariantCulture, $"programs-{area}-{cpus}");
        await TestMachine.RunTestsAsync(name, machine, output);
    }

    /// <summary>
    /// Processors that QEMU does not play, on Bochs: one without XSAVE, FSGSBASE, SMEP and SMAP (Penryn, 2008), one of another maker (Ryzen), one with process-context identifiers, the TSC deadline and AVX-512 (Skylake-X).
    /// </summary>
    [Theory]
    [InlineData("core2_penryn_t9600")]
    [InlineData("ryzen")]
    [InlineData("corei7_skylake_x")]
    public async Task ProgramsBehaveOnOtherProcessors(string model)
    {
        MachineOptions machine = new()
        {
            Iso = TestMachine.ProgramsIso,
            Emulator = EmulatorKind.Bochs,
            CpuModel = model,
            Append = "progs=signal.*,thread.*,memory.*",
            Cpus = 2,
            MemoryMiB = 512,
            Timeout = TimeSpan.FromMinutes(10),
            TestTimeout = TimeSpan.FromMinutes(2),
        };
        await TestMachine.RunTestsAsync($"programs-{model}", machine, output);
    }
}
