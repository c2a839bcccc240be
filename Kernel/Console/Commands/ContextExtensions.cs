using System.Collections.Generic;
using CosmosKernel.Console.Text;
using CosmosKernel.Modules.Commands;

namespace CosmosKernel.Console.Commands;

/// <summary>What the console's own commands write often.</summary>
internal static class ContextExtensions
{
    /// <summary>Writes a table.</summary>
    public static void WriteTable(this CommandContext context, Table table)
    {
        foreach (string line in table.Lines(context.Columns))
        {
            context.WriteLine(line);
        }
    }

    /// <summary>Writes a heading.</summary>
    public static void WriteHeading(this CommandContext context, string text) => context.WriteLine(Ansi.Style(Ansi.Bold, text));

    /// <summary>Writes names and values in two columns.</summary>
    public static void WriteValues(this CommandContext context, params (string Name, string Value)[] values)
    {
        int width = 0;
        foreach ((string name, _) in values)
        {
            width = name.Length > width ? name.Length : width;
        }

        foreach ((string name, string value) in values)
        {
            context.WriteLine($"  {Ansi.Style(Ansi.Dim, name.PadRight(width))}  {value}");
        }
    }

    /// <summary>Takes options of the form <c>-x VALUE</c> out of the arguments.</summary>
    /// <param name="context">The call.</param>
    /// <param name="allowed">Letters of the options that there are.</param>
    /// <param name="rest">The other arguments.</param>
    /// <returns>Values by letter.</returns>
    /// <exception cref="CommandUsageException">An option is unknown, given twice, or has no value.</exception>
    public static Dictionary<char, string> TakeOptions(this CommandContext context, string allowed, out List<string> rest)
    {
        Dictionary<char, string> options = [];
        rest = [];
        for (int i = 0; i < context.Arguments.Count; i++)
        {
            string argument = context.Arguments[i];
            if (argument.Length < 2 || argument[0] != '-' || char.IsAsciiDigit(argument[1]))
            {
                rest.Add(argument);
                continue;
            }

            if (argument.Length != 2 || !allowed.Contains(argument[1]))
            {
                throw new CommandUsageException($"unknown option '{argument}'");
            }

            if (++i == context.Arguments.Count)
            {
                throw new CommandUsageException($"option {argument} needs a value");
            }

            if (!options.TryAdd(argument[1], context.Arguments[i]))
            {
                throw new CommandUsageException($"option {argument} is given twice");
            }
        }

        return options;
    }
}
