using System;

namespace CosmosKernel.Drivers.Terminal;

/// <summary>What shows the cells of a terminal. Called by one task at a time.</summary>
public abstract class TerminalDisplay
{
    /// <summary>Cells in a row.</summary>
    public abstract int Columns { get; }

    /// <summary>Number of rows.</summary>
    public abstract int Rows { get; }

    /// <summary>Draws cells of a row, beginning at a column, without a cursor.</summary>
    public abstract void Draw(int row, int column, ReadOnlySpan<Cell> cells);

    /// <summary>Draws the cursor over a cell, in place of the one that was drawn before; the cell under the old one is drawn again before this is called.</summary>
    public abstract void DrawCursor(int row, int column, in Cell cell, CursorShape shape);

    /// <summary>Shows no cursor; the cell under the old one is drawn again before this is called.</summary>
    public abstract void HideCursor();
}
