namespace Cosmos.System.Graphics;

/// <summary>How a BMP file packs its pixels, by its numbers.</summary>
internal enum BmpCompression : uint
{
    /// <summary>BI_RGB: not at all.</summary>
    None = 0,

    /// <summary>BI_RLE8: runs of pixels of eight bits.</summary>
    RunLength8 = 1,

    /// <summary>BI_RLE4: runs of pixels of four bits.</summary>
    RunLength4 = 2,

    /// <summary>BI_BITFIELDS: not at all; masks say where the colours are.</summary>
    BitFields = 3,

    /// <summary>BI_ALPHABITFIELDS: as the former, with a fourth mask behind BITMAPINFOHEADER.</summary>
    AlphaBitFields = 6,
}
