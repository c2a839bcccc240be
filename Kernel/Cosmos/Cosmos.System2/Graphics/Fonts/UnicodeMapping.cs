using System.Collections.Generic;

namespace Cosmos.System.Graphics.Fonts;

/// <summary>What a character of a font stands for.</summary>
public struct UnicodeMapping
{
    /// <summary>Its number in the font.</summary>
    public int FontPosition;

    /// <summary>UTF-16 codes of the characters that look like it.</summary>
    public List<ushort> UnicodeCharacters;

    /// <summary>Sequences of a character and combining ones that look like it.</summary>
    public List<ushort[]> UnicodeCharactersWithModifiers;

    /// <summary>Those of the characters that are ASCII.</summary>
    public List<byte> ASCIICharacters;
}
