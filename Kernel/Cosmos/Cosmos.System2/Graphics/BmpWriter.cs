using System;
using System.Buffers.Binary;
using System.IO;

namespace Cosmos.System.Graphics;

/// <summary>Makes BMP files: uncompressed, the lowest row first.</summary>
internal static class BmpWriter
{
    /// <summary>Makes the file of an image: of 24 bits if that is its depth, else of 32.</summary>
    /// <exception cref="InvalidDataException">It would be larger than an array.</exception>
    public static byte[] Write(Image image)
    {
        const int PixelsPerMetre = 2835;
        int bytes = image.Depth == ColorDepth.ColorDepth24 ? 3 : 4;
        int width = (int)image.Width;
        int height = (int)image.Height;
        long stride = BmpHeader.StrideOf(width, bytes * 8);
        long size = BmpHeader.FileHeaderSize + BmpHeader.InfoHeaderSize + (stride * height);
        if (size > Array.MaxLength)
        {
            throw new InvalidDataException($"a BMP file of {width} by {height} pixels would have {size} bytes");
        }

        byte[] file = new byte[size];
        Span<byte> header = file;
        file[0] = (byte)'B';
        file[1] = (byte)'M';
        BinaryPrimitives.WriteUInt32LittleEndian(header[2..], (uint)size);
        BinaryPrimitives.WriteUInt32LittleEndian(header[10..], BmpHeader.FileHeaderSize + BmpHeader.InfoHeaderSize);
        BinaryPrimitives.WriteUInt32LittleEndian(header[14..], BmpHeader.InfoHeaderSize);
        BinaryPrimitives.WriteInt32LittleEndian(header[18..], width);
        BinaryPrimitives.WriteInt32LittleEndian(header[22..], height);
        BinaryPrimitives.WriteUInt16LittleEndian(header[26..], 1);
        BinaryPrimitives.WriteUInt16LittleEndian(header[28..], (ushort)(bytes * 8));
        BinaryPrimitives.WriteUInt32LittleEndian(header[34..], (uint)(stride * height));
        BinaryPrimitives.WriteUInt32LittleEndian(header[38..], PixelsPerMetre);
        BinaryPrimitives.WriteUInt32LittleEndian(header[42..], PixelsPerMetre);
        for (int y = 0; y < height; y++)
        {
            Span<byte> row = file.AsSpan((int)(BmpHeader.FileHeaderSize + BmpHeader.InfoHeaderSize + ((height - 1 - y) * stride)), width * bytes);
            for (int x = 0; x < width; x++)
            {
                int pixel = image.RawData[(y * width) + x];
                row[x * bytes] = (byte)pixel;
                row[(x * bytes) + 1] = (byte)(pixel >> 8);
                row[(x * bytes) + 2] = (byte)(pixel >> 16);
                if (bytes == 4)
                {
                    row[(x * bytes) + 3] = (byte)(pixel >> 24);
                }
            }
        }

        return file;
    }
}
