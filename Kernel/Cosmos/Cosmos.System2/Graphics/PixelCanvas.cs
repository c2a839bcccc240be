using System;
using System.Drawing;
using CosmosKernel.Machine.Locking;

namespace Cosmos.System.Graphics;

/// <summary>A canvas whose pixels are in memory until <see cref="Canvas.Display"/> shows them.</summary>
[Owned]
public abstract class PixelCanvas : Canvas
{
    private int[] _pixels = [];
    private int _width;
    private int _height;

    /// <summary>All pixels, row after row, 0xAARRGGBB.</summary>
    protected ReadOnlySpan<int> Pixels => _pixels;

    /// <inheritdoc/>
    public override void Clear(int color) => _pixels.AsSpan().Fill(color);

    /// <inheritdoc/>
    public override void DrawPoint(Color color, int x, int y)
    {
        if (TryIndex(x, y, out int index))
        {
            _pixels[index] = color.A == byte.MaxValue ? color.ToArgb() : color.A == 0 ? _pixels[index] : Mix(color.ToArgb(), _pixels[index], color.A);
        }
    }

    /// <inheritdoc/>
    public override void DrawPoint(uint color, int x, int y) => DrawPoint((int)color, x, y);

    /// <inheritdoc/>
    public override void DrawPoint(int color, int x, int y)
    {
        if (TryIndex(x, y, out int index))
        {
            _pixels[index] = color;
        }
    }

    /// <inheritdoc/>
    public override Color GetPointColor(int x, int y) => Color.FromArgb(GetRawPointColor(x, y));

    /// <inheritdoc/>
    public override int GetRawPointColor(int x, int y)
    {
        ThrowIfCoordNotValid(x, y);
        return _pixels[(y * _width) + x];
    }

    /// <inheritdoc/>
    internal override void FillRow(Color color, int x, int y, int count)
    {
        Span<int> row = _pixels.AsSpan((y * _width) + x, count);
        int value = color.ToArgb();
        if (color.A == byte.MaxValue)
        {
            row.Fill(value);
            return;
        }

        foreach (ref int pixel in row)
        {
            pixel = Mix(value, pixel, color.A);
        }
    }

    /// <inheritdoc/>
    internal override void StoreRow(ReadOnlySpan<int> pixels, int x, int y) => pixels.CopyTo(_pixels.AsSpan((y * _width) + x, pixels.Length));

    /// <inheritdoc/>
    internal override void MixRow(ReadOnlySpan<int> pixels, int x, int y)
    {
        Span<int> row = _pixels.AsSpan((y * _width) + x, pixels.Length);
        for (int i = 0; i < pixels.Length; i++)
        {
            int alpha = (pixels[i] >> 24) & 0xFF;
            row[i] = alpha == byte.MaxValue ? pixels[i] : alpha == 0 ? row[i] : Mix(pixels[i], row[i], alpha);
        }
    }

    /// <summary>Takes a size; everything is black.</summary>
    protected void Resize(int width, int height)
    {
        _pixels = new int[Bitmap.PixelsOf((uint)width, (uint)height)];
        (_width, _height) = (width, height);
        Clear(Color.Black);
    }

    private bool TryIndex(int x, int y, out int index)
    {
        index = (y * _width) + x;
        return (uint)x < (uint)_width && (uint)y < (uint)_height;
    }
}
