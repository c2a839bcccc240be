using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;

namespace CosmosKernel.Tools.Font;

/// <summary>A file is no font that this tool can read; the message says what was expected.</summary>
internal sealed class FontException(string message) : Exception(message);

/// <summary>
/// A console font in the PSF1 format of Linux's kbd: a header of four bytes (magic 36 04, mode, bytes a glyph), the glyphs, 8 pixels wide, a byte a row, and for each glyph
/// its code points in UTF-16, ended by FFFF; FFFE begins sequences of several.
/// </summary>
internal sealed class PsfFont
{
    private const int HeaderBytes = 4;
    private const byte Has512Glyphs = 1;
    private const byte HasTable = 2;
    private const byte HasSequences = 4;
    private const ushort EndOfGlyph = 0xFFFF;
    private const ushort StartOfSequence = 0xFFFE;

    private PsfFont(int height)
    {
        Height = height;
    }

    /// <summary>Rows of a glyph.</summary>
    public int Height { get; }

    /// <summary>Glyphs by code point: a byte a row, the leftmost pixel in the highest bit.</summary>
    public SortedDictionary<int, byte[]> Glyphs { get; } = [];

    /// <summary>Reads a file, compressed with gzip or not.</summary>
    /// <exception cref="FontException">It is no PSF1 font with a table of code points.</exception>
    public static PsfFont Load(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        if (bytes is [0x1F, 0x8B, ..])
        {
            using var unpacked = new MemoryStream();
            using (var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress))
            {
                gzip.CopyTo(unpacked);
            }

            bytes = unpacked.ToArray();
        }

        return Parse(bytes, path);
    }

    /// <summary>Reads the bytes of a font; <paramref name="path"/> stands for them in messages.</summary>
    /// <exception cref="FontException">They are no PSF1 font with a table of code points.</exception>
    public static PsfFont Parse(ReadOnlySpan<byte> bytes, string path)
    {
        if (bytes is not [0x36, 0x04, byte mode, byte height, ..])
        {
            throw new FontException($"{path}: expected a PSF1 font (first bytes 36 04)");
        }

        if ((mode & (HasTable | HasSequences)) == 0)
        {
            throw new FontException($"{path}: expected a table of code points, and the font has none");
        }

        int count = (mode & Has512Glyphs) != 0 ? 512 : 256;
        int table = HeaderBytes + (count * height);
        if (height == 0 || bytes.Length < table)
        {
            throw new FontException($"{path}: expected {count} glyphs of {height} bytes, and the file ends before");
        }

        var font = new PsfFont(height);
        bool inSequence = false;
        int glyph = 0;
        for (int at = table; at + 1 < bytes.Length && glyph < count; at += 2)
        {
            ushort code = BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);
            switch (code)
            {
                case EndOfGlyph:
                    glyph++;
                    inSequence = false;
                    break;
                case StartOfSequence:
                    inSequence = true;
                    break;
                default:
                    if (!inSequence)
                    {
                        font.Glyphs.TryAdd(code, bytes.Slice(HeaderBytes + (glyph * height), height).ToArray());
                    }

                    break;
            }
        }

        return glyph == count ? font : throw new FontException($"{path}: expected code points of {count} glyphs, found those of {glyph}");
    }
}
