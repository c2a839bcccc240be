using System;

namespace CosmosKernel.Drivers.Terminal;

/// <content>Control sequences. Names in comments are those of ECMA-48 and, with DEC in front, of the VT510 manual.</content>
public sealed partial class TerminalScreen
{
    /// <inheritdoc/>
    protected internal override void ControlSequence(byte prefix, byte intermediate, byte final, ReadOnlySpan<int> parameters)
    {
        switch ((prefix, intermediate, final))
        {
            case (0, 0, (byte)'h' or (byte)'l'):
                SetModes(parameters, final == (byte)'h');
                break;
            case ((byte)'?', 0, (byte)'h' or (byte)'l'):
                SetPrivateModes(parameters, final == (byte)'h');
                break;
            case (0, (byte)' ', (byte)'q'):
                // DECSCUSR: pairs of blinking and steady; nothing blinks here.
                CursorShape = parameters[0] switch
                {
                    3 or 4 => CursorShape.Underline,
                    5 or 6 => CursorShape.Bar,
                    _ => CursorShape.Block,
                };
                break;
            case (0, (byte)'!', (byte)'p'):
                SoftReset();
                break;
            case (0, 0, (byte)'m'):
                SelectRendition(parameters);
                break;
            case (0, 0, _) when !TryMove(final, parameters):
                Edit(final, parameters);
                break;
        }
    }

    private bool TryMove(byte final, ReadOnlySpan<int> parameters)
    {
        int count = Math.Max(parameters[0], 1);
        int second = parameters.Length > 1 ? Math.Max(parameters[1], 1) : 1;
        int home = _origin ? _top : 0;
        switch (final)
        {
            case (byte)'A':
                MoveTo(Math.Max(_row - count, _row >= _top ? _top : 0), _column);
                return true;
            case (byte)'B':
                MoveTo(Math.Min(_row + count, _row < _end ? _end - 1 : Rows - 1), _column);
                return true;
            case (byte)'e':
                MoveTo(_row + count, _column);
                return true;
            case (byte)'C' or (byte)'a':
                MoveTo(_row, _column + count);
                return true;
            case (byte)'D':
                MoveTo(_row, _column - count);
                return true;
            case (byte)'E':
                MoveTo(Math.Min(_row + count, _row < _end ? _end - 1 : Rows - 1), 0);
                return true;
            case (byte)'F':
                MoveTo(Math.Max(_row - count, _row >= _top ? _top : 0), 0);
                return true;
            case (byte)'G' or (byte)'`':
                MoveTo(_row, count - 1);
                return true;
            case (byte)'H' or (byte)'f':
                MoveTo(_origin ? Math.Min(home + count, _end) - 1 : count - 1, second - 1);
                return true;
            case (byte)'d':
                MoveTo(_origin ? Math.Min(home + count, _end) - 1 : count - 1, _column);
                return true;
            case (byte)'I':
                Tab(count);
                return true;
            case (byte)'Z':
                BackTab(count);
                return true;
            case (byte)'s':
                _saved = Save();
                return true;
            case (byte)'u':
                Restore(_saved);
                return true;
            default:
                return false;
        }
    }

    private void Edit(byte final, ReadOnlySpan<int> parameters)
    {
        int count = Math.Max(parameters[0], 1);
        bool isInside = _row >= _top && _row < _end;
        switch (final)
        {
            case (byte)'@':
                _grid.Insert(_row, _column, count, Eraser());
                break;
            case (byte)'J':
                EraseDisplay(parameters[0]);
                break;
            case (byte)'K':
                EraseLine(parameters[0]);
                break;
            case (byte)'L' when isInside:
                _grid.ScrollDown(_row, _end, count, Eraser());
                MoveTo(_row, 0);
                break;
            case (byte)'M' when isInside:
                _grid.ScrollUp(_row, _end, count, Eraser());
                MoveTo(_row, 0);
                break;
            case (byte)'P':
                _grid.Delete(_row, _column, count, Eraser());
                break;
            case (byte)'S':
                _grid.ScrollUp(_top, _end, count, Eraser());
                break;
            case (byte)'T':
                _grid.ScrollDown(_top, _end, count, Eraser());
                break;
            case (byte)'X':
                _grid.Fill(_row, _column, Math.Min(_column + count, Columns), Eraser());
                break;
            case (byte)'b' when _lastRune != 0:
                for (int i = Math.Min(count, Columns * Rows); i > 0; i--)
                {
                    Print(_lastRune);
                }

                break;
            case (byte)'g':
                ClearTabs(parameters[0]);
                break;
            case (byte)'r':
                int end = parameters.Length > 1 && parameters[1] != 0 ? Math.Min(parameters[1], Rows) : Rows;
                if (count < end)
                {
                    SetMargins(count - 1, end);
                }

                break;
        }

        _wrapPending = _wrapPending && final == (byte)'b';
    }

    private void EraseDisplay(int what)
    {
        switch (what)
        {
            case 0:
                EraseLine(0);
                _grid.FillRows(_row + 1, Rows, Eraser());
                break;
            case 1:
                _grid.FillRows(0, _row, Eraser());
                EraseLine(1);
                break;
            case 2 or 3:
                _grid.FillRows(0, Rows, Eraser());
                break;
        }
    }

