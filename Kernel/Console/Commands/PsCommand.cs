using System.Collections.Generic;
using CosmosKernel.Console.Text;
using CosmosKernel.Modules.Commands;
using CosmosKernel.Tasks;

namespace CosmosKernel.Console.Commands;

/// <summary>Lists tasks.</summary>
internal sealed class PsCommand : ConsoleCommand
{
    /// <inheritdoc/>
    public override string Name => "ps";

    /// <inheritdoc/>
    public override string Usage => "[-a]";

    /// <inheritdoc/>
    public override string Summary => "list tasks: state, CPU, priority, CPU time, stack use";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Details =>
    [
        "-a     idle tasks, too",
        "CPU    where the task runs or ran last",
        "PRI    priority, 0 (most urgent) to 139; 100 to 139 are the nice values",
        "TIME   seconds on a CPU",
        "STACK  most that was ever used, of what there is",
        "WAIT   what a sleeping task waits for",
    ];

    /// <inheritdoc/>
    public override IEnumerable<string> Complete(IReadOnlyList<string> before) => before.Count == 0 ? ["-a"] : [];

    /// <inheritdoc/>
    public override void Run(CommandContext context)
    {
        context.ExpectArguments(0, 1);
        bool idle = context.Arguments.Count == 1;
        if (idle && context.Arguments[0] != "-a")
        {
            throw new CommandUsageException($"unknown option '{context.Arguments[0]}'");
        }

        Table table = new Table().Column("PID", Alignment.Right).Column("STATE").Column("CPU", Alignment.Right).Column("PRI", Alignment.Right)
            .Column("NICE", Alignment.Right).Column("TIME", Alignment.Right).Column("STACK", Alignment.Right).Column("WAIT").Column("NAME");
        foreach (TaskStruct task in TaskList.All(idle))
        {
            (int used, int size) = task.StackUse;
            string stack = used == 0 ? "-" : $"{(used + 1023) / 1024}/{size / 1024} KiB";
            string wait = task.State is TaskState.Interruptible or TaskState.Uninterruptible ? task.WaitChannel : "";
            string name = task.IsKilled && task.State < TaskState.Zombie ? task.Name + " (killed)" : task.Name;
            string style = task.IsOnCpu ? Ansi.Green : task.State >= TaskState.Zombie ? Ansi.Dim : "";
            table.StyledRow(
                style,
                task.Pid.ToString(),
                TaskList.State(task),
                task.Cpu.ToString(),
                task.Priority.ToString(),
                TaskList.Nice(task),
                Units.Seconds(task.CpuTimeNanoseconds),
                stack,
                wait.Length == 0 ? "-" : wait,
                name);
        }

        context.WriteTable(table);
    }
}
