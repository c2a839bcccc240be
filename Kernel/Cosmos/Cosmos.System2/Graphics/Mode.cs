using System;

namespace Cosmos.System.Graphics;

/// <summary>Size of a screen and depth of its pixels.</summary>
public readonly struct Mode : IEquatable<Mode>, IComparable<Mode>
{
    /// <summary>Makes a mode.</summary>
    /// <param name="columns">Pixels in a row.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="colorDepth">Bits of a pixel.</param>
    public Mode(uint columns, uint rows, ColorDepth colorDepth)
    {
        Width = columns;
        Height = rows;
        ColorDepth = colorDepth;
    }

    /// <summary>Makes a mode, from the numbers that Cosmos took until 2022.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative.</exception>
    public Mode(int columns, int rows, ColorDepth colorDepth)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        Width = (uint)columns;
        Height = (uint)rows;
        ColorDepth = colorDepth;
    }

    /// <summary>Pixels in a row.</summary>
    public uint Width { get; }

    /// <summary>Rows.</summary>
    public uint Height { get; }

    /// <summary>Bits of a pixel.</summary>
    public ColorDepth ColorDepth { get; }

    /// <summary>Pixels in a row, by the name that Cosmos used until 2022.</summary>
    public int Columns => (int)Width;

    /// <summary>Rows, by the name that Cosmos used until 2022.</summary>
    public int Rows => (int)Height;

    /// <summary>Whether size and depth are the same.</summary>
    public static bool operator ==(Mode a, Mode b) => a.Equals(b);

    /// <summary>Whether size or depth differ.</summary>
    public static bool operator !=(Mode a, Mode b) => !a.Equals(b);

    /// <summary>Whether a screen is larger both ways.</summary>
    public static bool operator >(Mode a, Mode b) => a.CompareTo(b) > 0;

    /// <summary>Whether a screen is smaller both ways.</summary>
    public static bool operator <(Mode a, Mode b) => a.CompareTo(b) < 0;

    /// <summary>Whether a screen is not smaller both ways.</summary>
    public static bool operator >=(Mode a, Mode b) => a.CompareTo(b) >= 0;

    /// <summary>Whether a screen is not larger both ways.</summary>
    public static bool operator <=(Mode a, Mode b) => a.CompareTo(b) <= 0;

    /// <inheritdoc/>
    public bool Equals(Mode other) => Width == other.Width && Height == other.Height && ColorDepth == other.ColorDepth;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Mode other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Width, Height, ColorDepth);

    /// <summary>Compares sizes: below zero when this one is smaller both ways, above zero when it is larger both ways, else zero.</summary>
    public int CompareTo(Mode other)
    {
        if (Width < other.Width && Height < other.Height)
        {
            return -1;
        }

        return Width > other.Width && Height > other.Height ? 1 : 0;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Width}x{Height}@{(int)ColorDepth}";
}
