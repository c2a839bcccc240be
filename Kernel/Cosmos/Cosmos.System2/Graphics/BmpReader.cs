using System;
using System.Buffers.Binary;
using System.IO;

namespace Cosmos.System.Graphics;

/// <summary>The pixels of a BMP file as 0xAARRGGBB, row after row from the top.</summary>
internal static class BmpReader
{
    private const int Opaque = unchecked((int)0xFF000000);

    /// <summary>Reads them.</summary>
    /// <param name="file">The file.</param>
    /// <param name="header">Its headers.</param>
    /// <param name="hasAlpha">Gets whether there may be pixels that are not opaque.</param>
    /// <exception cref="InvalidDataException">A pixel has a colour that the palette lacks, or what is compressed leaves the image or ends too early.</exception>
    public static int[] Read(ReadOnlySpan<byte> file, in BmpHeader header, out bool hasAlpha)
    {
        int[] pixels = new int[header.Width * header.Height];
        ReadOnlySpan<int> palette = header.Colors > 0 ? ReadPalette(file, header) : [];
        if (header.Compression is BmpCompression.RunLength4 or BmpCompression.RunLength8)
        {
            hasAlpha = new BmpRuns(file[header.Pixels..], header, palette, pixels).Read();
            return pixels;
        }

        hasAlpha = header.Bits is 16 or 32 && header.ColorMasks.HasAlpha;
        for (int y = 0; y < header.Height; y++)
        {
            ReadOnlySpan<byte> row = header.RowOf(file, y);
            Span<int> to = pixels.AsSpan(y * header.Width, header.Width);
            switch (header.Bits)
            {
                case 32:
                    Read32(row, header.ColorMasks, to);
                    break;
                case 24:
                    Read24(row, to);
                    break;
                case 16:
                    Read16(row, header.ColorMasks, to);
                    break;
                default:
                    ReadIndexes(row, header.Bits, palette, to);
                    break;
            }
        }

        return pixels;
    }

    /// <summary>A colour of the palette.</summary>
    /// <exception cref="InvalidDataException">It has no such colour.</exception>
    public static int ColorOf(ReadOnlySpan<int> palette, int index) =>
        index < palette.Length ? palette[index] : throw new InvalidDataException($"a BMP file with a pixel of colour {index}, whose palette has {palette.Length}");

    private static int[] ReadPalette(ReadOnlySpan<byte> file, in BmpHeader header)
    {
        int[] palette = new int[header.Colors];
        for (int i = 0; i < palette.Length; i++)
        {
            ReadOnlySpan<byte> entry = file.Slice(header.Palette + (i * header.PaletteEntry), 3);
            palette[i] = Opaque | (entry[2] << 16) | (entry[1] << 8) | entry[0];
        }

        return palette;
    }

    private static void Read32(ReadOnlySpan<byte> row, in ColorMasks masks, Span<int> to)
    {
        bool isPlain = masks.IsPlain;
        for (int x = 0; x < to.Length; x++)
        {
            uint pixel = BinaryPrimitives.ReadUInt32LittleEndian(row[(x * 4)..]);
            to[x] = isPlain ? (int)pixel : masks.ColorOf(pixel);
        }
    }

    private static void Read24(ReadOnlySpan<byte> row, Span<int> to)
    {
        for (int x = 0; x < to.Length; x++)
        {
            ReadOnlySpan<byte> pixel = row.Slice(x * 3, 3);
            to[x] = Opaque | (pixel[2] << 16) | (pixel[1] << 8) | pixel[0];
        }
    }

    private static void Read16(ReadOnlySpan<byte> row, in ColorMasks masks, Span<int> to)
    {
        for (int x = 0; x < to.Length; x++)
        {
            to[x] = masks.ColorOf(BinaryPrimitives.ReadUInt16LittleEndian(row[(x * 2)..]));
        }
    }

    // The leftmost pixel of a byte is in its highest bits.
    private static void ReadIndexes(ReadOnlySpan<byte> row, int bits, ReadOnlySpan<int> palette, Span<int> to)
    {
        int perByte = 8 / bits;
        int mask = (1 << bits) - 1;
        for (int x = 0; x < to.Length; x++)
        {
            to[x] = ColorOf(palette, (row[x / perByte] >> (8 - bits - (x % perByte * bits))) & mask);
        }
    }
}
