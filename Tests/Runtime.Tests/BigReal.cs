using System;
using System.Globalization;
using System.Numerics;

namespace CosmosKernel.Runtime.Tests;

/// <summary>
/// Mantissa * 2^Exponent with mantissas cut to 320 bits: the arithmetic of the references that the mathematics
/// functions are measured against.
/// </summary>
internal readonly struct BigReal
{
    private const int Precision = 320;

    private BigReal(BigInteger mantissa, int exponent)
    {
        Mantissa = mantissa;
        Exponent = exponent;
    }

    public BigInteger Mantissa { get; }

    public int Exponent { get; }

    public bool IsZero => Mantissa.IsZero;

    public int Sign => Mantissa.Sign;

    public static BigReal Exact(BigInteger mantissa, int exponent) => new(mantissa, exponent);

    /// <summary>The exponent e with |this| in [2^e, 2^(e+1)).</summary>
    public int Magnitude => (int)BigInteger.Abs(Mantissa).GetBitLength() - 1 + Exponent;

    public static implicit operator BigReal(int value) => new(value, 0);

    public static implicit operator BigReal(double value)
    {
        if (!double.IsFinite(value))
        {
            throw new ArgumentOutOfRangeException(nameof(value), value, "Only finite numbers have an exact value.");
        }

        long bits = BitConverter.DoubleToInt64Bits(value);
        int field = (int)(bits >> 52) & 0x7FF;
        long mantissa = (bits & ((1L << 52) - 1)) | (field == 0 ? 0 : 1L << 52);
        return new(bits < 0 ? -mantissa : mantissa, (field == 0 ? 1 : field) - 1075);
    }

    public static BigReal operator -(BigReal a) => new(-a.Mantissa, a.Exponent);

    public static BigReal operator +(BigReal a, BigReal b)
    {
        if (a.IsZero)
        {
            return b;
        }

        if (b.IsZero)
        {
            return a;
        }

        // An operand far below the other's last place does not count.
        int gap = a.Magnitude - b.Magnitude;
        if (gap > 3 * Precision)
        {
            return a;
        }

        if (gap < -3 * Precision)
        {
            return b;
        }

        int exponent = Math.Min(a.Exponent, b.Exponent);
        return Cut((a.Mantissa << (a.Exponent - exponent)) + (b.Mantissa << (b.Exponent - exponent)), exponent);
    }

    public static BigReal operator -(BigReal a, BigReal b) => a + -b;

    public static BigReal operator *(BigReal a, BigReal b) => Cut(a.Mantissa * b.Mantissa, a.Exponent + b.Exponent);

    public static BigReal operator /(BigReal a, BigReal b)
    {
        int shift = Precision + (int)BigInteger.Abs(b.Mantissa).GetBitLength();
        return Cut((a.Mantissa << shift) / b.Mantissa, a.Exponent - shift - b.Exponent);
    }

    public static BigReal Abs(BigReal a) => new(BigInteger.Abs(a.Mantissa), a.Exponent);

    public static BigReal Scale(BigReal a, int exponent) => new(a.Mantissa, a.Exponent + exponent);

    public static BigReal Sqrt(BigReal a)
    {
        if (a.Sign <= 0)
        {
            return 0;
        }

        int shift = 2 * Precision;
        shift += (a.Exponent - shift) & 1;
        BigInteger radicand = a.Mantissa << shift;
        BigInteger root = BigInteger.One << ((int)(radicand.GetBitLength() + 1) / 2);
        while (true)
        {
            BigInteger next = (root + radicand / root) >> 1;
            if (next >= root)
            {
                return Cut(root, (a.Exponent - shift) / 2);
            }

            root = next;
        }
    }

    /// <summary>The nearest integer, halves upwards.</summary>
    public BigInteger Round()
    {
        if (Exponent >= 0)
        {
            return Mantissa << Exponent;
        }

        return (Mantissa + (BigInteger.One << (-Exponent - 1))) >> -Exponent;
    }

    /// <summary>A double within one unit in the last place; for figures and first guesses.</summary>
    public double ToDouble()
    {
        int excess = (int)BigInteger.Abs(Mantissa).GetBitLength() - 60;
        return excess <= 0
            ? Math.ScaleB((double)Mantissa, Exponent)
            : Math.ScaleB((double)(Mantissa >> excess), Exponent + excess);
    }

    /// <summary>The nearest double, ties to even.</summary>
    public double ToNearestDouble()
    {
        if (IsZero)
        {
            return 0;
        }

        int place = Math.Max(Magnitude - 52, -1074);
        int drop = place - Exponent;
        BigInteger magnitude = BigInteger.Abs(Mantissa);
        BigInteger kept;
        if (drop <= 0)
        {
            kept = magnitude << -drop;
        }
        else
        {
            kept = magnitude >> drop;
            BigInteger rest = magnitude - (kept << drop);
            int order = rest.CompareTo(BigInteger.One << (drop - 1));
            if (order > 0 || (order == 0 && !kept.IsEven))
            {
                kept++;
            }
        }

        double value = place + (int)kept.GetBitLength() > 1024
            ? double.PositiveInfinity
            : Math.ScaleB((double)kept, place);
        return Sign < 0 ? -value : value;
    }

    public override string ToString() => ToDouble().ToString("R", CultureInfo.InvariantCulture);

    private static BigReal Cut(BigInteger mantissa, int exponent)
    {
        int excess = (int)BigInteger.Abs(mantissa).GetBitLength() - Precision;
        return excess > 0 ? new(mantissa >> excess, exponent + excess) : new(mantissa, exponent);
    }
}
