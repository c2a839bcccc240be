using System;

namespace CosmosKernel.Drivers.VgaText;

/// <summary>The character set of the VGA's text mode font: code page 437, graphic forms for the control codes included.</summary>
public static class CodePage437
{
    private const string Characters =
        "\0☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼ !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~⌂" +
        "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00A0";

    // Box drawing from U+2500 on that the code page lacks: heavy as light or double, dashed as plain, round corners as square ones.
    private const string Boxes =
        "──│││────││││┌╒╓╔┐╕╖╗└╘╙╚┘╛╜╝├╞├├╟╟╞╠┤╡┤┤╢╢╡╣┬┬┬╤╥╥╥╦┴┴┴╧╨╨╨╩┼┼┼╪┼┼╫╫╫╪╪╬╬╬╬╬";

    /// <summary>The code that shows a character, or the one that looks most like it; a question mark when none does.</summary>
    /// <param name="rune">Unicode code point.</param>
    public static byte FromRune(int rune)
    {
        if (rune is >= 0x20 and < 0x7F)
        {
            return (byte)rune;
        }

        if (rune is <= 0 or > char.MaxValue)
        {
            return (byte)'?';
        }

        int exact = Characters.IndexOf((char)rune);
        return exact >= 0 ? (byte)exact : (byte)Math.Max(Characters.IndexOf(Similar(rune)), 0);
    }

    private static char Similar(int rune) => rune switch
    {
        >= 0x2500 and <= 0x254B when rune - 0x2500 < Boxes.Length => Boxes[rune - 0x2500],
        0x254C or 0x254D => '─',
        0x254E or 0x254F => '│',
        0x256D => '┌',
        0x256E => '┐',
        0x256F => '┘',
        0x2570 => '└',
        0x2571 => '/',
        0x2572 => '\\',
        0x2573 => 'X',
        0x2574 or 0x2576 or 0x2578 or 0x257A or 0x257C or 0x257E => '─',
        0x2575 or 0x2577 or 0x2579 or 0x257B or 0x257D or 0x257F => '│',
        0x2581 => '_',
        0x2582 or 0x2583 or 0x2585 => '▄',
        >= 0x2586 and <= 0x2587 => '█',
        0x2589 or 0x258A => '█',
        0x258B or 0x258D => '▌',
        0x258E or 0x258F => '│',
        0x2594 => '▀',
        0x2595 => '▐',
        0x2596 or 0x2597 => '▄',
        0x2598 or 0x259D => '▀',
        0x2599 or 0x259B or 0x259C or 0x259F => '█',
        0x259A or 0x259E => '▒',
        0x25A1 => '■',
        0x25AA or 0x25AE or 0x25A0 => '■',
        0x25B2 or 0x25B4 => '▲',
        0x25B6 or 0x25B8 => '►',
        0x25BC or 0x25BE => '▼',
        0x25C0 or 0x25C2 => '◄',
        0x25C6 => '♦',
        0x25CF => '•',
        0x2010 or 0x2011 or 0x2012 or 0x2013 or 0x2014 or 0x2212 => '-',
        0x2018 or 0x2019 or 0x02BC or 0x2032 => '\'',
        0x201C or 0x201D or 0x2033 => '"',
        0x2026 => '.',
        0x03BC => 'µ',
        0x2126 => 'Ω',
        0x03B2 => 'ß',
        0x2713 or 0x2714 => '√',
        0x2715 or 0x2717 or 0x00D7 => 'x',
        _ => '?',
    };
}
