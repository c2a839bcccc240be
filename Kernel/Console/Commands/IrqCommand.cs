using CosmosKernel.Console.Text;
using CosmosKernel.Machine.Cpus;
using CosmosKernel.Machine.Interrupts;
using CosmosKernel.Modules.Commands;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Console.Commands;

/// <summary>Shows interrupts.</summary>
internal sealed class IrqCommand : ConsoleCommand
{
    /// <inheritdoc/>
    public override string Name => "irq";

    /// <inheritdoc/>
    public override string Summary => "show interrupts: who serves them, how many came";

    /// <inheritdoc/>
    public override void Run(CommandContext context)
    {
        context.ExpectArguments(0, 0);
        Table table = new Table().Column("VECTOR", Alignment.Right).Column("LINE", Alignment.Right).Column("COUNT", Alignment.Right).Column("UNCLAIMED", Alignment.Right).Column("HANDLER");
        for (int vector = Vectors.FirstDevice; vector <= Vectors.LastDevice; vector++)
        {
            int line = DeviceInterrupts.Line(vector);
            string unclaimed = DeviceInterrupts.Unclaimed(vector).ToString();
            for (InterruptHandler? handler = DeviceInterrupts.First(vector); handler is not null; handler = DeviceInterrupts.Next(handler))
            {
                table.Row(vector.ToString(), line < 0 ? "-" : line.ToString(), handler.Count.ToString(), unclaimed, handler.Name);
            }
        }

        ulong timer = 0;
        for (int cpu = 0; RunQueues.Get(cpu) is { } queue; cpu++)
        {
            timer += (ulong)queue.ClockInterrupts;
        }

        table.Row(Vectors.Timer.ToString(), "-", timer.ToString(), "0", "clock, all CPUs");
        table.Row(Vectors.ApicError.ToString(), "-", LocalApic.ErrorCount.ToString(), "0", "local APIC error");
        table.Row(Vectors.Spurious.ToString(), "-", LocalApic.SpuriousCount.ToString(), "0", "spurious");
        context.WriteTable(table);

        context.WriteLine();
        Table cpus = new Table().Column("CPU", Alignment.Right).Column("CLOCK", Alignment.Right).Column("ALL", Alignment.Right);
        for (int cpu = 0; RunQueues.Get(cpu) is { } queue; cpu++)
        {
            CpuReport.TryGet(cpu, out CpuReport report);
            cpus.Row(cpu.ToString(), queue.ClockInterrupts.ToString(), report.Interrupts.ToString());
        }

        context.WriteTable(cpus);
    }
}
