using System;
using System.Collections.Generic;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Commands;
using CosmosKernel.Tasks;

namespace CosmosKernel.Console.Commands;

/// <summary>Starts tasks that do something to look at.</summary>
internal sealed class SpawnCommand : ConsoleCommand
{
    [Immutable]
    private static readonly SortedDictionary<string, Action> s_kinds = new(StringComparer.Ordinal)
    {
        ["busy"] = ExampleTasks.Busy,
        ["sleeper"] = ExampleTasks.Sleeper,
        ["yielder"] = ExampleTasks.Yielder,
        ["allocating"] = ExampleTasks.Allocating,
    };

    /// <inheritdoc/>
    public override string Name => "spawn";

    /// <inheritdoc/>
    public override string Usage => "KIND [-n COUNT] [-p PRIORITY]";

    /// <inheritdoc/>
    public override string Summary => "start example tasks: busy, sleeper, yielder, allocating";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Details =>
    [
        "busy         computes all the time",
        "sleeper      sleeps 100 ms, works 1 ms, and so on",
        "yielder      lets others run all the time",
        "allocating   makes objects all the time and keeps some",
        "-n COUNT     how many, 1 by default",
        "-p PRIORITY  100 to 139 for nice -20 to 19, 0 to 98 for fifo 99 to 1; 120 by default; they run until they are killed",
    ];

    /// <inheritdoc/>
    public override IEnumerable<string> Complete(IReadOnlyList<string> before) => before.Count == 0 ? s_kinds.Keys : before.Count % 2 == 1 ? ["-n", "-p"] : [];

    /// <inheritdoc/>
    [MightSleep]
    public override void Run(CommandContext context)
    {
        Dictionary<char, string> options = context.TakeOptions("np", out List<string> rest);
        if (rest.Count != 1)
        {
            throw new CommandUsageException(rest.Count == 0 ? "what kind of task?" : $"unexpected argument '{rest[1]}'");
        }

        if (!s_kinds.TryGetValue(rest[0], out Action? body))
        {
            throw new CommandUsageException($"kind '{rest[0]}': expected one of {string.Join(", ", s_kinds.Keys)}");
        }

        int count = options.TryGetValue('n', out string? number) ? CommandContext.ParseNumber("count", number, 1, TaskTable.Maximum) : 1;
        int priority = options.TryGetValue('p', out string? level) ? CommandContext.ParseNumber("priority", level, TaskPriority.Highest, TaskPriority.Lowest) : TaskPriority.Default;
        if (priority == TaskPriority.FirstNice - 1)
        {
            throw new CommandUsageException("priority 99: no policy has it");
        }

        List<string> pids = [];
        for (int i = 0; i < count; i++)
        {
            pids.Add(KernelTask.Start(new TaskOptions { Name = rest[0], Priority = priority, Detached = true }, body).Pid.ToString());
            KernelTask.Current.ThrowIfKilled();
        }

        context.WriteLine($"started {rest[0]}, pid {(count > 16 ? $"{pids[0]} to {pids[^1]}" : string.Join(' ', pids))}");
    }
}
