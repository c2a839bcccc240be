using CosmosKernel.Machine.Boot;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Machine.Diagnostics;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Drivers.Framebuffer;

/// <summary>
/// Shows a panic report: black letters on a light band, from the top of the screen on, over whatever is there. Uses nothing of the console but the memory and the
/// font; when the screen is full it begins again at the top.
/// </summary>
internal sealed class PanicScreen : PanicOutput
{
    private readonly MmioRegion _memory;
    private readonly int _bytes;
    private readonly uint _ink;
    private readonly uint _paper;
    private readonly long _pitch;
    private readonly int _columns;
    private readonly int _rows;

    [Protocol("Only the CPU that panics writes, with all others stopped.")]
    private int _row;

    [Protocol("Only the CPU that panics writes, with all others stopped.")]
    private int _column;

    /// <summary>Takes what it needs, so that nothing must be found out in a panic.</summary>
    public PanicScreen(MmioRegion memory, in ScreenInformation screen)
    {
        var format = new PixelFormat(in screen);
        _memory = memory;
        _bytes = format.Bytes;
        _ink = format.FromRgb(0x200000);
        _paper = format.FromRgb(0xF0E0E0);
        _pitch = screen.Pitch;
        _columns = (int)screen.Width / ConsoleFont.Width;
        _rows = (int)screen.Height / ConsoleFont.Height;
    }

    /// <inheritdoc/>
    protected override void OnPanic()
    {
        _row = 0;
        _column = 0;
        ClearRow();
    }

    /// <inheritdoc/>
    protected override void Write(byte value)
    {
        if (value == (byte)'\n')
        {
            // A line that is empty so far is used: reports begin with a line feed.
            if (_column > 0)
            {
                NextRow();
            }

            return;
        }

        if (value < 0x20)
        {
            return;
        }

        if (_column == _columns)
        {
            NextRow();
        }

        for (int y = 0; y < ConsoleFont.Height; y++)
        {
            PaintLine(y, GlyphTable.RowsOf(value)[y]);
        }

        _column++;
    }

    private void NextRow()
    {
        _column = 0;
        _row = _row + 1 < _rows ? _row + 1 : 0;
        ClearRow();
    }

    private void ClearRow()
    {
        for (_column = 0; _column < _columns; _column++)
        {
            for (int y = 0; y < ConsoleFont.Height; y++)
            {
                PaintLine(y, 0);
            }
        }

        _column = 0;
    }

    private void PaintLine(int y, int bits)
    {
        long offset = (((_row * ConsoleFont.Height) + y) * _pitch) + ((long)_column * ConsoleFont.Width * _bytes);
        for (int x = 0; x < ConsoleFont.Width; x++)
        {
            uint pixel = (bits & (0x80 >> x)) != 0 ? _ink : _paper;
            _memory.Write8(offset, (byte)pixel);
            _memory.Write8(offset + 1, (byte)(pixel >> 8));
            _memory.Write8(offset + 2, (byte)(pixel >> 16));
            offset += _bytes;
        }
    }
}
