using System;

namespace CosmosKernel.Drivers.Framebuffer;

/// <summary>Finds the glyph of a character.</summary>
internal static class GlyphTable
{
    private const int Replacement = 0xFFFD;

    /// <summary>Rows of the glyph: a byte each, the leftmost pixel in the highest bit. A character that the font lacks has the replacement character's.</summary>
    public static ReadOnlySpan<byte> RowsOf(int rune)
    {
        int index = IndexOf(rune);
        index = index >= 0 ? index : IndexOf(Replacement);
        return ConsoleFont.Glyphs.Slice(index * ConsoleFont.Height, ConsoleFont.Height);
    }

    /// <summary>Number of the glyph, or -1.</summary>
    public static int IndexOf(int rune)
    {
        // Code points are sorted, and printable ASCII comes first without a gap.
        ReadOnlySpan<ushort> codePoints = ConsoleFont.CodePoints;
        int guess = rune - codePoints[0];
        if (guess >= 0 && guess < codePoints.Length && codePoints[guess] == rune)
        {
            return guess;
        }

        int low = 0;
        int high = codePoints.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (codePoints[middle] == rune)
            {
                return middle;
            }

            if (codePoints[middle] < rune)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return -1;
    }
}
