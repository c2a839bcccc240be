using CosmosKernel.Machine.Locking;

namespace Cosmos.System.Graphics;

/// <summary>Pixels in memory. Not synchronized: what several tasks draw into or from needs a lock.</summary>
[Owned]
public abstract class Image
{
    /// <summary>The pixels, row after row from the top, 0xAARRGGBB.</summary>
    public int[] RawData;

    /// <summary>Makes an image; who derives fills <see cref="RawData"/>.</summary>
    protected Image(uint width, uint height, ColorDepth color)
    {
        Width = width;
        Height = height;
        Depth = color;
        RawData = [];
    }

    /// <summary>The pixels, by the name that Cosmos used until 2022.</summary>
    public int[] rawData
    {
        get => RawData;
        set => RawData = value;
    }

    /// <summary>Pixels in a row.</summary>
    public uint Width { get; protected set; }

    /// <summary>Rows.</summary>
    public uint Height { get; protected set; }

    /// <summary>Bits of a pixel when the image is saved. In memory all have 32.</summary>
    public ColorDepth Depth { get; protected set; }
}
