namespace Cosmos.System.Graphics;

/// <summary>Order of a pixel's bytes in a file, as callers of Cosmos's <see cref="Bitmap"/> name it.</summary>
public enum ColorOrder
{
    /// <summary>Red first.</summary>
    RGB,

    /// <summary>Blue first, as BMP files have it.</summary>
    BGR,
}
