using System;
using System.Collections.Generic;
using System.Text;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Console.Text;

/// <summary>Where the text of a column stands.</summary>
public enum Alignment
{
    /// <summary>At the left edge.</summary>
    Left,

    /// <summary>At the right edge, as numbers do.</summary>
    Right,
}

/// <summary>Text in aligned columns. A column is as wide as its widest cell; the last one is cut where the terminal ends.</summary>
[TaskPrivate]
public sealed class Table
{
    private const int Gap = 2;

    private readonly List<(string Title, Alignment Alignment)> _columns = [];
    private readonly List<(string[] Cells, string Style)> _rows = [];

    /// <summary>Adds a column. Before the rows.</summary>
    /// <param name="title">Its heading.</param>
    /// <param name="alignment">Where its text stands.</param>
    /// <returns>This table.</returns>
    public Table Column(string title, Alignment alignment = Alignment.Left)
    {
        _columns.Add((title, alignment));
        return this;
    }

    /// <summary>Adds a row.</summary>
    /// <exception cref="ArgumentException">The number of cells is not the number of columns.</exception>
    public void Row(params string[] cells) => StyledRow("", cells);

    /// <summary>Adds a row in a style of <see cref="Ansi"/>.</summary>
    /// <exception cref="ArgumentException">The number of cells is not the number of columns.</exception>
    public void StyledRow(string style, params string[] cells)
    {
        if (cells.Length != _columns.Count)
        {
            throw new ArgumentException($"{cells.Length} cells in a table of {_columns.Count} columns", nameof(cells));
        }

        _rows.Add((cells, style));
    }

    /// <summary>The lines of the table: headings, then rows.</summary>
    /// <param name="columns">Columns of the terminal.</param>
    public List<string> Lines(int columns)
    {
        int[] widths = new int[_columns.Count];
        for (int i = 0; i < widths.Length; i++)
        {
            widths[i] = TextWidth.Of(_columns[i].Title);
            foreach ((string[] cells, _) in _rows)
            {
                widths[i] = Math.Max(widths[i], TextWidth.Of(cells[i]));
            }
        }

        List<string> lines = [];
        string[] titles = _columns.ConvertAll(column => column.Title).ToArray();
        lines.Add(Ansi.Style(Ansi.Dim, Line(titles, widths, columns)));
        foreach ((string[] cells, string style) in _rows)
        {
            string line = Line(cells, widths, columns);
            lines.Add(style.Length == 0 ? line : Ansi.Style(style, line));
        }

        return lines;
    }

    private string Line(string[] cells, int[] widths, int columns)
    {
        var line = new StringBuilder();
        for (int i = 0; i < cells.Length; i++)
        {
            if (i > 0)
            {
                line.Append(' ', Gap);
            }

            bool last = i == cells.Length - 1;
            line.Append(_columns[i].Alignment == Alignment.Right ? TextWidth.PadLeft(cells[i], widths[i]) : last ? cells[i] : TextWidth.PadRight(cells[i], widths[i]));
        }

        return TextWidth.Fit(line.ToString().TrimEnd(), columns - 1);
    }
}
