using System;
using System.IO;

namespace CosmosKernel.Tests.Cosmos;

/// <summary>Writes BMP files of every form from pixels given as numbers: colours of a palette, or what the masks make of them.</summary>
internal sealed class BitmapSample
{
    /// <summary>Bytes of the header behind the first 14: 12, 40, 52, 56, 108 or 124.</summary>
    public int HeaderSize { get; init; } = 40;

    /// <summary>Bits of a pixel.</summary>
    public int Bits { get; init; }

    /// <summary>BMP's number of the compression.</summary>
    public int Compression { get; init; }

    /// <summary>Whether the first row is the top one.</summary>
    public bool TopDown { get; init; }

    /// <summary>Masks of red, green, blue and alpha, where the compression has them.</summary>
    public uint[] Masks { get; init; } = [];

    /// <summary>Colours of the palette, 0xRRGGBB.</summary>
    public int[] Palette { get; init; } = [];

    /// <summary>What field biClrUsed says; 0 means all.</summary>
    public int ColorsUsed { get; init; }

    /// <summary>The file of uncompressed pixels.</summary>
    public byte[] File(int width, int height, Func<int, int, uint> pixelAt)
    {
        var data = new MemoryStream();
        for (int row = 0; row < height; row++)
        {
            byte[] bytes = new byte[((width * Bits) + 31) / 32 * 4];
            for (int x = 0; x < width; x++)
            {
                uint pixel = pixelAt(x, TopDown ? row : height - 1 - row);
                for (int bit = 0; bit < Bits; bit++)
                {
                    // Below eight bits the leftmost pixel is the highest; above, bytes are in order of value.
                    int at = Bits < 8 ? (x * Bits) + (Bits - 1 - bit) : (x * Bits) + bit;
                    int place = Bits < 8 ? 7 - (at % 8) : at % 8;
                    bytes[at / 8] |= (byte)(((pixel >> bit) & 1) << place);
                }
            }

            data.Write(bytes);
        }

        return File(width, height, data.ToArray());
    }

    /// <summary>The file of pixels that are packed already.</summary>
    public byte[] File(int width, int height, byte[] pixels)
    {
        byte[] header = new byte[14 + HeaderSize];
        header[0] = (byte)'B';
        header[1] = (byte)'M';
        BitConverter.TryWriteBytes(header.AsSpan(14), HeaderSize);
        if (HeaderSize == 12)
        {
            BitConverter.TryWriteBytes(header.AsSpan(18), (ushort)width);
            BitConverter.TryWriteBytes(header.AsSpan(20), (ushort)height);
            (header[22], header[24]) = (1, (byte)Bits);
        }
        else
        {
            BitConverter.TryWriteBytes(header.AsSpan(18), width);
            BitConverter.TryWriteBytes(header.AsSpan(22), TopDown ? -height : height);
            (header[26], header[28], header[30]) = (1, (byte)Bits, (byte)Compression);
            BitConverter.TryWriteBytes(header.AsSpan(34), pixels.Length);
            BitConverter.TryWriteBytes(header.AsSpan(46), ColorsUsed);
        }

        var file = new MemoryStream();
        file.Write(header);
        for (int i = 0; i < Masks.Length; i++)
        {
            // Inside the header as far as it goes, then behind it.
            file.Position = 54 + (4 * i);
            file.Write(BitConverter.GetBytes(Masks[i]));
        }

        file.Position = Math.Max(file.Length, header.Length);
        foreach (int color in Palette)
        {
            file.Write([(byte)color, (byte)(color >> 8), (byte)(color >> 16)]);
            file.Write(new byte[HeaderSize == 12 ? 0 : 1]);
        }

        byte[] all = [.. file.ToArray(), .. pixels];
        BitConverter.TryWriteBytes(all.AsSpan(10), (int)file.Length);
        BitConverter.TryWriteBytes(all.AsSpan(2), all.Length);
        return all;
    }
}
