using System;
using CosmosKernel.Drivers.Terminal;
using CosmosKernel.Machine.Devices;

namespace CosmosKernel.Drivers.VgaText;

/// <summary>80 by 25 cells of VGA text memory.</summary>
/// <param name="memory">The cells, two bytes each.</param>
/// <param name="registers">The cursor's registers.</param>
internal sealed class VgaTextDisplay(MmioRegion memory, VgaRegisters registers) : TerminalDisplay
{
    /// <summary>Physical address of the first cell.</summary>
    public const ulong Address = 0xB8000;

    /// <summary>Bytes of all cells.</summary>
    public const int Bytes = 80 * 25 * 2;

    /// <inheritdoc/>
    public override int Columns => 80;

    /// <inheritdoc/>
    public override int Rows => 25;

    /// <summary>The two bytes of a cell: character and attribute.</summary>
    public static ushort Encode(in Cell cell)
    {
        (int foreground, int background) = Palette.Colors16Of(cell);
        return (ushort)(CodePage437.FromRune((cell.Attributes & CellAttributes.Tail) != 0 ? ' ' : cell.Rune) | (VgaColor(foreground) << 8) | (VgaColor(background) << 12));
    }

    /// <inheritdoc/>
    public override void Draw(int row, int column, ReadOnlySpan<Cell> cells)
    {
        Span<ushort> encoded = stackalloc ushort[80];
        encoded = encoded[..cells.Length];
        for (int i = 0; i < cells.Length; i++)
        {
            encoded[i] = Encode(cells[i]);
        }

        memory.Write(((row * Columns) + column) * 2L, encoded);
    }

    /// <inheritdoc/>
    public override void DrawCursor(int row, int column, in Cell cell, CursorShape shape) =>
        registers.ShowCursor((row * Columns) + column, shape == CursorShape.Block ? 0 : 13);

    /// <inheritdoc/>
    public override void HideCursor() => registers.HideCursor();

    // ANSI counts red, green, blue from bit 0; the VGA blue, green, red.
    private static int VgaColor(int color) => (color & 0b1010) | ((color & 1) << 2) | ((color >> 2) & 1);
}
