using System.Collections.Generic;
using CosmosKernel.Modules.Commands;
using CosmosKernel.Tasks;
using CosmosKernel.Tasks.Scheduling;

namespace CosmosKernel.Console.Commands;

/// <summary>Shows and sets nice values.</summary>
internal sealed class NiceCommand : ConsoleCommand
{
    /// <inheritdoc/>
    public override string Name => "nice";

    /// <inheritdoc/>
    public override string Usage => "PID [NICE]";

    /// <inheritdoc/>
    public override string Summary => "show or set a nice value, -20 (urgent) to 19";

    /// <inheritdoc/>
    public override IEnumerable<string> Complete(IReadOnlyList<string> before) => before.Count == 0 ? TaskList.Pids() : [];

    /// <inheritdoc/>
    public override void Run(CommandContext context)
    {
        context.ExpectArguments(1, 2);
        TaskStruct task = TaskList.Find(context.Arguments[0]);
        if (context.Arguments.Count == 2)
        {
            task.SetNice(CommandContext.ParseNumber("nice value", context.Arguments[1], TaskPriority.MinimumNice, TaskPriority.MaximumNice));
        }

        string policy = task.GetScheduling().Policy.IsFair() ? "" : $", unused under its policy, {task.GetScheduling().Policy.Name()}";
        context.WriteLine($"{task}: nice {task.Nice}{policy}");
    }
}
