using System;
using System.Buffers.Binary;
using System.IO;

namespace Cosmos.System.Graphics;

/// <summary>
/// What the headers of a BMP file say: BITMAPFILEHEADER, then BITMAPCOREHEADER, BITMAPINFOHEADER or one of those that begin as it does (with masks; BITMAPV4HEADER, BITMAPV5HEADER), then masks, then the palette.
/// Everything is checked against the file's size before a pixel is looked at. Source: Windows GDI, "Bitmap Storage" and the structures' pages.
/// </summary>
internal readonly struct BmpHeader
{
    /// <summary>Bytes of BITMAPFILEHEADER.</summary>
    public const int FileHeaderSize = 14;

    /// <summary>Bytes of BITMAPINFOHEADER.</summary>
    public const int InfoHeaderSize = 40;

    private const int CoreHeaderSize = 12;
    private const int LongestInfoHeader = 124;

    // Where the masks of red, green, blue and alpha are, inside longer headers and behind BITMAPINFOHEADER alike; and from which size on a header has them.
    private const int Masks = FileHeaderSize + InfoHeaderSize;
    private const int HeaderWithMasks = InfoHeaderSize + 12;
    private const int HeaderWithAlphaMask = InfoHeaderSize + 16;

    // In two bytes of a compressed file are 255 pixels at most; a file with more of them is left blank but for the rest.
    private const int PixelsPerCompressedByte = 128;

    private BmpHeader(int width, int height, bool topDown, int bits, BmpCompression compression, ColorMasks masks, int palette, int paletteEntry, int colors, int pixels)
    {
        Width = width;
        Height = height;
        IsTopDown = topDown;
        Bits = bits;
        Compression = compression;
        ColorMasks = masks;
        Palette = palette;
        PaletteEntry = paletteEntry;
        Colors = colors;
        Pixels = pixels;
    }

    /// <summary>Pixels in a row, 1 or more.</summary>
    public int Width { get; }

    /// <summary>Rows, 1 or more.</summary>
    public int Height { get; }

    /// <summary>Whether the first row of the file is the top one.</summary>
    public bool IsTopDown { get; }

    /// <summary>Bits of a pixel: 1, 4, 8, 16, 24 or 32.</summary>
    public int Bits { get; }

    /// <summary>How the pixels are packed.</summary>
    public BmpCompression Compression { get; }

    /// <summary>What the bits of a pixel mean, of 16 and 32 bits.</summary>
    public ColorMasks ColorMasks { get; }

    /// <summary>Offset of the palette.</summary>
    public int Palette { get; }

    /// <summary>Bytes of a colour of the palette, blue first: 3 or 4.</summary>
    public int PaletteEntry { get; }

    /// <summary>Colours of the palette; 0 if pixels are colours themselves.</summary>
    public int Colors { get; }

    /// <summary>Offset of the pixels.</summary>
    public int Pixels { get; }

    /// <summary>Reads the headers.</summary>
    /// <exception cref="InvalidDataException">They are not those of a BMP file, or the file is shorter than they say.</exception>
    /// <exception cref="NotSupportedException">A format inside that is not BMP's own (JPEG, PNG), or one that only OS/2 had.</exception>
    public static BmpHeader Read(ReadOnlySpan<byte> file)
    {
        if (file.Length < FileHeaderSize + CoreHeaderSize || file[0] != 'B' || file[1] != 'M')
        {
            throw new InvalidDataException("no BMP file: it does not begin with its headers");
        }

        uint infoSize = UInt32(file, 14);
        bool isCore = infoSize == CoreHeaderSize;
        if (!isCore && infoSize is < InfoHeaderSize or > LongestInfoHeader)
        {
            throw new InvalidDataException($"a BMP header of {infoSize} bytes; it must have 12, or 40 to 124");
        }

        if (file.Length < FileHeaderSize + infoSize)
        {
            throw new InvalidDataException($"a BMP header of {infoSize} bytes in a file of {file.Length}");
        }

        int planes = UInt16(file, isCore ? 22 : 26);
        if (planes != 1)
        {
            throw new InvalidDataException($"a BMP file of {planes} planes; it must have 1");
        }

        int bits = UInt16(file, isCore ? 24 : 28);
        BmpCompression compression = isCore ? BmpCompression.None : (BmpCompression)UInt32(file, 30);
        CheckFormat(bits, compression);
        int behind = FileHeaderSize + (int)infoSize;
        ColorMasks masks = MasksOf(file, bits, compression, (int)infoSize, ref behind);
        int width = isCore ? UInt16(file, 18) : BinaryPrimitives.ReadInt32LittleEndian(file[18..]);
        int signedHeight = isCore ? UInt16(file, 20) : BinaryPrimitives.ReadInt32LittleEndian(file[22..]);
        uint pixels = UInt32(file, 10);
        int entry = isCore ? 3 : 4;
        int colors = bits > 8 ? 0 : ColorsOf(bits, isCore ? 0 : UInt32(file, 46));
        if (pixels < behind + ((long)colors * entry) || pixels > file.Length)
        {
            throw new InvalidDataException($"a BMP file of {file.Length} bytes whose pixels begin at byte {pixels}; its headers{(colors > 0 ? $" and its palette of {colors} colours" : "")} take {behind + ((long)colors * entry)}");
        }

        CheckSize(file, width, signedHeight, bits, compression, (int)pixels);
        return new BmpHeader(width, Math.Abs(signedHeight), signedHeight < 0, bits, compression, masks, behind, entry, colors, (int)pixels);
    }

    /// <summary>Bytes from one row to the next: a multiple of four.</summary>
    public static long StrideOf(int width, int bits) => (((long)width * bits) + 31) / 32 * 4;

    /// <summary>The bytes of a row of an uncompressed file, counted from the top, without what pads it.</summary>
    public ReadOnlySpan<byte> RowOf(ReadOnlySpan<byte> file, int y) =>
        file.Slice((int)(Pixels + ((IsTopDown ? y : Height - 1 - y) * StrideOf(Width, Bits))), (int)BytesOf(Width, Bits));

    private static long BytesOf(int width, int bits) => (((long)width * bits) + 7) / 8;

    private static void CheckFormat(int bits, BmpCompression compression)
    {
        if (bits is not (1 or 4 or 8 or 16 or 24 or 32))
        {
            throw new NotSupportedException($"a BMP file of {bits} bits a pixel; 1, 4, 8, 16, 24 and 32 are supported");
        }

        bool fits = compression switch
        {
            BmpCompression.None => true,
            BmpCompression.RunLength8 => bits == 8,
            BmpCompression.RunLength4 => bits == 4,
            BmpCompression.BitFields or BmpCompression.AlphaBitFields => bits is 16 or 32,
            _ => throw new NotSupportedException($"a BMP file with compression {(uint)compression}; 0 to 3 and 6 are supported"),
        };
        if (!fits)
        {
            throw new InvalidDataException($"a BMP file of {bits} bits a pixel with compression {(uint)compression}");
        }
    }

    // Without masks in the file its bits alone say what they mean. Masks behind a BITMAPINFOHEADER are before the palette.
    private static ColorMasks MasksOf(ReadOnlySpan<byte> file, int bits, BmpCompression compression, int infoSize, ref int behind)
    {
        if (compression is not (BmpCompression.BitFields or BmpCompression.AlphaBitFields))
        {
            return bits == 16 ? ColorMasks.Bits555 : ColorMasks.Bits8888;
        }

        bool hasAlpha = infoSize >= HeaderWithAlphaMask || compression == BmpCompression.AlphaBitFields;
        int end = Masks + (hasAlpha ? 16 : 12);
        if (infoSize < (hasAlpha ? HeaderWithAlphaMask : HeaderWithMasks))
        {
            behind = end;
        }

        if (file.Length < end)
        {
            throw new InvalidDataException($"a BMP file of {file.Length} bytes, too short for its colour masks");
        }

        return ColorMasks.Make(bits, UInt32(file, Masks), UInt32(file, Masks + 4), UInt32(file, Masks + 8), hasAlpha ? UInt32(file, Masks + 12) : 0);
    }

    private static int ColorsOf(int bits, uint used)
    {
        int most = 1 << bits;
        return used == 0 ? most
            : used <= most ? (int)used
            : throw new InvalidDataException($"a BMP file of {bits} bits a pixel with a palette of {used} colours; it can have {most}");
    }

    private static void CheckSize(ReadOnlySpan<byte> file, int width, int signedHeight, int bits, BmpCompression compression, int pixels)
    {
        long height = Math.Abs((long)signedHeight);
        if (width <= 0 || height == 0 || height > int.MaxValue || width * height > Array.MaxLength)
        {
            throw new InvalidDataException($"a BMP file of {width} by {signedHeight} pixels");
        }

        bool isCompressed = compression is BmpCompression.RunLength4 or BmpCompression.RunLength8;
        if (isCompressed && signedHeight < 0)
        {
            throw new InvalidDataException("a compressed BMP file whose first row is the top one; compressed ones begin with the lowest");
        }

        // The last row may lack what pads it.
        long need = isCompressed ? (width * height / PixelsPerCompressedByte) : (StrideOf(width, bits) * (height - 1)) + BytesOf(width, bits);
        if (pixels + need > file.Length)
        {
            throw new InvalidDataException($"a BMP file of {width} by {height} pixels that begin at byte {pixels} does not fit in its {file.Length} bytes");
        }
    }

    private static int UInt16(ReadOnlySpan<byte> file, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(file[offset..]);

    private static uint UInt32(ReadOnlySpan<byte> file, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(file[offset..]);
}
