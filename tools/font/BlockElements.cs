using System;
using System.Collections.Generic;

namespace CosmosKernel.Tools.Font;

/// <summary>
/// Draws the block elements U+2580 to U+259F (Unicode 15.0 code chart): console fonts have few of them, and all are rectangles in eighths of the cell, or shades.
/// </summary>
internal static class BlockElements
{
    private const int Width = 8;

    // Which quarters U+2596 to U+259F fill: 1 upper left, 2 upper right, 4 lower left, 8 lower right.
    private static readonly byte[] s_quadrants = [4, 8, 1, 13, 9, 7, 11, 2, 6, 14];

    /// <summary>Adds those that a font lacks.</summary>
    public static void AddMissing(SortedDictionary<int, byte[]> glyphs, int height)
    {
        for (int code = 0x2580; code <= 0x259F; code++)
        {
            if (!glyphs.ContainsKey(code))
            {
                glyphs.Add(code, Draw(code, height));
            }
        }
    }

    /// <summary>The rows of one element.</summary>
    public static byte[] Draw(int code, int height)
    {
        int half = height / 2;
        return code switch
        {
            0x2580 => Rows(height, 0, half, 0xFF),
            >= 0x2581 and <= 0x2588 => Rows(height, height - (height * (code - 0x2580) / 8), height, 0xFF),
            >= 0x2589 and <= 0x258F => Rows(height, 0, height, Left(0x2590 - code)),
            0x2590 => Rows(height, 0, height, 0x0F),
            0x2591 => Shade(height, 0x88, 0x22),
            0x2592 => Shade(height, 0xAA, 0x55),
            0x2593 => Shade(height, 0x77, 0xDD),
            0x2594 => Rows(height, 0, height / 8, 0xFF),
            0x2595 => Rows(height, 0, height, 0x01),
            >= 0x2596 and <= 0x259F => Quadrants(height, s_quadrants[code - 0x2596]),
            _ => throw new ArgumentOutOfRangeException(nameof(code)),
        };
    }

    private static byte Left(int pixels) => (byte)(0xFF << (Width - pixels));

    private static byte[] Rows(int height, int first, int end, byte pixels)
    {
        byte[] rows = new byte[height];
        rows.AsSpan(first, end - first).Fill(pixels);
        return rows;
    }

    private static byte[] Shade(int height, byte even, byte odd)
    {
        byte[] rows = new byte[height];
        for (int row = 0; row < height; row++)
        {
            rows[row] = row % 2 == 0 ? even : odd;
        }

        return rows;
    }

    private static byte[] Quadrants(int height, int which)
    {
        byte[] rows = new byte[height];
        rows.AsSpan(0, height / 2).Fill(Half(which));
        rows.AsSpan(height / 2).Fill(Half(which >> 2));
        return rows;
    }

    private static byte Half(int which) => (byte)(((which & 1) != 0 ? 0xF0 : 0) | ((which & 2) != 0 ? 0x0F : 0));
}
