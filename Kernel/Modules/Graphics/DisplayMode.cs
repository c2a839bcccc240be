namespace CosmosKernel.Modules.Graphics;

/// <summary>Size of a display and depth of its pixels.</summary>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="BitsPerPixel">Bits of a pixel.</param>
public readonly record struct DisplayMode(int Width, int Height, int BitsPerPixel)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Width}x{Height}x{BitsPerPixel}";
}
