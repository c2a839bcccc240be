using System.Collections.Generic;
using CosmosKernel.Console.Text;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Commands;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Console.Commands;

/// <summary>Shows the CPUs.</summary>
internal sealed class CpusCommand : ConsoleCommand
{
    private const ulong SampleNanoseconds = 100_000_000;

    /// <inheritdoc/>
    public override string Name => "cpus";

    /// <inheritdoc/>
    public override string Summary => "show the CPUs and what they run";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Details =>
    [
        "READY     tasks that run or wait to run",
        "BUSY      share of the last 0.1 s that was not idle",
        "SWITCHES  from one task to another",
        "TIMER     clock interrupts; IRQS: all interrupts",
        "PULLED    tasks that balancing moved here",
    ];

    /// <inheritdoc/>
    [MightSleep]
    public override void Run(CommandContext context)
    {
        context.ExpectArguments(0, 0);
        Table table = new Table().Column("CPU", Alignment.Right).Column("APIC", Alignment.Right).Column("READY", Alignment.Right).Column("BUSY", Alignment.Right)
            .Column("SWITCHES", Alignment.Right).Column("TIMER", Alignment.Right).Column("IRQS", Alignment.Right).Column("PULLED", Alignment.Right).Column("RUNNING");
        ulong start = Clock.MonotonicNanoseconds;
        ulong[] idleAtStart = IdleTimes();
        KernelTask.Sleep(SampleNanoseconds);
        ulong[] idle = IdleTimes();
        ulong elapsed = Clock.MonotonicNanoseconds - start;
        for (int cpu = 0; cpu < idleAtStart.Length; cpu++)
        {
            RunQueue queue = RunQueues.Get(cpu)!;
            ulong idled = idle[cpu] - idleAtStart[cpu];
            CpuReport.TryGet(cpu, out CpuReport report);
            table.StyledRow(
                ReferenceEquals(queue.Running, queue.Idle) ? "" : Ansi.Green,
                cpu.ToString(),
                report.ApicId.ToString(),
                queue.Count.ToString(),
                Units.Percent(elapsed > idled ? elapsed - idled : 0, elapsed) + " %",
                queue.Switches.ToString(),
                queue.ClockInterrupts.ToString(),
                report.Interrupts.ToString(),
                queue.Pulled.ToString(),
                queue.Running.ToString());
        }

        context.WriteTable(table);
        context.WriteLine();
        context.WriteLine($"{Units.Count(RunQueues.Count, "CPU")}, {KernelVersion.ProcessorName}");
        string source = Clock.Source == ClockSource.Tsc ? $"TSC, {Clock.TscFrequency / 1e6:0.0} MHz" : Clock.Source.ToString().ToUpperInvariant();
        context.WriteLine($"clock: {source}; clock interrupts: {EventDevice()}; {(LocalApic.IsX2Apic ? "x2APIC" : "xAPIC")}");
    }

    private static string EventDevice() => ClockEvent.Device switch
    {
        ClockEventDevice.TscDeadline => "TSC deadline",
        ClockEventDevice.ApicTimer => "APIC timer",
        ClockEventDevice.HpetBroadcast => "HPET",
        ClockEventDevice.PitBroadcast => "PIT",
        _ => "none",
    };

    private static ulong[] IdleTimes()
    {
        ulong[] times = new ulong[RunQueues.Count];
        for (int cpu = 0; cpu < times.Length; cpu++)
        {
            RunQueue queue = RunQueues.Get(cpu)!;
            queue.UpdateAccounting();
            times[cpu] = queue.Idle.CpuTimeNanoseconds;
        }

        return times;
    }
}
