using System;
using System.Globalization;
using System.Threading.Tasks;
using CosmosKernel.BootHarness;
using Xunit;
using Xunit.Abstractions;

namespace CosmosKernel.Machines.Tests;

/// <summary>The loadable kernel (docs/module-loading.md): it does what the normal one does, and loads modules.</summary>
public sealed class LoadableTests(ITestOutputHelper output)
{
    [Fact]
    public async Task ProgramsBehaveAsOnTheNormalKernel()
    {
        MachineOptions machine = new()
        {
            Kernel = TestMachine.LoadableKernel,
            Initrd = TestMachine.TestInitramfs,
            Append = "progs=thread.*,proc.*",
            Cpus = 2,
            MemoryMiB = 512,
            Timeout = TimeSpan.FromMinutes(10),
            TestTimeout = TimeSpan.FromMinutes(2),
        };
        await TestMachine.RunTestsAsync("loadable-programs", machine, output);
    }

    /// <summary>
    /// init_module, finit_module and delete_module, /proc/modules and /sys/module; nothing of a module stays. All of the area but <c>a_module_that_others_need_stays</c>, whose module asks reflection for the name of
    /// its type, which keeps its memory (docs/module-loading.md).
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public Task ModulesLoadAndUnload(int cpus) =>
        RunAsync("loadable-modules", cpus, "module.a_loader*,module.a_module_comes*,module.a_module_loads*,module.a_module_whose*,module.a_module_with*,module.modules_come*,module.all_of*,module.loading_needs*,module.parameters*,module.what_is*");

    /// <summary>In a machine of its own: each unloading looks for references to all modules whose memory is still there.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public Task LoadingAgainAndAgainLosesNoMemory(int cpus) => RunAsync("loadable-again", cpus, "module.loading_and_unloading*");

    private async Task RunAsync(string name, int cpus, string programs)
    {
        MachineOptions machine = new()
        {
            Kernel = TestMachine.LoadableKernel,
            Initrd = TestMachine.ModulePrograms,
            Append = "limit=150 progs=" + programs,
            Cpus = cpus,
            MemoryMiB = 512,
            Timeout = TimeSpan.FromMinutes(10),
            TestTimeout = TimeSpan.FromMinutes(3),
        };
        BootResult result = await TestMachine.RunTestsAsync(string.Create(CultureInfo.InvariantCulture, $"{name}-{cpus}"), machine, output);
        Assert.True(result.Count(TestOutcome.Skipped) == 0, $"a test of loading was skipped\n{result.Explain()}");
    }
    /// <summary>insmod, rmmod, lsmod, modprobe, modinfo of busybox (<c>Tests/LoadableModules/initramfs</c>), and those and depmod of Debian's kmod (<c>Tests/Programs/kmod</c>).</summary>
    [Theory]
    [InlineData("busybox", 2)]
    [InlineData("kmod", 1)]
    [InlineData("kmod", 4)]
    public async Task ToolsLoadAndUnload(string tools, int cpus)
    {
        MachineOptions machine = new()
        {
            Kernel = TestMachine.LoadableKernel,
            Initrd = tools == "kmod" ? TestMachine.KmodInitramfs : TestMachine.ModulesInitramfs,
            Append = tools == "kmod" ? "progs=kmod.* limit=290" : "",
            Cpus = cpus,
            MemoryMiB = 512,
            Timeout = TimeSpan.FromMinutes(10),
            TestTimeout = TimeSpan.FromMinutes(5),
        };
        await TestMachine.RunTestsAsync(string.Create(CultureInfo.InvariantCulture, $"loadable-{tools}-{cpus}"), machine, output);
    }
}
