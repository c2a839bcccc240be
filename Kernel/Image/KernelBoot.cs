using CosmosKernel.Machine;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Memory;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Consoles;
using CosmosKernel.Modules.Log;
using CosmosKernel.Runtime.Heap;
using CosmosKernel.Runtime.Services;
using CosmosKernel.Runtime.Startup;
using CosmosKernel.Tasks.Runtime;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Image;

/// <summary>The order in which the kernel comes up; docs/architecture.md, "Boot order", explains each step.</summary>
public static class KernelBoot
{
    /// <summary>From the boot loader to whole C#: machine, memory, heap, runtime. No allocation, cast or class constructor before the end.</summary>
    /// <param name="loaderMagic">What the boot loader left in EAX.</param>
    /// <param name="information">Physical address of its information.</param>
    public static void StartMachine(uint loaderMagic, ulong information)
    {
        MachineStart.Initialize(loaderMagic, information);
        MemoryStart.Initialize();
        HeapStart.Initialize();
        RuntimeStartup.Initialize();
    }

    /// <summary>Interrupts, clocks, scheduler, other CPUs, modules; then what the boot options ask for. The boot task goes on as <see cref="KernelMission"/> says.</summary>
    public static void StartSystem(ModuleSource modules)
    {
        MemoryStart.ProvideStacks();
        Platform.Initialize();
        DeviceInterrupts.Initialize();
        SchedulerStart.BootCpu();
        TaskRuntimeServices.Install();
        TaskPanic.Install();
        InterruptFlag.Enable();

        KernelConsole.AddOutput(new EarlyOutput());
        ConsoleDevice.Instance = new StandardConsole();
        KernelOptions.Initialize();
        KernelLog.ConsoleLevel = KernelOptions.Has("quiet") ? LogLevel.Warning : (LogLevel)KernelOptions.GetNumber("loglevel", (int)LogLevel.Info, 0, 7);
        PanicPolicy.Configure(KernelOptions.Has("test"), KernelOptions.GetNumber("panic", 0, int.MinValue, int.MaxValue));

        int limit = KernelOptions.Has("nosmp") ? 1 : KernelOptions.GetNumber("maxcpus", Cpu.Maximum, 0, Cpu.Maximum);
        int cpus = MemoryStart.StartOtherCpus(limit < 1 ? 1 : limit);
        KernelLog.Info($"{cpus} CPU{(cpus == 1 ? "" : "s")} online");

        modules.Register();
        KernelOptions.WarnOfUnknown();
        ModuleRegistry.StartAll();
        KernelMission.Run(modules.Program);
    }
}
