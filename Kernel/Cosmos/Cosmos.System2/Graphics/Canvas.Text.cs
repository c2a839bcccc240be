using System;
using System.Drawing;
using Cosmos.System.Graphics.Fonts;

namespace Cosmos.System.Graphics;

/// <content>Text.</content>
public abstract partial class Canvas
{
    /// <summary>Draws characters side by side.</summary>
    /// <param name="str">The text. Nothing in it begins a new line.</param>
    /// <param name="font">Their shapes.</param>
    /// <param name="color">Their colour; what is around them stays.</param>
    /// <param name="x">Left column of the first.</param>
    /// <param name="y">Top row.</param>
    public virtual void DrawString(string str, Font font, Color color, int x, int y)
    {
        ArgumentNullException.ThrowIfNull(str);
        ArgumentNullException.ThrowIfNull(font);
        foreach (char c in str)
        {
            DrawChar(c, font, color, x, y);
            x += font.Width;
        }
    }

    /// <summary>Draws a character.</summary>
    public virtual void DrawChar(char c, Font font, Color color, int x, int y)
    {
        ArgumentNullException.ThrowIfNull(font);
        ReadOnlySpan<byte> glyph = font.GlyphOf(c);
        int bytesPerRow = font.BytesPerRow;
        for (int row = 0; row < font.Height; row++)
        {
            ReadOnlySpan<byte> bits = glyph.Slice(row * bytesPerRow, bytesPerRow);
            for (int column = 0; column < font.Width; column++)
            {
                // Pixels side by side in one go.
                int start = column;
                while (column < font.Width && (bits[column / 8] & (0x80 >> (column % 8))) != 0)
                {
                    column++;
                }

                if (column > start)
                {
                    Run(color, (long)x + start, (long)y + row, column - start);
                }
            }
        }
    }
}
