using System;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Drivers.Terminal;

/// <summary>
/// Rows of cells, and what of each row has changed since it was last drawn. Scrolling moves rows, not cells. A character of two cells that loses one of them loses the other, too. Not synchronized.
/// </summary>
[Owned]
internal sealed class CellGrid
{
    private readonly Cell[][] _rows;
    private readonly (int First, int End)[] _damage;

    /// <summary>Makes a blank grid, all of it damaged.</summary>
    public CellGrid(int columns, int rows)
    {
        Columns = columns;
        Rows = rows;
        _rows = new Cell[rows][];
        _damage = new (int, int)[rows];
        for (int row = 0; row < rows; row++)
        {
            _rows[row] = new Cell[columns];
            _rows[row].AsSpan().Fill(Cell.Blank);
        }

        DamageAll();
    }

    /// <summary>Cells in a row.</summary>
    public int Columns { get; }

    /// <summary>Number of rows.</summary>
    public int Rows { get; }

    /// <summary>A row to read.</summary>
    public ReadOnlySpan<Cell> Row(int row) => _rows[row];

    /// <summary>Sets one cell.</summary>
    public void Set(int row, int column, in Cell cell)
    {
        _rows[row][column] = cell;
        Damage(row, column, column + 1);
        Mend(row, column);
        Mend(row, column + 1);
    }

    /// <summary>Sets the cells at the beginning of a row.</summary>
    public void Replace(int row, ReadOnlySpan<Cell> cells)
    {
        cells.CopyTo(_rows[row]);
        Damage(row, 0, cells.Length);
        Mend(row, cells.Length);
    }

    /// <summary>Sets the two cells of a wide character.</summary>
    /// <param name="row">Row.</param>
    /// <param name="column">Column of the left one; there is one to its right.</param>
    /// <param name="cell">The character, without a mark of a half.</param>
    public void SetWide(int row, int column, in Cell cell)
    {
        _rows[row][column] = cell with { Attributes = cell.Attributes | CellAttributes.Wide };
        _rows[row][column + 1] = cell with { Attributes = cell.Attributes | CellAttributes.Tail };
        Damage(row, column, column + 2);
        Mend(row, column);
        Mend(row, column + 2);
    }

    /// <summary>Sets the cells from one column to another, exclusive, of a row.</summary>
    public void Fill(int row, int first, int end, in Cell cell)
    {
        if (first < end)
        {
            _rows[row].AsSpan(first, end - first).Fill(cell);
            Damage(row, first, end);
            Mend(row, first);
            Mend(row, end);
        }
    }

    /// <summary>Sets all cells of the rows from one to another, exclusive.</summary>
    public void FillRows(int first, int end, in Cell cell)
    {
        for (int row = first; row < end; row++)
        {
            Fill(row, 0, Columns, cell);
        }
    }

    /// <summary>Moves cells from a column on to the right; those that leave are lost, those that come are <paramref name="blank"/>.</summary>
    public void Insert(int row, int column, int count, in Cell blank)
    {
        count = Math.Min(count, Columns - column);
        Span<Cell> cells = _rows[row].AsSpan(column);
        cells[..^count].CopyTo(cells[count..]);
        Damage(row, column, Columns);
        Fill(row, column, column + count, blank);
        Mend(row, Columns);
    }

    /// <summary>Takes cells from a column on away; the rest moves to the left, and <paramref name="blank"/> comes in at the end.</summary>
    public void Delete(int row, int column, int count, in Cell blank)
    {
        count = Math.Min(count, Columns - column);
        Span<Cell> cells = _rows[row].AsSpan(column);
        cells[count..].CopyTo(cells);
        Damage(row, column, Columns);
        Mend(row, column);
        Fill(row, Columns - count, Columns, blank);
    }

    /// <summary>Moves the rows from <paramref name="top"/> to <paramref name="end"/>, exclusive, up; blank ones come in below.</summary>
    public void ScrollUp(int top, int end, int count, in Cell blank)
    {
        count = Math.Min(count, end - top);
        Reverse(top, top + count);
        Reverse(top + count, end);
        Reverse(top, end);
        FillRows(end - count, end, blank);
        DamageRows(top, end);
    }

    /// <summary>Moves the rows from <paramref name="top"/> to <paramref name="end"/>, exclusive, down; blank ones come in above.</summary>
    public void ScrollDown(int top, int end, int count, in Cell blank)
    {
        count = Math.Min(count, end - top);
        Reverse(top, end - count);
        Reverse(end - count, end);
        Reverse(top, end);
        FillRows(top, top + count, blank);
        DamageRows(top, end);
    }

    /// <summary>Says what of a row has changed since this was last asked: columns from first to end, exclusive; nothing when they are equal.</summary>
    public (int First, int End) TakeDamage(int row)
    {
        (int First, int End) damage = _damage[row];
        _damage[row] = (Columns, Columns);
        return damage;
    }

    /// <summary>Makes everything count as changed.</summary>
    public void DamageAll() => DamageRows(0, Rows);

    private void DamageRows(int first, int end) => _damage.AsSpan(first, end - first).Fill((0, Columns));

    private void Damage(int row, int first, int end)
    {
        ref (int First, int End) damage = ref _damage[row];
        damage = damage.First >= damage.End ? (first, end) : (Math.Min(damage.First, first), Math.Max(damage.End, end));
    }

    // A boundary between two cells must not cut a wide character: half of one becomes a space.
    private void Mend(int row, int column)
    {
        Span<Cell> cells = _rows[row];
        bool endsLeft = column > 0 && (cells[column - 1].Attributes & CellAttributes.Wide) != 0;
        bool beginsRight = column < Columns && (cells[column].Attributes & CellAttributes.Tail) != 0;
        if (endsLeft && !beginsRight)
        {
            MakeBlank(row, column - 1);
        }
        else if (beginsRight && !endsLeft)
        {
            MakeBlank(row, column);
        }
    }

    private void MakeBlank(int row, int column)
    {
        ref Cell cell = ref _rows[row][column];
        cell = cell with { Rune = ' ', Attributes = cell.Attributes & ~(CellAttributes.Wide | CellAttributes.Tail) };
        Damage(row, column, column + 1);
    }

    // A rotation is three reversals.
    private void Reverse(int first, int end) => Array.Reverse(_rows, first, end - first);
}
