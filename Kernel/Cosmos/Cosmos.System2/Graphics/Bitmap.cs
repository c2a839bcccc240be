using System;
using System.Buffers.Binary;
using System.IO;
using CosmosKernel.Machine.Locking;

namespace Cosmos.System.Graphics;

/// <summary>
/// An image from memory or from a BMP file: of 1, 4 and 8 bits with a palette, with run lengths or without; of 16, 24 and 32 bits, with masks or without; either row order. Task context.
/// </summary>
public class Bitmap : Image
{
    private const int Opaque = unchecked((int)0xFF000000);

    /// <summary>Makes an image of black, transparent pixels.</summary>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="colorDepth">Bits of a pixel when it is saved.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are more pixels than an array holds.</exception>
    public Bitmap(uint width, uint height, ColorDepth colorDepth)
        : base(width, height, colorDepth)
    {
        RawData = new int[PixelsOf(width, height)];
    }

    /// <summary>Makes an image from bytes, row after row from the top: blue, green, red, and with 32 bits alpha.</summary>
    /// <exception cref="ArgumentException">There are fewer bytes than pixels need.</exception>
    /// <exception cref="NotSupportedException">Another depth than 24 and 32.</exception>
    public Bitmap(uint width, uint height, byte[] pixelData, ColorDepth colorDepth)
        : this(width, height, colorDepth)
    {
        ArgumentNullException.ThrowIfNull(pixelData);
        if (colorDepth is not (ColorDepth.ColorDepth24 or ColorDepth.ColorDepth32))
        {
            throw new NotSupportedException($"pixels of {(int)colorDepth} bits; 24 and 32 are supported");
        }

        int bytes = (int)colorDepth / 8;
        if (pixelData.Length < (long)RawData.Length * bytes)
        {
            throw new ArgumentException($"{width} by {height} pixels of {bytes} bytes need {(long)RawData.Length * bytes} bytes; there are {pixelData.Length}", nameof(pixelData));
        }

        for (int i = 0; i < RawData.Length; i++)
        {
            RawData[i] = PixelOf(pixelData.AsSpan(i * bytes, bytes));
        }
    }

    /// <summary>Reads a BMP file.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is no whole BMP file.</exception>
    /// <exception cref="NotSupportedException">It has a JPEG or PNG inside, or a form that only OS/2 knew.</exception>
    [MightSleep]
    public Bitmap(string path)
        : this(path, ColorOrder.BGR)
    {
    }

    /// <summary>Reads a BMP file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="colorOrder">Either: the format says the order.</param>
    [MightSleep]
    public Bitmap(string path, ColorOrder colorOrder = ColorOrder.BGR)
        : this(File.ReadAllBytes(path), colorOrder)
    {
    }

    /// <summary>Reads a BMP file from memory.</summary>
    /// <exception cref="InvalidDataException">It is no whole BMP file.</exception>
    /// <exception cref="NotSupportedException">It has a JPEG or PNG inside, or a form that only OS/2 knew.</exception>
    public Bitmap(byte[] imageData)
        : this(imageData, ColorOrder.BGR)
    {
    }

    /// <summary>Reads a BMP file from memory.</summary>
    /// <param name="imageData">The file.</param>
    /// <param name="colorOrder">Either: the format says the order.</param>
    public Bitmap(byte[] imageData, ColorOrder colorOrder = ColorOrder.BGR)
        : base(0, 0, ColorDepth.ColorDepth32)
    {
        ArgumentNullException.ThrowIfNull(imageData);
        _ = colorOrder;
        BmpHeader header = BmpHeader.Read(imageData);
        Width = (uint)header.Width;
        Height = (uint)header.Height;
        RawData = BmpReader.Read(imageData, header, out bool hasAlpha);
        Depth = hasAlpha ? ColorDepth.ColorDepth32 : ColorDepth.ColorDepth24;
    }

    /// <summary>Writes a BMP file, in place of one that is there.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    [MightSleep]
    public void Save(string path)
    {
        using FileStream stream = File.Open(path, FileMode.Create);
        Save(stream);
    }

    /// <summary>Writes a BMP file of <see cref="Image.Depth"/> (24 or 32; others as 32) to a stream.</summary>
    [MightSleep]
    public void Save(Stream stream, ImageFormat imageFormat = ImageFormat.BMP)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (imageFormat != ImageFormat.BMP)
        {
            throw new NotSupportedException($"image format {imageFormat}; BMP is supported");
        }

        stream.Write(BmpWriter.Write(this));
    }

    /// <summary>Number of pixels of an image.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are more than an array holds.</exception>
    internal static int PixelsOf(uint width, uint height)
    {
        ulong pixels = (ulong)width * height;
        return pixels <= (ulong)Array.MaxLength
            ? (int)pixels
            : throw new ArgumentOutOfRangeException(nameof(width), $"{width} by {height} pixels are more than an image can have ({Array.MaxLength})");
    }

    private static int PixelOf(ReadOnlySpan<byte> bytes) =>
        bytes.Length == 4 ? BinaryPrimitives.ReadInt32LittleEndian(bytes) : Opaque | (bytes[2] << 16) | (bytes[1] << 8) | bytes[0];
}
