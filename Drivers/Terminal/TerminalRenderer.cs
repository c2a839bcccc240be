using System;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Drivers.Terminal;

/// <summary>
/// Brings a display up to date: keeps what it shows, and draws only cells that differ from it. So a scrolled screen costs what its text differs from the line above,
/// and the display's memory, slow to read, is only written. Not synchronized.
/// </summary>
[Owned]
public sealed class TerminalRenderer
{
    private readonly TerminalScreen _screen;
    private readonly TerminalDisplay _display;
    private readonly Cell[] _shown;
    private (int Row, int Column, CursorShape Shape)? _cursor;

    /// <summary>Draws the whole screen at the next <see cref="Update"/>.</summary>
    /// <param name="screen">The model, of the display's size.</param>
    /// <param name="display">What shows it.</param>
    public TerminalRenderer(TerminalScreen screen, TerminalDisplay display)
    {
        if (screen.Columns != display.Columns || screen.Rows != display.Rows)
        {
            throw new ArgumentException($"the screen has {screen.Columns} by {screen.Rows} cells, the display {display.Columns} by {display.Rows}");
        }

        _screen = screen;
        _display = display;
        _shown = new Cell[screen.Columns * screen.Rows];
        Redraw();
    }

    /// <summary>Forgets what is shown: the next <see cref="Update"/> draws everything.</summary>
    public void Redraw()
    {
        // No cell that a program can write is equal to this one.
        _shown.AsSpan().Fill(new Cell(-1, default, default, CellAttributes.None));
        _cursor = null;
        _screen.DamageAll();
    }

    /// <summary>Draws what has changed.</summary>
    public void Update()
    {
        (int row, int column) = _screen.Cursor;
        (int Row, int Column, CursorShape Shape)? wanted = _screen.IsCursorVisible ? (row, column, _screen.CursorShape) : null;
        bool cursorChanges = wanted != _cursor;
        for (int i = 0; i < _screen.Rows; i++)
        {
            (int first, int end) = _screen.TakeDamage(i);
            if (first < end)
            {
                // Whatever is drawn under the cursor takes the cursor away.
                cursorChanges |= DrawRow(i, first, end);
            }
        }

        if (!cursorChanges)
        {
            return;
        }

        if (_cursor is { } old)
        {
            _display.Draw(old.Row, old.Column, _screen.Row(old.Row).Slice(old.Column, 1));
        }

        _cursor = wanted;
        if (wanted is { } now)
        {
            _display.DrawCursor(now.Row, now.Column, _screen.Row(now.Row)[now.Column], now.Shape);
        }
        else
        {
            _display.HideCursor();
        }
    }

    // True when it drew over the cursor.
    private bool DrawRow(int row, int first, int end)
    {
        ReadOnlySpan<Cell> cells = _screen.Row(row);
        Span<Cell> shown = _shown.AsSpan(row * _screen.Columns, _screen.Columns);
        bool overCursor = false;
        for (int column = first; column < end; column++)
        {
            if (shown[column] == cells[column])
            {
                continue;
            }

            int start = column;
            while (column < end && shown[column] != cells[column])
            {
                shown[column] = cells[column];
                column++;
            }

            _display.Draw(row, start, cells[start..column]);
            overCursor |= _cursor is { } cursor && cursor.Row == row && cursor.Column >= start && cursor.Column < column;
        }

        return overCursor;
    }
}
