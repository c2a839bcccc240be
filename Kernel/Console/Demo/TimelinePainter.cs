using System;
using System.Collections.Generic;
using System.Text;
using CosmosKernel.Console.Text;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Console.Demo;

/// <summary>
/// Draws rows of a timeline: each task is a letter on a colour of its own, so that the picture can be read without colours too. A dot is a task that is not in the
/// legend, a blank the idle task.
/// </summary>
public static class TimelinePainter
{
    // Black letters on the six colours, then on their bright forms.
    [Immutable]
    private static readonly string[] s_colours =
    [
        "\e[30;42m", "\e[30;43m", "\e[30;46m", "\e[30;45m", "\e[97;44m", "\e[97;41m", "\e[30;102m", "\e[30;103m", "\e[30;106m", "\e[30;105m", "\e[30;104m", "\e[30;101m",
    ];

    /// <summary>The longest span of a column, nanoseconds.</summary>
    public const ulong LongestSpan = 50_000_000;

    private const ulong ColumnsOfTurn = 6;

    /// <summary>The span of a column, in whole milliseconds, with which a turn of this length takes a few columns: 1, 2, 5, 10, 20 or 50 ms.</summary>
    /// <param name="turn">How long a task runs at a time, nanoseconds.</param>
    public static ulong Span(ulong turn)
    {
        foreach (ulong milliseconds in (ReadOnlySpan<ulong>)[1, 2, 5, 10, 20])
        {
            if (turn <= milliseconds * ColumnsOfTurn * 1_000_000)
            {
                return milliseconds * 1_000_000;
            }
        }

        return LongestSpan;
    }

    /// <summary>The letter of a task of the legend.</summary>
    public static char Letter(int index) => (char)('A' + (index % 26));

    /// <summary>A letter on its colour.</summary>
    public static string Key(int index) => Ansi.Style(s_colours[index % s_colours.Length], Letter(index).ToString());

    /// <summary>A row.</summary>
    /// <param name="pids">What ran in each column, as <see cref="Timeline.Sample"/> says.</param>
    /// <param name="legend">Index in the legend by pid.</param>
    public static string Row(ReadOnlySpan<int> pids, IReadOnlyDictionary<int, int> legend)
    {
        var text = new StringBuilder();
        string present = "";
        foreach (int pid in pids)
        {
            string style = "";
            char mark = pid <= 0 ? ' ' : '.';
            if (legend.TryGetValue(pid, out int index))
            {
                style = s_colours[index % s_colours.Length];
                mark = Letter(index);
            }

            if (style != present)
            {
                text.Append(Ansi.Reset).Append(style);
                present = style;
            }

            text.Append(mark);
        }

        return text.Append(present.Length > 0 ? Ansi.Reset : "").ToString();
    }

    /// <summary>A scale under the rows, with a time at every tenth column.</summary>
    /// <param name="columns">Columns of the rows.</param>
    /// <param name="span">Nanoseconds of a column, whole milliseconds.</param>
    public static string Scale(int columns, ulong span)
    {
        const int Step = 10;
        var text = new StringBuilder();
        for (int column = 0; column < columns; column += Step)
        {
            string label = $"|{(ulong)column * span / 1_000_000}";
            text.Append(' ', column - text.Length);
            if (column + Step >= columns && column + label.Length + 3 <= columns)
            {
                label += " ms";
            }

            text.Append(column + label.Length <= columns ? label : "|");
        }

        return text.ToString();
    }
}
