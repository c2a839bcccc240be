using System;
using System.Collections.Generic;
using System.Text;
using CosmosKernel.Drivers.Terminal;
using Xunit;

namespace CosmosKernel.Drivers.Tests;

/// <summary>What reaches the display: everything that changed, and nothing else.</summary>
public sealed class RendererTests
{
    [Fact]
    public void NothingIsDrawnTwice()
    {
        var display = new RecordingDisplay(10, 4);
        display.Write("\e[?25lhello");
        display.Drawn.Clear();
        display.Write("");
        Assert.Empty(display.Drawn);
        display.Write("\rhello");
        Assert.Empty(display.Drawn);
        display.Write("\rhallo");
        Assert.Equal([(0, 1, 1)], display.Drawn);
    }

    [Fact]
    public void ScrollingDrawsOnlyCellsThatDiffer()
    {
        var display = new RecordingDisplay(10, 3);
        display.Write("\e[?25lline 1\nline 2\nline 3");
        display.Drawn.Clear();
        display.Write("\nline 4");
        Assert.Equal([(0, 5, 1), (1, 5, 1), (2, 5, 1)], display.Drawn);
    }

    [Fact]
    public void TheCursorIsDrawnAgainWhenItsCellChanges()
    {
        var display = new RecordingDisplay(10, 3);
        display.Write("abc\r");
        Assert.Equal((0, 0, 'a'), display.Cursor);
        display.Write("\e7X\e8");
        Assert.Equal((0, 0, 'X'), display.Cursor);
    }

    [Fact]
    public void TheCellUnderTheOldCursorIsDrawnAgain()
    {
        var display = new RecordingDisplay(10, 3);
        display.Write("abc\r");
        display.Drawn.Clear();
        display.Write("\e[C");
        Assert.Equal([(0, 0, 1)], display.Drawn);
        Assert.Equal((0, 1, 'b'), display.Cursor);
        display.Write("\e[?25l");
        Assert.Null(display.Cursor);
    }

    [Fact]
    public void TheDisplayAlwaysShowsTheModel()
    {
        var random = new Random(7);
        ReadOnlySpan<byte> likely = "\e[;?0123456789HJKmrLMPX@ABCDST\nabcdefgh  "u8;
        var display = new RecordingDisplay(16, 6);
        for (int round = 0; round < 2000; round++)
        {
            byte[] bytes = new byte[random.Next(1, 30)];
            for (int i = 0; i < bytes.Length; i++)
            {
                bytes[i] = likely[random.Next(likely.Length)];
            }

            display.Write(bytes);
            for (int row = 0; row < 6; row++)
            {
                Assert.Equal(display.Screen.Row(row).ToArray(), display.Shown(row));
            }
        }
    }

    private sealed class RecordingDisplay : TerminalDisplay
    {
        private readonly Cell[][] _shown;
        private readonly TerminalRenderer _renderer;

        public RecordingDisplay(int columns, int rows)
        {
            Columns = columns;
            Rows = rows;
            _shown = new Cell[rows][];
            for (int row = 0; row < rows; row++)
            {
                _shown[row] = new Cell[columns];
            }

            Screen = new TerminalScreen(columns, rows);
            _renderer = new TerminalRenderer(Screen, this);
            _renderer.Update();
        }

        public override int Columns { get; }

        public override int Rows { get; }

        public TerminalScreen Screen { get; }

        public List<(int Row, int Column, int Count)> Drawn { get; } = [];

        public (int Row, int Column, char Character)? Cursor { get; private set; }

        public Cell[] Shown(int row) => _shown[row];

        public void Write(string text) => Write(Encoding.UTF8.GetBytes(text));

        public void Write(byte[] text)
        {
            Screen.Write(text);
            _renderer.Update();
        }

        public override void Draw(int row, int column, ReadOnlySpan<Cell> cells)
        {
            cells.CopyTo(_shown[row].AsSpan(column));
            Drawn.Add((row, column, cells.Length));
        }

        public override void DrawCursor(int row, int column, in Cell cell, CursorShape shape) => Cursor = (row, column, (char)cell.Rune);

        public override void HideCursor() => Cursor = null;
    }
}
