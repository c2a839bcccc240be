using System.Collections.Generic;
using CosmosKernel.Console.Text;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Commands;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Console.Commands;

/// <summary>Shows the CPUs.</summary>
internal sealed class CpusCommand : ConsoleCommand
{
    /// <inheritdoc/>
    public override string Name => "cpus";

    /// <inheritdoc/>
    public override string Summary => "show the CPUs and what they run";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Details =>
    [
        "READY     tasks that run or wait to run",
        "BUSY      share of the time since boot that was not idle",
        "SWITCHES  from one task to another",
        "TIMER     clock interrupts; IRQS: all interrupts",
        "PULLED    tasks that balancing moved here",
    ];

    /// <inheritdoc/>
    public override void Run(CommandContext context)
    {
        context.ExpectArguments(0, 0);
        Table table = new Table().Column("CPU", Alignment.Right).Column("APIC", Alignment.Right).Column("READY", Alignment.Right).Column("BUSY", Alignment.Right)
            .Column("SWITCHES", Alignment.Right).Column("TIMER", Alignment.Right).Column("IRQS", Alignment.Right).Column("PULLED", Alignment.Right).Column("RUNNING");
        for (int cpu = 0; RunQueues.Get(cpu) is { } queue; cpu++)
        {
            queue.UpdateAccounting();
            ulong now = Clock.MonotonicNanoseconds;
            ulong idle = queue.Idle.CpuTimeNanoseconds;
            CpuReport.TryGet(cpu, out CpuReport report);
            table.StyledRow(
                ReferenceEquals(queue.Running, queue.Idle) ? "" : Ansi.Green,
                cpu.ToString(),
                report.ApicId.ToString(),
                queue.Count.ToString(),
                Units.Percent(now > idle ? now - idle : 0, now) + " %",
                queue.Switches.ToString(),
                queue.ClockInterrupts.ToString(),
                report.Interrupts.ToString(),
                queue.Pulled.ToString(),
                queue.Running.ToString());
        }

        context.WriteTable(table);
        context.WriteLine();
        context.WriteLine($"{Units.Count(RunQueues.Count, "CPU")}, {KernelVersion.ProcessorName}");
        context.WriteLine($"clock: {Clock.Source}, TSC {Clock.TscFrequency / 1e6:0.0} MHz; timer: {ClockEvent.Device}; {(LocalApic.IsX2Apic ? "x2APIC" : "xAPIC")}");
    }
}
