using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Text;
using CosmosKernel.Machine.Locking;

namespace Cosmos.System.Graphics.Fonts;

/// <summary>
/// Reads PC Screen Fonts of both versions (kbd's psf.h; psfaddtable(1)). Everything is checked against the file's size before it is used.
/// </summary>
internal static class PsfReader
{
    private const int OldHeaderSize = 4;
    private const int OldMode512 = 1;
    private const int OldModeTable = 2;
    private const int OldModeSequences = 4;
    private const ushort OldSeparator = 0xFFFF;
    private const ushort OldSequence = 0xFFFE;
    private const uint NewMagic = 0x864A_B572;
    private const int NewHeaderSize = 32;
    private const uint NewHasTable = 1;
    private const byte NewSeparator = 0xFF;
    private const byte NewSequence = 0xFE;

    /// <summary>Reads a font.</summary>
    /// <exception cref="InvalidDataException">It is no whole font.</exception>
    /// <exception cref="NotSupportedException">Its characters are larger than 255 pixels.</exception>
    public static PCScreenFont Read(ReadOnlySpan<byte> file)
    {
        if (file.Length > OldHeaderSize && file[0] == 0x36 && file[1] == 0x04)
        {
            return ReadOld(file);
        }

        return file.Length >= NewHeaderSize && BinaryPrimitives.ReadUInt32LittleEndian(file) == NewMagic
            ? ReadNew(file)
            : throw new InvalidDataException("no PC Screen Font: it does not begin as one");
    }

    private static PCScreenFont ReadOld(ReadOnlySpan<byte> file)
    {
        int mode = file[2];
        byte height = file[3];
        int count = (mode & OldMode512) != 0 ? 512 : 256;
        int size = count * height;
        CheckSize(file, OldHeaderSize, count, height, height);
        List<UnicodeMapping> mappings = (mode & (OldModeTable | OldModeSequences)) != 0 ? ReadOldTable(file[(OldHeaderSize + size)..], count) : [];
        return new PCScreenFont(8, height, file.Slice(OldHeaderSize, size).ToArray(), mappings);
    }

    private static PCScreenFont ReadNew(ReadOnlySpan<byte> file)
    {
        uint header = BinaryPrimitives.ReadUInt32LittleEndian(file[8..]);
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(file[12..]);
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(file[16..]);
        uint glyph = BinaryPrimitives.ReadUInt32LittleEndian(file[20..]);
        uint height = BinaryPrimitives.ReadUInt32LittleEndian(file[24..]);
        uint width = BinaryPrimitives.ReadUInt32LittleEndian(file[28..]);
        if (width > byte.MaxValue || height > byte.MaxValue)
        {
            throw new NotSupportedException($"a PC Screen Font of {width} by {height} pixels; 255 are supported");
        }

        if (width == 0 || glyph != height * ((width + 7) / 8))
        {
            throw new InvalidDataException($"a PC Screen Font of {width} by {height} pixels with {glyph} bytes a character");
        }

        CheckSize(file, header, count, glyph, height);
        ReadOnlySpan<byte> glyphs = file.Slice((int)header, (int)(count * glyph));
        List<UnicodeMapping> mappings = (flags & NewHasTable) != 0 ? ReadNewTable(file[(int)(header + (count * glyph))..], (int)count) : [];
        return new PCScreenFont((byte)width, (byte)height, glyphs.ToArray(), mappings);
    }

    private static void CheckSize(ReadOnlySpan<byte> file, uint header, uint count, uint glyph, uint height)
    {
        if (height == 0 || count == 0 || header < OldHeaderSize || header + ((ulong)count * glyph) > (ulong)file.Length)
        {
            throw new InvalidDataException($"a PC Screen Font of {count} characters of {glyph} bytes behind a header of {header} does not fit in its {file.Length} bytes");
        }
    }

    private static void CheckSize(ReadOnlySpan<byte> file, int header, int count, int glyph, int height) =>
        CheckSize(file, (uint)header, (uint)count, (uint)glyph, (uint)height);

    // For each character UTF-16 codes, then sequences that each begin with a mark, then the separator. A table that ends early leaves the last characters without.
    private static List<UnicodeMapping> ReadOldTable(ReadOnlySpan<byte> table, int count)
    {
        var mappings = new List<UnicodeMapping>();
        var entry = new Entry(0);
        for (int i = 0; i + 1 < table.Length && mappings.Count < count; i += 2)
        {
            ushort code = BinaryPrimitives.ReadUInt16LittleEndian(table[i..]);
            switch (code)
            {
                case OldSeparator:
                    mappings.Add(entry.Finish());
                    entry = new Entry(mappings.Count);
                    break;
                case OldSequence:
                    entry.BeginSequence();
                    break;
                default:
                    entry.Add(code);
                    break;
            }
        }

        return mappings;
    }

    // The same with UTF-8. Its marks are no bytes of UTF-8.
    private static List<UnicodeMapping> ReadNewTable(ReadOnlySpan<byte> table, int count)
    {
        var mappings = new List<UnicodeMapping>();
        var entry = new Entry(0);
        while (!table.IsEmpty && mappings.Count < count)
        {
            int length = 1;
            switch (table[0])
            {
                case NewSeparator:
                    mappings.Add(entry.Finish());
                    entry = new Entry(mappings.Count);
                    break;
                case NewSequence:
                    entry.BeginSequence();
                    break;
                default:
                    _ = Rune.DecodeFromUtf8(table, out Rune rune, out length);
                    foreach (char unit in rune.ToString())
                    {
                        entry.Add(unit);
                    }

                    break;
            }

            table = table[length..];
        }

        return mappings;
    }

    [Owned]
    private sealed class Entry(int position)
    {
        private readonly List<ushort> _characters = [];
        private readonly List<ushort[]> _sequences = [];
        private List<ushort>? _sequence;

        public void Add(ushort code) => (_sequence ?? _characters).Add(code);

        public void BeginSequence()
        {
            EndSequence();
            _sequence = [];
        }

        public UnicodeMapping Finish()
        {
            EndSequence();
            return PCScreenFont.MappingOf(position, _characters, _sequences);
        }

        private void EndSequence()
        {
            if (_sequence is { Count: > 0 })
            {
                _sequences.Add([.. _sequence]);
            }

            _sequence = null;
        }
    }
}
