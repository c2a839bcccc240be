using System;
using System.Collections.Generic;
using CosmosKernel.Console.Text;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Commands;

namespace CosmosKernel.Console.Commands;

/// <summary>Lists commands and explains them.</summary>
internal sealed class HelpCommand : ConsoleCommand
{
    /// <inheritdoc/>
    public override string Name => "help";

    /// <inheritdoc/>
    public override string Usage => "[COMMAND]";

    /// <inheritdoc/>
    public override string Summary => "list the commands, or explain one";

    /// <inheritdoc/>
    [MightSleep]
    public override IEnumerable<string> Complete(IReadOnlyList<string> before) => before.Count == 0 ? HelpNames() : [];

    /// <inheritdoc/>
    [MightSleep]
    public override void Run(CommandContext context)
    {
        context.ExpectArguments(0, 1);
        if (context.Arguments.Count == 1)
        {
            Explain(context, CommandRegistry.Find(context.Arguments[0]) ?? throw new CommandFailedException($"there is no command '{context.Arguments[0]}'"));
            return;
        }

        IReadOnlyList<ConsoleCommand> commands = CommandRegistry.All;
        int width = 0;
        foreach (ConsoleCommand command in commands)
        {
            width = Math.Max(width, command.Name.Length);
        }

        foreach (ConsoleCommand command in commands)
        {
            string name = Ansi.Style(Ansi.Cyan, command.Name) + new string(' ', width - command.Name.Length);
            context.WriteLine($"  {name}  {TextWidth.Fit(command.Summary, context.Columns - width - 5)}");
        }

        context.WriteLine();
        context.WriteLine("  help COMMAND tells more. Tab completes, arrows and Ctrl-R recall, Ctrl-C ends.");
    }

    private static string Call(ConsoleCommand command) => command.Usage.Length == 0 ? command.Name : command.Name + " " + command.Usage;

    private static void Explain(CommandContext context, ConsoleCommand command)
    {
        context.WriteLine($"{Ansi.Style(Ansi.Bold, Call(command))}");
        context.WriteLine($"  {command.Summary}");
        foreach (string line in command.Details)
        {
            context.WriteLine("  " + line);
        }
    }

    private static IEnumerable<string> HelpNames()
    {
        foreach (ConsoleCommand command in CommandRegistry.All)
        {
            yield return command.Name;
        }
    }
}
