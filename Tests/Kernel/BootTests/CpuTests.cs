using System;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Smp;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Testing;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Tests.Boot;

/// <summary>All processors run, and each protects the kernel's memory.</summary>
public static class CpuTests
{
    /// <summary>Every CPU that firmware lists, up to <c>maxcpus=</c>, schedules; the figure lets the host compare with the machine that it made.</summary>
    [KernelTest("boot.every_listed_cpu_is_online")]
    public static void EveryListedCpuIsOnline()
    {
        int limit = KernelOptions.Has("nosmp") ? 1 : Math.Max(1, KernelOptions.GetNumber("maxcpus", Cpu.Maximum, 0, Cpu.Maximum));
        TestRunner.Figure("boot.cpus_online", RunQueues.Online.Count, "cpus");
        Check.Equal(Math.Min(CpuStartup.ListedCount, limit), RunQueues.Online.Count);
        Check.Equal(Cpu.Count, RunQueues.Online.Count);
    }

    /// <summary>A task that is bound to a CPU runs there.</summary>
    [KernelTest("boot.every_cpu_runs_tasks")]
    public static void EveryCpuRunsTasks()
    {
        bool[] ran = new bool[Cpu.Maximum];
        TestTasks.OnEveryCpu(cpu =>
        {
            using (Preemption.Disable())
            {
                ran[cpu] = Cpu.CurrentIndex == cpu;
            }
        });
        for (int cpu = 0; cpu < RunQueues.Count; cpu++)
        {
            Check.True(ran[cpu], $"a task ran on CPU {cpu}");
        }
    }

    /// <summary>Each CPU has turned on every protection of kernel memory that it has.</summary>
    [KernelTest("boot.every_cpu_has_its_protections_on")]
    public static void EveryCpuHasItsProtectionsOn() => TestTasks.OnEveryCpu(cpu =>
        Check.Equal(CpuProtection.Supported, CpuProtection.Active, $"protections of CPU {cpu}"));

    /// <summary>The local APICs are in x2APIC mode where the CPU has it and the boot line does not forbid it.</summary>
    [KernelTest("boot.x2apic_mode_is_used_where_there_is_one")]
    public static void X2ApicIsUsed()
    {
        Check.Equal(CpuId.HasX2Apic && !KernelOptions.Has("nox2apic"), LocalApic.IsX2Apic);
        uint[] ids = new uint[Cpu.Maximum];
        TestTasks.OnEveryCpu(cpu => ids[cpu] = LocalApic.CurrentId);
        Array.Sort(ids, 0, RunQueues.Count);
        for (int i = 1; i < RunQueues.Count; i++)
        {
            Check.True(ids[i - 1] < ids[i], "no two CPUs have one APIC id");
        }
    }

    /// <summary>Delivering interrupts and IPIs during the run so far caused no APIC error.</summary>
    [KernelTest("boot.no_apic_reports_an_error")]
    public static void NoApicReportsAnError() => Check.Equal(0ul, LocalApic.ErrorCount, $"APIC errors, the last one 0x{LocalApic.LastError:x}");
}