    private void EraseLine(int what)
    {
        switch (what)
        {
            case 0:
                _grid.Fill(_row, _column, Columns, Eraser());
                break;
            case 1:
                _grid.Fill(_row, 0, _column + 1, Eraser());
                break;
            case 2:
                _grid.Fill(_row, 0, Columns, Eraser());
                break;
        }
    }

    private void ClearTabs(int what)
    {
        if (what == 0)
        {
            _tabs[_column] = false;
        }
        else if (what == 3)
        {
            _tabs.AsSpan().Clear();
        }
    }

    private void SetModes(ReadOnlySpan<int> modes, bool on)
    {
        foreach (int mode in modes)
        {
            switch (mode)
            {
                case 4:
                    _insert = on;
                    break;
                case 20:
                    LineFeedReturns = on;
                    break;
            }
        }
    }

    private void SetPrivateModes(ReadOnlySpan<int> modes, bool on)
    {
        foreach (int mode in modes)
        {
            switch (mode)
            {
                case 6:
                    _origin = on;
                    MoveTo(on ? _top : 0, 0);
                    break;
                case 7:
                    _autoWrap = on;
                    break;
                case 25:
                    IsCursorVisible = on;
                    break;
                case 47 or 1047:
                    ShowAlternate(on);
                    break;
                case 1049 when on:
                    _savedMain = Save();
                    ShowAlternate(on: true);
                    break;
                case 1049:
                    ShowAlternate(on: false);
                    Restore(_savedMain);
                    break;
            }
        }
    }

    private void ShowAlternate(bool on)
    {
        CellGrid wanted = on ? _alternate : _main;
        if (_grid == wanted)
        {
            return;
        }

        _grid = wanted;
        if (on)
        {
            _alternate.FillRows(0, Rows, Eraser());
        }

        _grid.DamageAll();
    }

    private void SelectRendition(ReadOnlySpan<int> parameters)
    {
        for (int i = 0; i < parameters.Length; i++)
        {
            int code = parameters[i];
            switch (code)
            {
                case 0:
                    _pen = Cell.Blank;
                    break;
                case >= 1 and <= 9:
                    _pen = _pen with { Attributes = _pen.Attributes | AttributeOf(code) };
                    break;
                case 21:
                    // ECMA-48: doubly underlined; one line is all that a font of this size has room for.
                    _pen = _pen with { Attributes = _pen.Attributes | CellAttributes.Underline };
                    break;
                case 22:
                    _pen = _pen with { Attributes = _pen.Attributes & ~(CellAttributes.Bold | CellAttributes.Dim) };
                    break;
                case >= 23 and <= 29:
                    _pen = _pen with { Attributes = _pen.Attributes & ~AttributeOf(code - 20) };
                    break;
                case >= 30 and <= 37:
                    _pen = _pen with { Foreground = TerminalColor.FromIndex(code - 30) };
                    break;
                case 38:
                    _pen = _pen with { Foreground = ExtendedColor(parameters, ref i, _pen.Foreground) };
                    break;
                case 39:
                    _pen = _pen with { Foreground = TerminalColor.Default };
                    break;
                case >= 40 and <= 47:
                    _pen = _pen with { Background = TerminalColor.FromIndex(code - 40) };
                    break;
                case 48:
                    _pen = _pen with { Background = ExtendedColor(parameters, ref i, _pen.Background) };
                    break;
                case 49:
                    _pen = _pen with { Background = TerminalColor.Default };
                    break;
                case >= 90 and <= 97:
                    _pen = _pen with { Foreground = TerminalColor.FromIndex(code - 90 + 8) };
                    break;
                case >= 100 and <= 107:
                    _pen = _pen with { Background = TerminalColor.FromIndex(code - 100 + 8) };
                    break;
            }
        }
    }

    private static CellAttributes AttributeOf(int code) => code switch
    {
        1 => CellAttributes.Bold,
        2 => CellAttributes.Dim,
        3 => CellAttributes.Italic,
        4 => CellAttributes.Underline,
        5 or 6 => CellAttributes.Blink,
        7 => CellAttributes.Inverse,
        8 => CellAttributes.Hidden,
        9 => CellAttributes.Strike,
        _ => CellAttributes.None,
    };

    // 38;5;INDEX or 38;2;RED;GREEN;BLUE (ITU-T T.416, section 13.1.8, with the separators that programs use).
    private static TerminalColor ExtendedColor(ReadOnlySpan<int> parameters, ref int i, TerminalColor otherwise)
    {
        ReadOnlySpan<int> rest = parameters[(i + 1)..];
        if (rest.Length >= 2 && rest[0] == 5)
        {
            i += 2;
            return rest[1] < 256 ? TerminalColor.FromIndex(rest[1]) : otherwise;
        }

        if (rest.Length >= 4 && rest[0] == 2)
        {
            i += 4;
            return rest[1] < 256 && rest[2] < 256 && rest[3] < 256 ? TerminalColor.FromRgb(rest[1], rest[2], rest[3]) : otherwise;
        }

        i = parameters.Length;
        return otherwise;
    }
}
