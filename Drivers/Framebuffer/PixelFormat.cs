using System;
using CosmosKernel.Machine.Boot;

namespace CosmosKernel.Drivers.Framebuffer;

/// <summary>How a framebuffer's pixels are made of 8 bits of red, green and blue.</summary>
internal readonly struct PixelFormat
{
    private readonly int _red;
    private readonly int _green;
    private readonly int _blue;

    /// <summary>Reads it from what the boot loader says.</summary>
    /// <exception cref="NotSupportedException">Pixels of neither 24 nor 32 bits.</exception>
    public PixelFormat(in ScreenInformation screen)
    {
        if (screen.BitsPerPixel is not (24 or 32))
        {
            throw new NotSupportedException($"a framebuffer of {screen.BitsPerPixel} bits a pixel; 24 and 32 are supported");
        }

        Bytes = (int)screen.BitsPerPixel / 8;
        _red = screen.RedShift;
        _green = screen.GreenShift;
        _blue = screen.BlueShift;
    }

    /// <summary>Lowest bit of red in a pixel.</summary>
    public int RedShift => _red;

    /// <summary>Lowest bit of green.</summary>
    public int GreenShift => _green;

    /// <summary>Lowest bit of blue.</summary>
    public int BlueShift => _blue;

    /// <summary>Bytes of a pixel, 3 or 4.</summary>
    public int Bytes { get; }

    /// <summary>The pixel of a colour 0xRRGGBB.</summary>
    public uint FromRgb(uint rgb) => (((rgb >> 16) & 0xFF) << _red) | (((rgb >> 8) & 0xFF) << _green) | ((rgb & 0xFF) << _blue);
}
