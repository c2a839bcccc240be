namespace Cosmos.System.Graphics;

/// <summary>Formats of image files.</summary>
public enum ImageFormat
{
    /// <summary>Device-independent bitmap, without compression.</summary>
    BMP,
}
