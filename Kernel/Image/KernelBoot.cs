using CosmosKernel.Machine;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Memory;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Consoles;
using CosmosKernel.Modules.Devices;
using CosmosKernel.Modules.Log;
using CosmosKernel.Runtime.Heap;
using CosmosKernel.Runtime.Services;
using CosmosKernel.Runtime.Startup;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Deferred;
using CosmosKernel.Tasks.Deferred.Work;
using CosmosKernel.Tasks.ReadCopyUpdate;
using CosmosKernel.Tasks.Runtime;
using CosmosKernel.Tasks.Scheduling;
using CosmosKernel.Tasks.Watchdogs;

namespace CosmosKernel.Image;

/// <summary>The order in which the kernel comes up; docs/architecture.md, "Boot order", explains each step.</summary>
public static class KernelBoot
{
    // Between two looks whether all CPUs schedule, and before giving the missing ones up.
    private const ulong LookNanoseconds = 100_000;
    private const ulong LongestCpuStart = 60_000_000_000;

    /// <summary>From the boot loader to whole C#: machine, memory, heap, runtime. No allocation, cast or class constructor before the end.</summary>
    /// <param name="loaderMagic">What the boot loader left in EAX.</param>
    /// <param name="information">Physical address of its information.</param>
    [BeforePublication]
    public static void StartMachine(uint loaderMagic, ulong information)
    {
        MachineStart.Initialize(loaderMagic, information);
        MemoryStart.Initialize();
        HeapStart.Initialize();
        RuntimeStartup.Initialize();
    }

    /// <summary>Interrupts, clocks, scheduler, other CPUs, modules; then what the boot options ask for. The boot task goes on as <see cref="KernelMission"/> says.</summary>
    [BeforePublication]
    [MightSleep]
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

        ReadSchedulingLimits();
        int limit = KernelOptions.Has("nosmp") ? 1 : KernelOptions.GetNumber("maxcpus", Cpu.Maximum, 0, Cpu.Maximum);
        int cpus = MemoryStart.StartOtherCpus(limit < 1 ? 1 : limit);
        AwaitSchedulers(cpus);
        KernelLog.Info($"{RunQueues.Count} CPU{(RunQueues.Count == 1 ? "" : "s")} online");

        DeferredLog.Install();
        ModuleFaults.Install();
        DeferredWork.Start();
        WorkQueues.Start();
        Rcu.Start();
        StartWatchdogs();
        RootTree.Start();
        PciBus.Scan();
        modules.Register();
        KernelOptions.WarnOfUnknown();
        ModuleRegistry.StartAll();
        KernelMission.Run(modules.Program);
    }

    // A CPU that has come up has yet to make its run queue: who looks at the CPUs from here on sees all of them.
    [MightSleep]
    private static void AwaitSchedulers(int cpus)
    {
        ulong end = Clock.MonotonicNanoseconds + LongestCpuStart;
        while (RunQueues.Count < cpus && Clock.MonotonicNanoseconds < end)
        {
            KernelTask.Sleep(LookNanoseconds);
        }

        if (RunQueues.Count < cpus)
        {
            KernelLog.Error($"{cpus} CPUs have come up, and after {LongestCpuStart / 1_000_000_000} s only {RunQueues.Count} of them schedule");
        }
    }

    // Linux's options. Hung tasks are looked for only when asked: the kernel's own service tasks and all waits of .NET sleep uninterruptibly for as long as there is nothing to do.
    [BeforePublication]
    private static void StartWatchdogs()
    {
        const int Hour = 3600;
        int threshold = KernelOptions.Has("nowatchdog") ? 0 : KernelOptions.GetNumber("watchdog_thresh", Watchdog.DefaultThreshold, 0, 60);
        Watchdog.Start(
            threshold,
            KernelOptions.GetNumber("softlockup_panic", 0, 0, 1) != 0,
            KernelOptions.GetNumber("hardlockup_panic", 0, 0, 1) != 0,
            KernelOptions.GetNumber("hung_task_timeout_secs", 0, 0, 24 * Hour));
    }

    // Linux's sysctls, and its way to set them on the boot line.
    private static void ReadSchedulingLimits()
    {
        const ulong Microsecond = 1_000;
        int period = KernelOptions.GetNumber("sysctl.kernel.sched_rt_period_us", 1_000_000, 1_000, 1_000_000_000);
        int runtime = KernelOptions.GetNumber("sysctl.kernel.sched_rt_runtime_us", (int)(period * 95L / 100), -1, period);
        SchedulingLimits.RealTimePeriod = (ulong)period * Microsecond;
        SchedulingLimits.RealTimeRuntime = runtime < 0 ? SchedulingLimits.Unlimited : (ulong)runtime * Microsecond;
        SchedulingLimits.RoundRobinSlice = (ulong)KernelOptions.GetNumber("sysctl.kernel.sched_rr_timeslice_ms", 100, 1, 10_000) * 1_000 * Microsecond;
    }
}
