using System;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Drivers.Terminal;

/// <summary>How the cursor looks.</summary>
public enum CursorShape
{
    /// <summary>A whole cell.</summary>
    Block,

    /// <summary>A line below the character.</summary>
    Underline,

    /// <summary>A line to its left.</summary>
    Bar,
}

/// <summary>
/// The model of a terminal: what is written to it (UTF-8, control functions of ECMA-48 and of the VT100 family as xterm and Linux have them) becomes cells, colours and a cursor, and
/// a display asks what has changed. Characters that Unicode calls wide take two cells; combining marks are dropped. It answers no questions (device status reports), since several consoles
/// show the same text and each would answer. Not synchronized.
/// </summary>
[Owned]
public sealed partial class TerminalScreen : ControlSink
{
    private const int TabWidth = 8;

    private readonly ControlParser _parser;
    private readonly CellGrid _main;
    private readonly CellGrid _alternate;
    private readonly bool[] _tabs;
    private CellGrid _grid;
    private int _row;
    private int _column;
    private bool _wrapPending;
    private Cell _pen;
    private int _top;
    private int _end;
    private bool _autoWrap;
    private bool _insert;
    private bool _origin;
    private int _lastRune;
    private bool _graphicsG0;
    private bool _graphicsG1;
    private bool _useG1;
    private SavedCursor _saved;
    private SavedCursor _savedMain;

    /// <summary>Makes a blank screen.</summary>
    /// <param name="columns">Cells in a row, 1 or more.</param>
    /// <param name="rows">Rows, 1 or more.</param>
    public TerminalScreen(int columns, int rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        _parser = new ControlParser(this);
        _main = new CellGrid(columns, rows);
        _alternate = new CellGrid(columns, rows);
        _tabs = new bool[columns];
        _grid = _main;
        Reset();
    }

    /// <summary>BEL was written; whoever makes the sound clears it.</summary>
    public bool HasRung { get; set; }

    /// <summary>Cells in a row.</summary>
    public int Columns => _grid.Columns;

    /// <summary>Number of rows.</summary>
    public int Rows => _grid.Rows;

    /// <summary>Where the next character goes; at most the last column, also when it will go to the next line.</summary>
    public (int Row, int Column) Cursor => (_row, _column);

    /// <summary>Whether the cursor is to be seen.</summary>
    public bool IsCursorVisible { get; private set; }

    /// <summary>How it looks.</summary>
    public CursorShape CursorShape { get; private set; }

    /// <summary>A line feed also goes to the first column, as the kernel's text means it.</summary>
    public bool LineFeedReturns { get; private set; }

    /// <summary>A screen of another size with the same text, as far as it fits: the row of the cursor is kept.</summary>
    /// <param name="columns">Cells in a row, 1 or more.</param>
    /// <param name="rows">Rows, 1 or more.</param>
    public TerminalScreen Resize(int columns, int rows)
    {
        var screen = new TerminalScreen(columns, rows)
        {
            _pen = _pen,
            _autoWrap = _autoWrap,
            _insert = _insert,
            _graphicsG0 = _graphicsG0,
            _graphicsG1 = _graphicsG1,
            _useG1 = _useG1,
            IsCursorVisible = IsCursorVisible,
            CursorShape = CursorShape,
            LineFeedReturns = LineFeedReturns,
        };
        int skipped = Math.Max(_row - rows + 1, 0);
        Copy(_main, screen._main, skipped);
        Copy(_alternate, screen._alternate, skipped);
        screen._grid = ReferenceEquals(_grid, _main) ? screen._main : screen._alternate;
        screen.MoveTo(_row - skipped, _column);
        return screen;
    }

    /// <summary>The cells of a row.</summary>
    public ReadOnlySpan<Cell> Row(int row) => _grid.Row(row);

    /// <summary>Says what of a row has changed since this was last asked: columns from first to end, exclusive; nothing when they are equal.</summary>
    public (int First, int End) TakeDamage(int row) => _grid.TakeDamage(row);

