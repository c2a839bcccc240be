using System;
using CosmosKernel.Modules.Consoles;

namespace CosmosKernel.Drivers.Terminal;

/// <summary>What shows the cells of a terminal. Called by one task at a time.</summary>
public abstract class TerminalDisplay
{
    /// <summary>Cells in a row.</summary>
    public abstract int Columns { get; }

    /// <summary>Number of rows.</summary>
    public abstract int Rows { get; }

    /// <summary>Draws with a font from now on; the number of cells may change, and nothing of what was drawn is there any more.</summary>
    /// <param name="font">The font; null for its own.</param>
    /// <returns>False when it cannot: nothing has changed. Default.</returns>
    public virtual bool TrySetFont(ScreenFont? font) => false;

    /// <summary>Draws cells of a row, beginning at a column, without a cursor.</summary>
    public abstract void Draw(int row, int column, ReadOnlySpan<Cell> cells);

    /// <summary>Draws the cursor over a cell, in place of the one that was drawn before; the cell under the old one is drawn again before this is called.</summary>
    public abstract void DrawCursor(int row, int column, in Cell cell, CursorShape shape);

    /// <summary>Shows no cursor; the cell under the old one is drawn again before this is called.</summary>
    public abstract void HideCursor();
}
