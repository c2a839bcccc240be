using System;
using System.Globalization;
using System.Text;
using CosmosKernel.Machine.Locking;

namespace CosmosKernel.Console.Text;

/// <summary>How many columns text takes in a terminal: combining marks none, East Asian wide characters and emoji two (Unicode UAX #11), all others one.</summary>
public static class TextWidth
{
    // First and last of the ranges that terminals draw in two columns.
    [Immutable]
    private static readonly (int First, int Last)[] s_wide =
    [
        (0x1100, 0x115F), (0x2E80, 0x303E), (0x3041, 0x33FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA000, 0xA4CF), (0xA960, 0xA97F), (0xAC00, 0xD7A3),
        (0xF900, 0xFAFF), (0xFE30, 0xFE6F), (0xFF00, 0xFF60), (0xFFE0, 0xFFE6), (0x1F300, 0x1F64F), (0x1F680, 0x1F6FF), (0x1F900, 0x1F9FF),
        (0x20000, 0x3FFFD),
    ];

    /// <summary>Columns of a character, 0 to 2.</summary>
    public static int Of(Rune rune)
    {
        int value = rune.Value;
        if (value < 0x300)
        {
            return value is < 0x20 or (>= 0x7F and < 0xA0) ? 0 : 1;
        }

        if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format)
        {
            return 0;
        }

        foreach ((int first, int last) in s_wide)
        {
            if (value >= first && value <= last)
            {
                return 2;
            }
        }

        return 1;
    }

    /// <summary>Columns of text without escape sequences.</summary>
    public static int Of(ReadOnlySpan<char> text)
    {
        int width = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            width += Of(rune);
        }

        return width;
    }

    /// <summary>The text, cut so that it takes at most so many columns; what was cut ends in <c>~</c>.</summary>
    public static string Fit(string text, int columns)
    {
        if (columns <= 0)
        {
            return "";
        }

        if (Of(text) <= columns)
        {
            return text;
        }

        var fitted = new StringBuilder();
        int width = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            width += Of(rune);
            if (width > columns - 1)
            {
                break;
            }

            fitted.Append(rune.ToString());
        }

        return fitted.Append('~').ToString();
    }

    /// <summary>The text with spaces behind it up to so many columns.</summary>
    public static string PadRight(string text, int columns) => text + new string(' ', Math.Max(0, columns - Of(text)));

    /// <summary>The text with spaces before it up to so many columns.</summary>
    public static string PadLeft(string text, int columns) => new string(' ', Math.Max(0, columns - Of(text))) + text;
}
