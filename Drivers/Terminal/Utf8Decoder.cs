namespace CosmosKernel.Drivers.Terminal;

/// <summary>
/// Decodes UTF-8 byte by byte, across the borders of writes. What is no UTF-8 becomes U+FFFD, one for each longest piece that could have begun a character (Unicode 15.0,
/// section 3.9, "U+FFFD Substitution of Maximal Subparts").
/// </summary>
public struct Utf8Decoder
{
    /// <summary>Stands for what could not be read.</summary>
    public const int Replacement = 0xFFFD;

    private int _rune;
    private int _needed;
    private byte _lowest;
    private byte _highest;

    /// <summary>Whether a character has begun and is not complete.</summary>
    public readonly bool IsInside => _needed > 0;

    /// <summary>Takes a byte.</summary>
    /// <param name="value">The byte.</param>
    /// <param name="rune">The code point that it completed, or <see cref="Replacement"/>.</param>
    /// <param name="again">The byte was not taken, it ended a broken character: offer it again.</param>
    /// <returns>True when <paramref name="rune"/> is to be shown.</returns>
    public bool TryDecode(byte value, out int rune, out bool again)
    {
        again = false;
        if (_needed == 0)
        {
            return Begin(value, out rune);
        }

        if (value < _lowest || value > _highest)
        {
            _needed = 0;
            rune = Replacement;
            again = true;
            return true;
        }

        _rune = (_rune << 6) | (value & 0x3F);
        _lowest = 0x80;
        _highest = 0xBF;
        _needed--;
        rune = _rune;
        return _needed == 0;
    }

    // The limits of the second byte refuse overlong forms, surrogates, and what is above U+10FFFF (Unicode 15.0, table 3-7).
    private bool Begin(byte value, out int rune)
    {
        rune = value;
        if (value < 0x80)
        {
            return true;
        }

        (_rune, _needed, _lowest, _highest) = value switch
        {
            >= 0xC2 and <= 0xDF => (value & 0x1F, 1, (byte)0x80, (byte)0xBF),
            0xE0 => (0, 2, (byte)0xA0, (byte)0xBF),
            0xED => (0xD, 2, (byte)0x80, (byte)0x9F),
            >= 0xE1 and <= 0xEF => (value & 0x0F, 2, (byte)0x80, (byte)0xBF),
            0xF0 => (0, 3, (byte)0x90, (byte)0xBF),
            >= 0xF1 and <= 0xF3 => (value & 0x07, 3, (byte)0x80, (byte)0xBF),
            0xF4 => (4, 3, (byte)0x80, (byte)0x8F),
            _ => (0, 0, (byte)0, (byte)0),
        };
        rune = Replacement;
        return _needed == 0;
    }
}
