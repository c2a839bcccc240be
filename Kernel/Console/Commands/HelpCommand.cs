using System;
using System.Collections.Generic;
using CosmosKernel.Console.Text;
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
    public override IEnumerable<string> Complete(IReadOnlyList<string> before) => before.Count == 0 ? HelpNames() : [];

    /// <inheritdoc/>
    public override void Run(CommandContext context)
    {
        context.ExpectArguments(0, 1);
        if (context.Arguments.Count == 1)
        {
            Explain(context, CommandRegistry.Find(context.Arguments[0]) ?? throw new CommandFailedException($"there is no command '{context.Arguments[0]}'"));
            return;
        }

        int width = 0;
        foreach (ConsoleCommand command in CommandRegistry.All)
        {
            width = Math.Max(width, Call(command).Length);
        }

        foreach (ConsoleCommand command in CommandRegistry.All)
        {
            string call = Call(command);
            context.WriteLine($"  {Ansi.Style(Ansi.Cyan, command.Name)}{call[command.Name.Length..]}{new string(' ', width - call.Length)}  {command.Summary}");
        }

        context.WriteLine();
        context.WriteLine("  Tab completes, arrows and Ctrl-R recall lines, Ctrl-C ends a running command.");
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
