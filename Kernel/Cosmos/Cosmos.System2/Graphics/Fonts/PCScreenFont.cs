using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using Cosmos.System.ExtendedASCII;
using CosmosKernel.Machine.Locking;

namespace Cosmos.System.Graphics.Fonts;

/// <summary>A font of the Linux console. With a table it has the characters that the table says, else 256 in the order of their codes.</summary>
[Immutable]
public class PCScreenFont : Font
{
    private const byte Space = (byte)' ';
    private const byte Unknown = (byte)'?';
    private const int VgaCharacters = 256;

    [Atomic]
    private static PCScreenFont? s_default;

    private readonly List<UnicodeMapping> _mappings;
    private readonly Dictionary<char, int> _positions = [];

    /// <summary>Makes a font.</summary>
    /// <param name="width">Pixels in a row of a character, 1 or more.</param>
    /// <param name="height">Rows of a character, 1 or more.</param>
    /// <param name="data">The characters, one after another; each row begins a byte, the leftmost pixel in its highest bit.</param>
    /// <param name="unicodeMappings">What they stand for; empty when in the order of their codes.</param>
    public PCScreenFont(byte width, byte height, byte[] data, List<UnicodeMapping> unicodeMappings)
        : base(width, height, data)
    {
        ArgumentNullException.ThrowIfNull(unicodeMappings);
        _mappings = unicodeMappings;
        foreach (UnicodeMapping mapping in unicodeMappings)
        {
            foreach (ushort code in mapping.UnicodeCharacters ?? [])
            {
                _positions.TryAdd((char)code, mapping.FontPosition);
            }
        }
    }

    /// <summary>The kernel console's font, 8 by 16 pixels: first the characters of code page 437 in its order, then all others that it has.</summary>
    public static PCScreenFont Default => Volatile.Read(ref s_default) ?? Interlocked.CompareExchange(ref s_default, MakeDefault(), null) ?? Volatile.Read(ref s_default)!;

    /// <summary>Reads a font file of version 1 or 2, not compressed.</summary>
    /// <exception cref="InvalidDataException">It is no whole font.</exception>
    /// <exception cref="NotSupportedException">Its characters are larger than 255 pixels.</exception>
    public static PCScreenFont LoadFont(byte[] fontData)
    {
        ArgumentNullException.ThrowIfNull(fontData);
        return PsfReader.Read(fontData);
    }

    /// <summary>The shapes of 256 characters in the order of a VGA's text mode: those of ASCII where they belong, others as a question mark, control codes as a space.</summary>
    /// <exception cref="NotSupportedException">The characters are not 8 pixels wide.</exception>
    public byte[] CreateVGAFont()
    {
        if (Width != 8)
        {
            throw new NotSupportedException($"a VGA's characters are 8 pixels wide; those of this font are {Width}");
        }

        byte[] font = new byte[VgaCharacters * Height];
        for (int i = 0; i < VgaCharacters; i++)
        {
            char character = IndexOf((char)i) >= 0 && i < 0x80 ? (char)i : (char)(i < Space ? Space : Unknown);
            GlyphOf(character).CopyTo(font.AsSpan(i * Height));
        }

        return font;
    }

    /// <summary>Makes an entry of the table.</summary>
    internal static UnicodeMapping MappingOf(int position, List<ushort> characters, List<ushort[]> sequences)
    {
        var mapping = new UnicodeMapping { FontPosition = position, UnicodeCharacters = characters, UnicodeCharactersWithModifiers = sequences, ASCIICharacters = [] };
        foreach (ushort code in characters)
        {
            if (code < 0x80 && !mapping.ASCIICharacters.Contains((byte)code))
            {
                mapping.ASCIICharacters.Add((byte)code);
            }
        }

        return mapping;
    }

    /// <inheritdoc/>
    private protected override int IndexOf(char character)
    {
        if (_mappings.Count == 0)
        {
            return character < VgaCharacters ? character : -1;
        }

        return _positions.TryGetValue(character, out int position) || _positions.TryGetValue('?', out position) ? position : -1;
    }

    private static PCScreenFont MakeDefault()
    {
        ReadOnlySpan<ushort> codes = ConsoleFont.CodePoints;
        var order = new List<ushort>(ConsoleFont.Count);
        foreach (char character in CodePages.Characters437)
        {
            order.Add(character);
        }

        foreach (ushort code in codes)
        {
            if (!CodePages.Characters437.Contains((char)code))
            {
                order.Add(code);
            }
        }

        byte[] data = new byte[order.Count * ConsoleFont.Height];
        var mappings = new List<UnicodeMapping>(order.Count);
        for (int i = 0; i < order.Count; i++)
        {
            int index = codes.BinarySearch(order[i]);
            if (index >= 0)
            {
                ConsoleFont.Glyphs.Slice(index * ConsoleFont.Height, ConsoleFont.Height).CopyTo(data.AsSpan(i * ConsoleFont.Height));
                mappings.Add(MappingOf(i, [order[i]], []));
            }
        }

        return new PCScreenFont(ConsoleFont.Width, ConsoleFont.Height, data, mappings);
    }
}
