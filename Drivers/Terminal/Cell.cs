using System;

namespace CosmosKernel.Drivers.Terminal;

/// <summary>How a character is shown (ECMA-48, section 8.3.117, select graphic rendition).</summary>
[Flags]
public enum CellAttributes : ushort
{
    /// <summary>Plain.</summary>
    None = 0,

    /// <summary>Bold; the first eight colours become the bright ones.</summary>
    Bold = 1 << 0,

    /// <summary>Fainter than usual.</summary>
    Dim = 1 << 1,

    /// <summary>Italic.</summary>
    Italic = 1 << 2,

    /// <summary>Underlined.</summary>
    Underline = 1 << 3,

    /// <summary>Blinking.</summary>
    Blink = 1 << 4,

    /// <summary>Foreground and background exchanged.</summary>
    Inverse = 1 << 5,

    /// <summary>Not shown.</summary>
    Hidden = 1 << 6,

    /// <summary>Struck out.</summary>
    Strike = 1 << 7,

    /// <summary>The left half of a character of two cells. The right one follows.</summary>
    Wide = 1 << 8,

    /// <summary>The right half of a character of two cells: has the same character.</summary>
    Tail = 1 << 9,
}

/// <summary>A colour as a program asked for it: the terminal's default, one of the 256 of the palette, or red, green and blue.</summary>
public readonly record struct TerminalColor
{
    private const uint IndexKind = 1u << 24;
    private const uint RgbKind = 2u << 24;
    private readonly uint _value;

    private TerminalColor(uint value)
    {
        _value = value;
    }

    /// <summary>The terminal's own colour.</summary>
    public static TerminalColor Default => default;

    /// <summary>No colour was asked for.</summary>
    public bool IsDefault => _value == 0;

    /// <summary>One of the palette.</summary>
    public bool IsIndex => _value >> 24 == 1;

    /// <summary>Number in the palette.</summary>
    public int Index => (int)(_value & 0xFF);

    /// <summary>0xRRGGBB when it is neither default nor one of the palette.</summary>
    public uint Rgb => _value & 0xFF_FFFF;

    /// <summary>One of the palette, 0 to 255.</summary>
    public static TerminalColor FromIndex(int index) => new(IndexKind | (uint)(index & 0xFF));

    /// <summary>A colour of three parts, 0 to 255 each.</summary>
    public static TerminalColor FromRgb(int red, int green, int blue) => new(RgbKind | ((uint)(red & 0xFF) << 16) | ((uint)(green & 0xFF) << 8) | (uint)(blue & 0xFF));
}

/// <summary>One place of the screen.</summary>
/// <param name="Rune">Unicode code point.</param>
/// <param name="Foreground">Colour of the character.</param>
/// <param name="Background">Colour behind it.</param>
/// <param name="Attributes">How it is shown.</param>
public readonly record struct Cell(int Rune, TerminalColor Foreground, TerminalColor Background, CellAttributes Attributes)
{
    /// <summary>A space in the terminal's own colours.</summary>
    public static Cell Blank => new(' ', default, default, CellAttributes.None);
}
