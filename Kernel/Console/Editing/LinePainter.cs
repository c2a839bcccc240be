using System;
using System.Collections.Generic;
using System.Text;
using CosmosKernel.Console.Text;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Console.Editing;

/// <summary>
/// Shows a prompt and a line in one row of the terminal, with as few bytes as it takes. A line that is longer than the row is shown in part: the part around
/// the cursor. Knows what the row shows now; <see cref="Forget"/> says that this is no longer so.
/// </summary>
[Owned]
public sealed class LinePainter
{
    private string _prompt = "";
    private string _shown = "";
    private int _column;
    private int _first;
    private bool _known;

    /// <summary>What shows the same again in an empty row.</summary>
    public string Row => "\r" + _prompt + _shown + Ansi.ClearToEndOfLine + Ansi.Left(TextWidth.Of(_shown) - _column);

    /// <summary>The row shows something else, and the cursor is in its first column.</summary>
    public void Forget()
    {
        _known = false;
        _first = 0;
    }

    /// <summary>Writes what makes the row show this.</summary>
    /// <param name="output">Takes the bytes.</param>
    /// <param name="prompt">Before the line; may have escape sequences.</param>
    /// <param name="promptColumns">Columns that it takes.</param>
    /// <param name="line">The line.</param>
    /// <param name="columns">Columns of the terminal.</param>
    public void Paint(StringBuilder output, string prompt, int promptColumns, LineBuffer line, int columns)
    {
        int room = columns - promptColumns - 1;
        _first = FirstVisible(line, room < 4 ? 4 : room);
        string visible = Visible(line.Runes, room < 4 ? 4 : room);
        int column = Columns(line.Runes, _first, line.Cursor);
        bool grows = visible.StartsWith(_shown, StringComparison.Ordinal) && (visible.Length == _shown.Length || _column == TextWidth.Of(_shown));
        bool isSmall = _known && prompt == _prompt && grows;
        if (isSmall)
        {
            // Only more text at the end, or a move.
            output.Append(visible, _shown.Length, visible.Length - _shown.Length);
            int at = visible.Length > _shown.Length ? TextWidth.Of(visible) : _column;
            output.Append(column < at ? Ansi.Left(at - column) : Ansi.Right(column - at));
        }

        (_prompt, _shown, _column, _known) = (prompt, visible, column, true);
        if (!isSmall)
        {
            output.Append(Row);
        }
    }

    /// <summary>Writes what takes the cursor behind the shown text and to the next row.</summary>
    public void End(StringBuilder output)
    {
        output.Append(Ansi.Right(TextWidth.Of(_shown) - _column)).Append('\n');
        Forget();
    }

    // The part that is shown moves only when the cursor would leave it.
    private int FirstVisible(LineBuffer line, int room)
    {
        int first = _first;
        if (line.Cursor < first || Columns(line.Runes, 0, line.Runes.Count) <= room)
        {
            first = Columns(line.Runes, 0, line.Runes.Count) <= room ? 0 : line.Cursor;
        }

        while (Columns(line.Runes, first, line.Cursor) > room)
        {
            first++;
        }

        return first;
    }

    private string Visible(IReadOnlyList<Rune> runes, int room)
    {
        var text = new StringBuilder();
        int width = 0;
        for (int i = _first; i < runes.Count; i++)
        {
            width += TextWidth.Of(runes[i]);
            if (width > room)
            {
                break;
            }

            text.Append(runes[i].ToString());
        }

        return text.ToString();
    }

    private static int Columns(IReadOnlyList<Rune> runes, int from, int to)
    {
        int width = 0;
        for (int i = from; i < to; i++)
        {
            width += TextWidth.Of(runes[i]);
        }

        return width;
    }
}
