using System.Collections.Generic;
using CosmosKernel.Modules.Commands;
using CosmosKernel.Tasks;

namespace CosmosKernel.Console.Commands;

/// <summary>Asks tasks to end.</summary>
internal sealed class KillCommand : ConsoleCommand
{
    /// <inheritdoc/>
    public override string Name => "kill";

    /// <inheritdoc/>
    public override string Usage => "PID|NAME...";

    /// <inheritdoc/>
    public override string Summary => "ask tasks to end";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Details =>
    [
        "A name stands for all tasks that have it.",
        "A task ends at its next sleep, or where it looks whether it was asked to.",
        "ps shows those that were asked and still run.",
    ];

    /// <inheritdoc/>
    public override IEnumerable<string> Complete(IReadOnlyList<string> before) => [.. TaskList.Pids(), .. TaskList.Names()];

    /// <inheritdoc/>
    public override void Run(CommandContext context)
    {
        context.ExpectArguments(1, int.MaxValue);
        List<TaskStruct> tasks = [];
        foreach (string word in context.Arguments)
        {
            tasks.AddRange(TaskList.FindAll(word));
        }

        foreach (TaskStruct task in tasks)
        {
            if (ReferenceEquals(task, TaskTree.Root) || KernelShell.Owns(task))
            {
                throw new CommandFailedException($"{task} is needed by the kernel");
            }

            if (task.IsRuntimeThread)
            {
                throw new CommandFailedException($"{task} is .NET's own and works for everybody");
            }
        }

        foreach (TaskStruct task in tasks)
        {
            task.Kill();
        }
    }
}
