using System;
using System.Runtime.CompilerServices;

namespace CosmosKernel.Runtime.FloatingPoint;

/// <summary>
/// The IEEE 754 binary64 format taken apart and put together. Callable in any context.
/// </summary>
internal static class FloatFormat
{
    /// <summary>The sign bit.</summary>
    public const ulong SignMask = 1UL << 63;

    /// <summary>The fraction's bits.</summary>
    public const ulong FractionMask = (1UL << 52) - 1;

    /// <summary>The exponent field of infinities and NaN.</summary>
    public const int ExponentFieldOfInfinity = 0x7FF;

    /// <summary>The exponent field, 0 to 2047.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ExponentField(double x) => (int)(BitConverter.DoubleToUInt64Bits(x) >> 52) & 0x7FF;

    /// <summary>The magnitude.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Magnitude(double x) =>
        BitConverter.UInt64BitsToDouble(BitConverter.DoubleToUInt64Bits(x) & ~SignMask);

    /// <summary>Whether the sign bit is set, also on zeros and NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsNegative(double x) => BitConverter.DoubleToInt64Bits(x) < 0;

    /// <summary>The magnitude of the first with the sign of the second.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double WithSignOf(double magnitude, double sign) => BitConverter.UInt64BitsToDouble(
        (BitConverter.DoubleToUInt64Bits(magnitude) & ~SignMask) | (BitConverter.DoubleToUInt64Bits(sign) & SignMask));

    /// <summary>2^exponent, for exponents -1022 to 1023.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double PowerOfTwo(int exponent) => BitConverter.UInt64BitsToDouble((ulong)(exponent + 1023) << 52);

    /// <summary>The exponent e of a finite x other than zero, with |x| in [2^e, 2^(e+1)): -1074 to 1023.</summary>
    public static int Exponent(double x)
    {
        int field = ExponentField(x);
        return field != 0 ? field - 1023 : ExponentField(x * PowerOfTwo(54)) - 1023 - 54;
    }

    /// <summary>
    /// x times 2^exponent, exponents -2044 to 2046; exact unless it overflows, or falls below the normal range, where
    /// it is rounded at most once provided that x is between 2^-1 and 2^2.
    /// </summary>
    public static double Scale(double x, int exponent)
    {
        if (exponent > 1023)
        {
            return x * PowerOfTwo(1023) * PowerOfTwo(exponent - 1023);
        }

        if (exponent < -1022)
        {
            return x * PowerOfTwo(exponent + 1022) * PowerOfTwo(-1022);
        }

        return x * PowerOfTwo(exponent);
    }

    /// <summary>
    /// The double nearest to the value times 2^exponent, rounded once even where the result is subnormal.
    /// </summary>
    /// <param name="value">A positive value between 1/2 and 4.</param>
    /// <param name="exponent">-1100 to 2000.</param>
    public static double Round(DoubleDouble value, int exponent)
    {
        if (ExponentField(value.High) + exponent > 0)
        {
            return Scale(value.Value, exponent);
        }

        // The result's last place is 2^-1074: round to that multiple here, where nothing underflows. Adding a number
        // whose last place is the wanted one rounds High; what that lost and Low then decide the last step.
        double place = Scale(1.0, -1074 - exponent);
        double anchor = place * 4503599627370496.0;
        double rounded = (value.High + anchor) - anchor;
        double lost = value.High - rounded;
        double half = place / 2;
        if (lost == half && value.Low > 0)
        {
            rounded += place;
        }
        else if (lost == -half && value.Low < 0)
        {
            rounded -= place;
        }

        return Scale(rounded, exponent);
    }
}
