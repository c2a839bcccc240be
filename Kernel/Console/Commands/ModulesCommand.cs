using System;
using System.Collections.Generic;
using CosmosKernel.Console.Text;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules;
using CosmosKernel.Modules.Commands;

namespace CosmosKernel.Console.Commands;

/// <summary>Lists, starts and stops modules.</summary>
internal sealed class ModulesCommand : ConsoleCommand
{
    /// <inheritdoc/>
    public override string Name => "modules";

    /// <inheritdoc/>
    public override string Usage => "[start|stop NAME]";

    /// <inheritdoc/>
    public override string Summary => "list modules, start or stop one";

    /// <inheritdoc/>
    [MightSleep]
    public override IEnumerable<string> Complete(IReadOnlyList<string> before) => before.Count == 0 ? ["start", "stop"] : before.Count == 1 ? Names() : [];

    /// <inheritdoc/>
    [MightSleep]
    public override void Run(CommandContext context)
    {
        if (context.Arguments.Count == 0)
        {
            List(context);
            return;
        }

        context.ExpectArguments(2, 2);
        ModuleEntry module = ModuleRegistry.Find(context.Arguments[1]) ?? throw new CommandFailedException($"there is no module '{context.Arguments[1]}'");
        switch (context.Arguments[0])
        {
            case "start" when module.IsRunning:
                throw new CommandFailedException($"module '{module.About.Name}' runs already");
            case "start":
                if (!ModuleRegistry.Start(module))
                {
                    throw new CommandFailedException($"module '{module.About.Name}' did not start, see log");
                }

                break;
            case "stop":
                try
                {
                    ModuleRegistry.Stop(module);
                }
                catch (InvalidOperationException refused)
                {
                    throw new CommandFailedException(refused.Message);
                }

                break;
            default:
                throw new CommandUsageException($"expected start or stop, not '{context.Arguments[0]}'");
        }
    }

    private static void List(CommandContext context)
    {
        Table table = new Table().Column("NAME").Column("VERSION").Column("STATE").Column("TESTS", Alignment.Right).Column("DESCRIPTION");
        foreach (ModuleEntry module in ModuleRegistry.Modules)
        {
            string state = module.IsRunning ? "running" : module.Failure is null ? "stopped" : "failed";
            string style = module.IsRunning ? "" : module.Failure is null ? Ansi.Dim : Ansi.Red;
            table.StyledRow(style, module.About.Name, module.About.Version, state, module.Tests.Count.ToString(), module.About.Description);
        }

        context.WriteTable(table);
        foreach (ModuleEntry module in ModuleRegistry.Modules)
        {
            if (module.Failure is { } failure)
            {
                int end = failure.IndexOf('\n');
                context.WriteLine(Ansi.Style(Ansi.Red, $"{module.About.Name}: {(end < 0 ? failure : failure[..end])}"));
            }
        }
    }

    private static IEnumerable<string> Names()
    {
        foreach (ModuleEntry module in ModuleRegistry.Modules)
        {
            yield return module.About.Name;
        }
    }
}
