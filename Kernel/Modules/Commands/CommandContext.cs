using System.Collections.Generic;
using System.Globalization;

namespace CosmosKernel.Modules.Commands;

/// <summary>What a running command sees of the console. For the command's own task.</summary>
public abstract class CommandContext
{
    /// <summary>The words behind the command's name.</summary>
    public abstract IReadOnlyList<string> Arguments { get; }

    /// <summary>Columns of the terminal as far as known; see <see cref="MeasureTerminal"/>.</summary>
    public abstract int Columns { get; }

    /// <summary>Columns and rows of the terminal, asked for just now; 80 by 25 when it does not answer. Takes up to 0.2 seconds.</summary>
    public abstract (int Columns, int Rows) MeasureTerminal();

    /// <summary>Writes text, with ANSI escape sequences if wanted.</summary>
    /// <exception cref="Tasks.TaskKilledException">Ctrl-C was pressed.</exception>
    public abstract void Write(string text);

    /// <summary>Waits for a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="deadline">Monotonic time in nanoseconds at which to give up.</param>
    /// <returns>False when the time was over.</returns>
    /// <exception cref="Tasks.TaskKilledException">Ctrl-C was pressed.</exception>
    public abstract bool ReadKey(out Key key, ulong deadline);

    /// <summary>Writes a line.</summary>
    /// <exception cref="Tasks.TaskKilledException">Ctrl-C was pressed.</exception>
    public void WriteLine(string line = "") => Write(line + "\n");

    /// <summary>Checks how many arguments there are.</summary>
    /// <exception cref="CommandUsageException">Too few or too many.</exception>
    public void ExpectArguments(int minimum, int maximum)
    {
        if (Arguments.Count < minimum)
        {
            throw new CommandUsageException("an argument is missing");
        }

        if (Arguments.Count > maximum)
        {
            throw new CommandUsageException($"unexpected argument '{Arguments[maximum]}'");
        }
    }

    /// <summary>Reads a whole number.</summary>
    /// <param name="what">What it is, for the message: <c>pid</c>.</param>
    /// <param name="text">What was typed.</param>
    /// <param name="minimum">Lowest allowed value.</param>
    /// <param name="maximum">Highest allowed value.</param>
    /// <exception cref="CommandUsageException">It is no number in the range.</exception>
    public static int ParseNumber(string what, string text, int minimum, int maximum)
    {
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= minimum && number <= maximum)
        {
            return number;
        }

        string range = maximum == int.MaxValue ? $"a number from {minimum} up" : $"a number from {minimum} to {maximum}";
        throw new CommandUsageException($"{what} '{text}': expected {range}");
    }
}
