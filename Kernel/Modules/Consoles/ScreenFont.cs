using System;
using System.Collections.Generic;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Modules.Consoles;

/// <summary>A font of bitmaps that a program has loaded for screens (ioctl_console(2), KDFONTOP). It never changes: another table of characters makes another font.</summary>
public sealed class ScreenFont
{
    /// <summary>Pixels of a glyph each way, at most.</summary>
    public const int LargestSize = 32;

    /// <summary>Glyphs at most.</summary>
    public const int MostGlyphs = 512;

    private const int Replacement = 0xFFFD;

    [Immutable]
    private readonly byte[] _rows;

    // Null: the glyph of a character is that of its number.
    [Immutable]
    private readonly Dictionary<int, int>? _glyphs;

    private readonly int _fallback;

    /// <summary>Makes one.</summary>
    /// <param name="width">Pixels of a row, 1 to <see cref="LargestSize"/>.</param>
    /// <param name="height">Rows, 1 to <see cref="LargestSize"/>.</param>
    /// <param name="count">Glyphs, 1 to <see cref="MostGlyphs"/>.</param>
    /// <param name="rows">Row after row, glyph after glyph; each row begins with a byte, the leftmost pixel in its highest bit.</param>
    /// <param name="glyphs">The glyph of each character; null: that of its number.</param>
    /// <exception cref="ArgumentException">The sizes are no such ones, or there are too few bytes.</exception>
    public ScreenFont(int width, int height, int count, byte[] rows, Dictionary<int, int>? glyphs = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        Width = width;
        Height = height;
        Count = count;
        RowBytes = (width + 7) / 8;
        if (width is < 1 or > LargestSize || height is < 1 or > LargestSize || count is < 1 or > MostGlyphs || rows.Length < count * height * RowBytes)
        {
            throw new ArgumentException($"no font of {count} glyphs of {width} by {height} pixels in {rows.Length} bytes");
        }

        _rows = rows;
        _glyphs = glyphs;
        _fallback = Math.Max(IndexOf(Replacement), 0);
    }

    /// <summary>Pixels of a row.</summary>
    public int Width { get; }

    /// <summary>Rows of a glyph.</summary>
    public int Height { get; }

    /// <summary>Glyphs.</summary>
    public int Count { get; }

    /// <summary>Bytes of a row.</summary>
    public int RowBytes { get; }

    /// <summary>All rows, as the constructor got them.</summary>
    public ReadOnlySpan<byte> Rows => _rows;

    /// <summary>The glyph of each character; null: that of its number.</summary>
    public IReadOnlyDictionary<int, int>? Glyphs => _glyphs;

    /// <summary>The same font with another table of characters.</summary>
    public ScreenFont With(Dictionary<int, int>? glyphs) => new(Width, Height, Count, _rows, glyphs);

    /// <summary>The rows of a character's glyph; of the replacement character's, or the first one, when the font lacks it.</summary>
    /// <param name="rune">Unicode code point.</param>
    public ReadOnlySpan<byte> RowsOf(int rune)
    {
        int index = IndexOf(rune);
        int bytes = Height * RowBytes;
        return _rows.AsSpan((index < 0 ? _fallback : index) * bytes, bytes);
    }

    private int IndexOf(int rune)
    {
        int index = _glyphs is null ? rune : _glyphs.TryGetValue(rune, out int found) ? found : -1;
        return index < Count ? index : -1;
    }
}
