using System;
using System.Globalization;
using System.Threading.Tasks;
using CosmosKernel.BootHarness;
using Xunit;
using Xunit.Abstractions;

namespace CosmosKernel.Machines.Tests;

/// <summary>
/// Programs that press a kernel hard, as Debian and Microsoft ship them (docs/programs.md, "Programs under stress"): rt-tests, stress-ng with its own checks, and C# as machine code and on the stock runtime.
/// </summary>
public sealed class LoadTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("rt_tests", 1)]
    [InlineData("rt_tests", 4)]
    [InlineData("stress_*", 1)]
    [InlineData("stress_*", 2)]
    [InlineData("stress_*", 4)]
    [InlineData("dotnet_*", 1)]
    [InlineData("dotnet_native", 2)]
    [InlineData("dotnet_*", 4)]
    public async Task UnmodifiedProgramsRunUnderStress(string programs, int cpus)
    {
        MachineOptions machine = new()
        {
            Kernel = TestMachine.Kernel,
            Initrd = TestMachine.LoadInitramfs,
            Append = $"progs=load.{programs} limit=280",
            Cpus = cpus,
            MemoryMiB = 1024,

            // The stock runtime returns from its handlers of faults by IRETQ in user mode, which reads the stack as the kernel in QEMU 7.2: SMAP then refuses it, on Linux too.
            CpuModel = "max,-smap",
            Timeout = TimeSpan.FromMinutes(15),
            TestTimeout = TimeSpan.FromMinutes(5),
        };
        string name = string.Create(CultureInfo.InvariantCulture, $"load-{programs.Replace("_*", string.Empty, StringComparison.Ordinal)}-{cpus}");
        await TestMachine.RunTestsAsync(name, machine, output);
    }
}
