using System;
using CosmosKernel.Drivers.Terminal;
using CosmosKernel.Machine.Boot;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Machine.Locking;
using CosmosKernel.Modules.Consoles;

namespace CosmosKernel.Drivers.Framebuffer;

/// <summary>
/// Cells of 8 by 16 pixels, or of a loaded font's size (times a whole number on dense screens), on a linear framebuffer. Runs of cells are painted line by line into a buffer of one line, and each
/// line is copied in one piece, since the memory gathers writes and is slow to read.
/// </summary>
[Owned]
internal sealed class FramebufferDisplay : TerminalDisplay
{
    private readonly MmioRegion _memory;
    private readonly PixelFormat _format;
    private readonly long _pitch;
    private readonly int _scale;
    private readonly int _screenWidth;
    private readonly int _screenHeight;
    private readonly uint[] _line;

    // Null: the built-in one.
    private ScreenFont? _font;
    private int _width = ConsoleFont.Width;
    private int _height = ConsoleFont.Height;
    private readonly byte[] _packed;

    /// <summary>Makes a display that covers as much of the framebuffer as whole cells do, and paints it black.</summary>
    /// <param name="memory">The framebuffer.</param>
    /// <param name="screen">Its size and format.</param>
    /// <param name="scale">Pixels of the screen for one of the font, each way; 1 or more.</param>
    /// <exception cref="NotSupportedException">The format is none that can be drawn, or the screen holds no cell.</exception>
    public FramebufferDisplay(MmioRegion memory, in ScreenInformation screen, int scale)
    {
        _memory = memory;
        _format = new PixelFormat(in screen);
        _pitch = screen.Pitch;
        _scale = scale;
        _screenWidth = (int)screen.Width;
        _screenHeight = (int)screen.Height;
        if (Columns == 0 || Rows == 0 || _pitch < (long)screen.Width * _format.Bytes)
        {
            throw new NotSupportedException($"a framebuffer of {screen.Width} by {screen.Height} pixels, {screen.Pitch} bytes a line");
        }

        _line = new uint[screen.Width];
        _packed = new byte[_format.Bytes == 4 ? 0 : screen.Width * 3];
        Blacken();
    }

    /// <inheritdoc/>
    public override int Columns => _screenWidth / (_width * _scale);

    /// <inheritdoc/>
    public override int Rows => _screenHeight / (_height * _scale);

    /// <inheritdoc/>
    public override bool TrySetFont(ScreenFont? font)
    {
        int width = font?.Width ?? ConsoleFont.Width;
        int height = font?.Height ?? ConsoleFont.Height;
        if (_screenWidth < width * _scale || _screenHeight < height * _scale)
        {
            return false;
        }

        (_font, _width, _height) = (font, width, height);
        Blacken();
        return true;
    }

    /// <inheritdoc/>
    public override void Draw(int row, int column, ReadOnlySpan<Cell> cells)
    {
        for (int y = 0; y < _height; y++)
        {
            for (int i = 0; i < cells.Length; i++)
            {
                PaintLine(cells[i], i, y, inverted: 0);
            }

            Copy(row, column, y, cells.Length);
        }
    }

    /// <inheritdoc/>
    public override void DrawCursor(int row, int column, in Cell cell, CursorShape shape)
    {
        for (int y = 0; y < _height; y++)
        {
            uint inverted = shape switch
            {
                CursorShape.Underline => y >= _height - 2 ? uint.MaxValue : 0,
                CursorShape.Bar => 0xC000_0000,
                _ => uint.MaxValue,
            };
            PaintLine(cell, 0, y, inverted);
            Copy(row, column, y, 1);
        }
    }

    /// <inheritdoc/>
    public override void HideCursor()
    {
    }

    // One line of a cell, at cell number `index` of the buffer. Bits of `inverted` exchange foreground and background.
    private void PaintLine(in Cell cell, int index, int y, uint inverted)
    {
        (uint foreground, uint background) = Palette.ColorsOf(cell);
        uint ink = _format.FromRgb(foreground);
        uint paper = _format.FromRgb(background);
        bool isBlank = cell.Rune == ' ' || (cell.Attributes & CellAttributes.Tail) != 0;
        uint bits = (isBlank ? 0 : RowOf(cell.Rune, y)) ^ inverted;
        bool isLined = ((cell.Attributes & CellAttributes.Underline) != 0 && y == _height - 2)
            || ((cell.Attributes & CellAttributes.Strike) != 0 && y == _height / 2);
        bits = isLined ? uint.MaxValue : bits;
        int width = _width * _scale;
        Span<uint> pixels = _line.AsSpan(index * width, width);
        if (bits is 0 or uint.MaxValue)
        {
            pixels.Fill(bits == 0 ? paper : ink);
            return;
        }

        for (int x = 0; x < pixels.Length; x++)
        {
            pixels[x] = (bits & (0x8000_0000 >> (_scale == 1 ? x : x / _scale))) != 0 ? ink : paper;
        }
    }

    private void Copy(int row, int column, int y, int cells)
    {
        int width = _width * _scale;
        long top = (((long)row * _height) + y) * _scale;
        for (int i = 0; i < _scale; i++)
        {
            WriteLine(top + i, column * width, cells * width);
        }
    }

    // A row of a glyph, its leftmost pixel in the highest bit.
    private uint RowOf(int rune, int y)
    {
        if (_font is not { } font)
        {
            return (uint)GlyphTable.RowsOf(rune)[y] << 24;
        }

        ReadOnlySpan<byte> row = font.RowsOf(rune).Slice(y * font.RowBytes, font.RowBytes);
        uint bits = 0;
        for (int i = 0; i < row.Length; i++)
        {
            bits |= (uint)row[i] << (24 - (8 * i));
        }

        return bits;
    }

    private void Blacken()
    {
        Array.Clear(_line);
        for (int y = 0; y < _screenHeight; y++)
        {
            WriteLine(y, 0, _screenWidth);
        }
    }

    // The first pixels of the buffer go to a line of the screen.
    private void WriteLine(long y, int x, int count)
    {
        long offset = (y * _pitch) + ((long)x * _format.Bytes);
        if (_format.Bytes == 4)
        {
            _memory.Write(offset, (ReadOnlySpan<uint>)_line.AsSpan(0, count));
            return;
        }

        for (int i = 0; i < count; i++)
        {
            _packed[3 * i] = (byte)_line[i];
            _packed[(3 * i) + 1] = (byte)(_line[i] >> 8);
            _packed[(3 * i) + 2] = (byte)(_line[i] >> 16);
        }

        _memory.Write(offset, (ReadOnlySpan<byte>)_packed.AsSpan(0, 3 * count));
    }
}
