using System;
using CosmosKernel.Machine.Locking;

namespace Cosmos.System.Graphics.Fonts;

/// <summary>Shapes of characters, all of one size.</summary>
[Immutable]
public abstract class Font
{
    private readonly byte[] _data;

    /// <summary>Makes a font.</summary>
    /// <param name="width">Pixels in a row of a character, 1 or more.</param>
    /// <param name="height">Rows of a character, 1 or more.</param>
    /// <param name="data">The characters, one after another; each row begins a byte, the leftmost pixel in its highest bit.</param>
    /// <exception cref="ArgumentException">The data are not those of whole characters, or of none.</exception>
    protected Font(byte width, byte height, byte[] data)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfZero(width);
        ArgumentOutOfRangeException.ThrowIfZero(height);
        Width = width;
        Height = height;
        BytesPerRow = (width + 7) / 8;
        _data = data;
        if (data.Length == 0 || data.Length % (BytesPerRow * height) != 0)
        {
            throw new ArgumentException($"{data.Length} bytes are no whole characters of {BytesPerRow * height} bytes", nameof(data));
        }
    }

    /// <summary>The characters, one after another.</summary>
    public byte[] Data => _data;

    /// <summary>Rows of a character.</summary>
    public byte Height { get; }

    /// <summary>Pixels in a row of a character.</summary>
    public byte Width { get; }

    /// <summary>Bytes of a row of a character.</summary>
    internal int BytesPerRow { get; }

    /// <summary>Whether a bit of a byte is set.</summary>
    /// <param name="byteToConvert">The byte.</param>
    /// <param name="bitToReturn">1 for the highest bit, 8 for the lowest.</param>
    public bool ConvertByteToBitAddress(byte byteToConvert, int bitToReturn) => (byteToConvert & (1 << (8 - bitToReturn))) != 0;

    /// <summary>The rows of a character. One that the font does not have has those of its first character.</summary>
    internal ReadOnlySpan<byte> GlyphOf(char character)
    {
        int size = BytesPerRow * Height;
        int index = IndexOf(character);
        return _data.AsSpan((index >= 0 && index < _data.Length / size ? index : 0) * size, size);
    }

    /// <summary>Number of a character among those of the font; outside of them when it has none. Without a table of its own a font has characters in the order of their codes, 256 of them.</summary>
    private protected virtual int IndexOf(char character) => (byte)character;
}
