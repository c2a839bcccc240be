using System;
using System.IO;
using System.Numerics;

namespace Cosmos.System.Graphics;

/// <summary>Which bits of a pixel are red, green, blue and alpha, as BI_BITFIELDS has it; colours come out as 0xAARRGGBB.</summary>
internal readonly struct ColorMasks
{
    private const uint Opaque = 0xFF000000;

    private readonly Channel _red;
    private readonly Channel _green;
    private readonly Channel _blue;
    private readonly Channel _alpha;

    private ColorMasks(Channel red, Channel green, Channel blue, Channel alpha)
    {
        _red = red;
        _green = green;
        _blue = blue;
        _alpha = alpha;
    }

    /// <summary>Five bits each, the highest bit unused: 16 bits without masks.</summary>
    public static ColorMasks Bits555 => Make(16, 0x7C00, 0x3E0, 0x1F, 0);

    /// <summary>Eight bits each, and eight of alpha: 32 bits without masks, as Cosmos takes them.</summary>
    public static ColorMasks Bits8888 => Make(32, 0xFF0000, 0xFF00, 0xFF, 0xFF000000);

    /// <summary>Whether pixels are 0xAARRGGBB as they stand.</summary>
    public bool IsPlain => _alpha.Is(0xFF000000) && _red.Is(0xFF0000) && _green.Is(0xFF00) && _blue.Is(0xFF);

    /// <summary>Whether pixels need not be opaque.</summary>
    public bool HasAlpha => _alpha.Maximum != 0;

    /// <summary>Masks of a file.</summary>
    /// <param name="bits">Bits of a pixel.</param>
    /// <param name="red">Bits of red; 0 for none, as in the others.</param>
    /// <param name="green">Bits of green.</param>
    /// <param name="blue">Bits of blue.</param>
    /// <param name="alpha">Bits of alpha; 0 means opaque.</param>
    /// <exception cref="InvalidDataException">One has gaps, or two share bits, or one goes beyond the pixel.</exception>
    public static ColorMasks Make(int bits, uint red, uint green, uint blue, uint alpha)
    {
        uint all = 0;
        foreach (uint mask in (ReadOnlySpan<uint>)[red, green, blue, alpha])
        {
            // Without the zeros below it, a mask without gaps is one less than a power of two.
            uint low = mask == 0 ? 0 : mask >> BitOperations.TrailingZeroCount(mask);
            if ((low & (low + 1)) != 0 || (all & mask) != 0 || (bits == 16 && mask > 0xFFFF))
            {
                throw new InvalidDataException($"a BMP file of {bits} bits a pixel with the colour masks {red:X8}, {green:X8}, {blue:X8}, {alpha:X8}");
            }

            all |= mask;
        }

        return new ColorMasks(new Channel(red), new Channel(green), new Channel(blue), new Channel(alpha));
    }

    /// <summary>The colour of a pixel.</summary>
    public int ColorOf(uint pixel) =>
        (int)((_alpha.Maximum == 0 ? Opaque : _alpha.ValueOf(pixel) << 24) | (_red.ValueOf(pixel) << 16) | (_green.ValueOf(pixel) << 8) | _blue.ValueOf(pixel));

    private readonly struct Channel(uint mask)
    {
        private readonly uint _mask = mask;
        private readonly int _shift = mask == 0 ? 0 : BitOperations.TrailingZeroCount(mask);

        public uint Maximum { get; } = mask == 0 ? 0 : mask >> BitOperations.TrailingZeroCount(mask);

        public bool Is(uint mask) => _mask == mask;

        // 0 to 255: the largest value of the bits is 255, the others in between are rounded to the nearest.
        public uint ValueOf(uint pixel)
        {
            uint value = (pixel & _mask) >> _shift;
            return Maximum is 0 or 0xFF ? value : (uint)((((ulong)value * 0xFF) + (Maximum / 2)) / Maximum);
        }
    }
}
