using System;
using System.Globalization;
using System.Threading.Tasks;
using CosmosKernel.BootHarness;
using Xunit;
using Xunit.Abstractions;

namespace CosmosKernel.Machines.Tests;

/// <summary>Programs of Debian's packages, unmodified: the scripts of <c>Tests/Programs/debian</c> print what they print on Linux (docs/programs.md).</summary>
public sealed class DebianTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task ProgramsOfDebianBehaveAsOnLinux(int cpus)
    {
        MachineOptions machine = new()
        {
            Kernel = TestMachine.Kernel,
            Initrd = TestMachine.DebianInitramfs,
            Append = "progs=debian.* limit=150",
            Cpus = cpus,
            MemoryMiB = 1024,
            Timeout = TimeSpan.FromMinutes(15),
            TestTimeout = TimeSpan.FromMinutes(3),
        };
        await TestMachine.RunTestsAsync(string.Create(CultureInfo.InvariantCulture, $"debian-{cpus}"), machine, output);
    }
}
