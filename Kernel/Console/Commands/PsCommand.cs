using System.Collections.Generic;
using CosmosKernel.Console.Text;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Commands;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Runtime;

namespace CosmosKernel.Console.Commands;

/// <summary>Lists tasks.</summary>
internal sealed class PsCommand : ConsoleCommand
{
    /// <inheritdoc/>
    public override string Name => "ps";

    /// <inheritdoc/>
    public override string Usage => "[-a]";

    /// <inheritdoc/>
    public override string Summary => "list tasks: state, CPU, policy, CPU time, stack use";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Details =>
    [
        "-a     idle tasks, too",
        "CPU    where the task runs or ran last",
        "POLICY other, batch, idle with the nice value; fifo, rr with the real-time priority; deadline; * runs with more, lent by who waits for it",
        "TIME   seconds on a CPU",
        "STACK  most that was ever used, of what there is",
        "WAIT   what a sleeping task waits for",
    ];

    /// <inheritdoc/>
    public override IEnumerable<string> Complete(IReadOnlyList<string> before) => before.Count == 0 ? ["-a"] : [];

    /// <inheritdoc/>
    [MightSleep]
    public override void Run(CommandContext context)
    {
        context.ExpectArguments(0, 1);
        bool idle = context.Arguments.Count == 1;
        if (idle && context.Arguments[0] != "-a")
        {
            throw new CommandUsageException($"unknown option '{context.Arguments[0]}'");
        }

        Table table = new Table().Column("PID", Alignment.Right).Column("STATE").Column("CPU", Alignment.Right).Column("POLICY")
            .Column("TIME", Alignment.Right).Column("STACK", Alignment.Right).Column("WAIT").Column("NAME");
        foreach (TaskStruct task in TaskList.All(idle))
        {
            (int used, int size) = task.StackUse;
            string stack = used == 0 ? "-" : $"{(used + 1023) / 1024}/{size / 1024} KiB";
            string wait = ManagedWait.Describe(task);
            string name = task.IsKilled && task.State < TaskState.Zombie ? task.Name + " (killed)" : task.Name;
            string style = task.IsOnCpu ? Ansi.Green : task.State >= TaskState.Zombie ? Ansi.Dim : "";
            table.StyledRow(
                style,
                task.Pid.ToString(),
                TaskList.State(task),
                task.Cpu.ToString(),
                TaskList.Policy(task),
                Units.Seconds(task.CpuTimeNanoseconds),
                stack,
                wait.Length == 0 ? "-" : wait,
                name);
        }

        context.WriteTable(table);
    }
}
