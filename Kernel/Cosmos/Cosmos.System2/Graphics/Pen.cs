using System;
using System.Drawing;
using CosmosKernel.Machine.Locking;

namespace Cosmos.System.Graphics;

/// <summary>A colour to draw with, for kernels of the time when Cosmos's canvas took pens. Not synchronized.</summary>
[Owned]
public class Pen
{
    private int _width;

    /// <summary>Makes a pen.</summary>
    /// <param name="color">Its colour.</param>
    /// <param name="width">Kept, and not used: lines are one pixel wide.</param>
    public Pen(Color color, int width = 1)
    {
        Color = color;
        Width = width;
    }

    /// <summary>The colour.</summary>
    public Color Color { get; set; }

    /// <summary>The colour as 0xAARRGGBB.</summary>
    public int ValueARGB => Color.ToArgb();

    /// <summary>Width, 1 or more. Lines are one pixel wide whatever it is, as in Cosmos.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less than 1.</exception>
    public int Width
    {
        get => _width;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            _width = value;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Color.ToString();
}
