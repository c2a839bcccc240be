namespace Cosmos.System.Graphics;

/// <summary>Bits of a pixel.</summary>
public enum ColorDepth
{
    /// <summary>16 colours of a palette.</summary>
    ColorDepth4 = 4,

    /// <summary>256 colours of a palette.</summary>
    ColorDepth8 = 8,

    /// <summary>Five, six and five bits of red, green and blue.</summary>
    ColorDepth16 = 16,

    /// <summary>Eight bits of each colour.</summary>
    ColorDepth24 = 24,

    /// <summary>Eight bits of each colour and eight of alpha.</summary>
    ColorDepth32 = 32,
}