    /// <summary>Makes everything count as changed.</summary>
    public void DamageAll() => _grid.DamageAll();

    /// <summary>Writes text.</summary>
    public void Write(ReadOnlySpan<byte> text) => _parser.Write(text);

    /// <inheritdoc/>
    protected internal override void Print(int rune)
    {
        if (IsZeroWidth(rune))
        {
            return;
        }

        if (_wrapPending && _autoWrap)
        {
            _column = 0;
            LineFeed();
        }

        _lastRune = rune;
        if (Columns > 1 && CharacterWidth.IsWide(rune))
        {
            PrintWide(rune);
            return;
        }

        if (_insert)
        {
            _grid.Insert(_row, _column, 1, _pen);
        }

        bool graphics = _useG1 ? _graphicsG1 : _graphicsG0;
        _grid.Set(_row, _column, _pen with { Rune = graphics ? DecGraphics(rune) : rune });
        _wrapPending = _column == Columns - 1;
        _column += _wrapPending ? 0 : 1;
    }

    /// <inheritdoc/>
    protected internal override void Control(byte code)
    {
        switch (code)
        {
            case 0x07:
                HasRung = true;
                break;
            case 0x08:
                MoveTo(_row, _column - 1);
                break;
            case 0x09:
                Tab(1);
                break;
            case 0x0A or 0x0B or 0x0C:
                LineFeed();
                _column = LineFeedReturns ? 0 : _column;
                break;
            case 0x0D:
                MoveTo(_row, 0);
                break;
            case 0x0E:
                _useG1 = true;
                break;
            case 0x0F:
                _useG1 = false;
                break;
        }
    }

    /// <inheritdoc/>
    protected internal override void Escape(byte intermediate, byte final)
    {
        switch ((intermediate, final))
        {
            case (0, (byte)'7'):
                _saved = Save();
                break;
            case (0, (byte)'8'):
                Restore(_saved);
                break;
            case (0, (byte)'D'):
                LineFeed();
                break;
            case (0, (byte)'E'):
                LineFeed();
                _column = 0;
                break;
            case (0, (byte)'H'):
                _tabs[_column] = true;
                break;
            case (0, (byte)'M'):
                ReverseLineFeed();
                break;
            case (0, (byte)'c'):
                Reset();
                break;
            case ((byte)'(', _):
                _graphicsG0 = final == (byte)'0';
                break;
            case ((byte)')', _):
                _graphicsG1 = final == (byte)'0';
                break;
            case ((byte)'#', (byte)'8'):
                _grid.FillRows(0, Rows, Cell.Blank with { Rune = 'E' });
                SetMargins(0, Rows);
                break;
        }
    }

    private void Reset()
    {
        SoftReset();
        _grid = _main;
        _main.FillRows(0, Rows, Cell.Blank);
        _alternate.FillRows(0, Rows, Cell.Blank);
        _main.DamageAll();
        LineFeedReturns = true;
        CursorShape = CursorShape.Block;
        for (int column = 0; column < Columns; column++)
        {
            _tabs[column] = column % TabWidth == 0;
        }

        MoveTo(0, 0);
    }

    // DECSTR: everything but what is on the screen, where the cursor is, and the tab stops.
    private void SoftReset()
    {
        _pen = Cell.Blank;
        _top = 0;
        _end = Rows;
        _autoWrap = true;
        _insert = false;
        _origin = false;
        _graphicsG0 = false;
        _graphicsG1 = false;
        _useG1 = false;
        _wrapPending = false;
        IsCursorVisible = true;
        _saved = new SavedCursor(0, 0, Cell.Blank, Origin: false, GraphicsG0: false, GraphicsG1: false, UseG1: false);
        _savedMain = _saved;
    }

