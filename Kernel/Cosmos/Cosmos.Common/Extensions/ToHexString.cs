using System;
using System.Globalization;

namespace Cosmos.Common.Extensions;

/// <summary>Numbers as hexadecimal digits, upper case, with zeros before them up to a width.</summary>
public static class ToHexString
{
    /// <summary>Two digits or more.</summary>
    public static string ToHex(this byte n) => Digits(n, 2);

    /// <summary>So many digits or more.</summary>
    public static string ToHex(this byte n, int aWidth) => Digits(n, aWidth);

    /// <summary>Four digits or more; a negative number has eight.</summary>
    public static string ToHex(this int n) => Digits((uint)n, 4);

    /// <summary>So many digits or more.</summary>
    public static string ToHex(this int n, int aWidth) => Digits((uint)n, aWidth);

    /// <summary>Four digits or more.</summary>
    public static string ToHex(this ushort n) => Digits(n, 4);

    /// <summary>So many digits or more.</summary>
    public static string ToHex(this ushort n, int aWidth) => Digits(n, aWidth);

    /// <summary>Eight digits.</summary>
    public static string ToHex(this uint aValue) => Digits(aValue, 8);

    /// <summary>So many digits or more.</summary>
    public static string ToHex(this uint aValue, int aWidth) => Digits(aValue, aWidth);

    /// <summary>Sixteen digits, or as many as it takes.</summary>
    public static string ToHex(this ulong aValue, bool withPadding = true) => Digits(aValue, withPadding ? 16 : 1);

    /// <summary>So many digits or more.</summary>
    public static string ToHex(this ulong aValue, int aWidth) => Digits(aValue, aWidth);

    /// <summary>The digit of 0 to 15.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is more.</exception>
    public static char DigitToHexChar(byte d)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(d, 15);
        return "0123456789ABCDEF"[d];
    }

    private static string Digits(ulong number, int width) => number.ToString("X", CultureInfo.InvariantCulture).PadLeft(width, '0');
}