    private void LineFeed()
    {
        _wrapPending = false;
        if (_row == _end - 1)
        {
            _grid.ScrollUp(_top, _end, 1, Eraser());
        }
        else if (_row < Rows - 1)
        {
            _row++;
        }
    }

    private void ReverseLineFeed()
    {
        _wrapPending = false;
        if (_row == _top)
        {
            _grid.ScrollDown(_top, _end, 1, Eraser());
        }
        else if (_row > 0)
        {
            _row--;
        }
    }

    private void MoveTo(int row, int column)
    {
        _row = Math.Clamp(row, 0, Rows - 1);
        _column = Math.Clamp(column, 0, Columns - 1);
        _wrapPending = false;
    }

    private void Tab(int count)
    {
        int column = _column;
        for (; count > 0 && column < Columns - 1; count--)
        {
            do
            {
                column++;
            }
            while (column < Columns - 1 && !_tabs[column]);
        }

        MoveTo(_row, column);
    }

    private void BackTab(int count)
    {
        int column = _column;
        for (; count > 0 && column > 0; count--)
        {
            do
            {
                column--;
            }
            while (column > 0 && !_tabs[column]);
        }

        MoveTo(_row, column);
    }

    private void SetMargins(int top, int end)
    {
        _top = top;
        _end = end;
        MoveTo(_origin ? top : 0, 0);
    }

    // A character of two cells does not begin in the last column: it goes to the next line, or, when lines do not wrap, takes the last two.
    private void PrintWide(int rune)
    {
        if (_column == Columns - 1)
        {
            if (_autoWrap)
            {
                _grid.Set(_row, _column, Eraser());
                _column = 0;
                LineFeed();
            }
            else
            {
                _column--;
            }
        }

        if (_insert)
        {
            _grid.Insert(_row, _column, 2, _pen);
        }

        _grid.SetWide(_row, _column, _pen with { Rune = rune });
        _wrapPending = _column + 2 == Columns;
        _column += _wrapPending ? 1 : 2;
    }

    private static void Copy(CellGrid from, CellGrid to, int skipped)
    {
        for (int row = 0; row < Math.Min(to.Rows, from.Rows - skipped); row++)
        {
            ReadOnlySpan<Cell> cells = from.Row(row + skipped);
            to.Replace(row, cells[..Math.Min(cells.Length, to.Columns)]);
        }
    }

    // What erasing leaves: the background of the pen.
    private Cell Eraser() => Cell.Blank with { Background = _pen.Background };

    private SavedCursor Save() => new(_row, _column, _pen, _origin, _graphicsG0, _graphicsG1, _useG1);

    private void Restore(in SavedCursor saved)
    {
        _pen = saved.Pen;
        _origin = saved.Origin;
        _graphicsG0 = saved.GraphicsG0;
        _graphicsG1 = saved.GraphicsG1;
        _useG1 = saved.UseG1;
        MoveTo(saved.Row, saved.Column);
    }

    private static bool IsZeroWidth(int rune) =>
        rune is (>= 0x0300 and <= 0x036F) or (>= 0x200B and <= 0x200F) or (>= 0xFE00 and <= 0xFE0F) or 0xFEFF;

    // The line drawing characters of the VT100 (VT100 user guide, table 3-9), which curses programs select with ESC ( 0.
    private static int DecGraphics(int rune)
    {
        const string Graphics = "\u25C6\u2592\u2409\u240C\u240D\u240A\u00B0\u00B1\u2424\u240B\u2518\u2510\u250C\u2514\u253C\u23BA\u23BB\u2500\u23BC\u23BD\u251C\u2524\u2534\u252C\u2502\u2264\u2265\u03C0\u2260\u00A3\u00B7";
        return rune is >= 0x60 and < 0x7F ? Graphics[rune - 0x60] : rune;
    }

    private readonly record struct SavedCursor(int Row, int Column, Cell Pen, bool Origin, bool GraphicsG0, bool GraphicsG1, bool UseG1);
}
