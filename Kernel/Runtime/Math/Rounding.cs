using System;
using System.Runtime;

namespace CosmosKernel.Runtime.FloatingPoint;

/// <summary>
/// Rounding to integers, parts and remainders: all exact. Special cases are those of C99 Annex F.9.3.12, F.9.6.1,
/// F.9.6.2 and F.9.7.1. Callable in any context.
/// </summary>
internal static class Rounding
{
    /// <summary>The largest integer not above x.</summary>
    [RuntimeExport("floor")]
    public static double Floor(double x)
    {
        double truncated = Truncate(x);
        return truncated > x ? truncated - 1 : truncated;
    }

    /// <summary>The largest integer not above x.</summary>
    [RuntimeExport("floorf")]
    public static float Floor(float x) => (float)Floor((double)x);

    /// <summary>The smallest integer not below x; -0 for arguments between -1 and -0.</summary>
    [RuntimeExport("ceil")]
    public static double Ceiling(double x)
    {
        double truncated = Truncate(x);
        return truncated < x ? truncated + 1 : truncated;
    }

    /// <summary>The smallest integer not below x; -0 for arguments between -1 and -0.</summary>
    [RuntimeExport("ceilf")]
    public static float Ceiling(float x) => (float)Ceiling((double)x);

    /// <summary>Splits x into integral and fractional part, both with the sign of x.</summary>
    /// <param name="x">The argument.</param>
    /// <param name="integral">Where the integral part goes; infinity for infinities.</param>
    /// <returns>The fractional part; a zero for infinities.</returns>
    [RuntimeExport("modf")]
    public static unsafe double Modf(double x, double* integral)
    {
        double truncated = Truncate(x);
        *integral = truncated;
        return double.IsInfinity(x) ? FloatFormat.WithSignOf(0.0, x) : FloatFormat.WithSignOf(x - truncated, x);
    }

    /// <summary>Splits x into integral and fractional part, both with the sign of x.</summary>
    /// <param name="x">The argument.</param>
    /// <param name="integral">Where the integral part goes; infinity for infinities.</param>
    /// <returns>The fractional part; a zero for infinities.</returns>
    [RuntimeExport("modff")]
    public static unsafe float Modf(float x, float* integral)
    {
        double whole;
        double fraction = Modf((double)x, &whole);
        *integral = (float)whole;
        return (float)fraction;
    }

    /// <summary>
    /// The remainder of x / y truncated towards zero, with the sign of x. NaN for an infinite x or a zero y.
    /// </summary>
    [RuntimeExport("fmod")]
    public static double Remainder(double x, double y)
    {
        double dividend = FloatFormat.Magnitude(x);
        double divisor = FloatFormat.Magnitude(y);
        if (double.IsNaN(x) || double.IsNaN(y))
        {
            return x + y;
        }

        if (divisor == 0 || double.IsInfinity(x))
        {
            return double.NaN;
        }

        if (dividend < divisor)
        {
            return x;
        }

        Decompose(dividend, out ulong a, out int exponent);
        Decompose(divisor, out ulong b, out int divisorExponent);

        // Long division, eleven bits of quotient a step: a is below 2^53, so a shifted by eleven fits 64 bits.
        int shift = exponent - divisorExponent;
        a %= b;
        while (shift > 0 && a != 0)
        {
            int step = shift < 11 ? shift : 11;
            a = (a << step) % b;
            shift -= step;
        }

        if (a == 0)
        {
            return FloatFormat.WithSignOf(0.0, x);
        }

        // The remainder a * 2^divisorExponent is exact, for it is below y and a multiple of y's last place.
        double result = FloatFormat.Scale((long)a, divisorExponent);
        return FloatFormat.WithSignOf(result, x);
    }

    /// <summary>
    /// The remainder of x / y truncated towards zero, with the sign of x. NaN for an infinite x or a zero y.
    /// </summary>
    [RuntimeExport("fmodf")]
    public static float Remainder(float x, float y) => (float)Remainder((double)x, (double)y);

    private static double Truncate(double x)
    {
        int field = FloatFormat.ExponentField(x);
        if (field >= 1023 + 52)
        {
            return x;
        }

        if (field < 1023)
        {
            return FloatFormat.WithSignOf(0.0, x);
        }

        ulong fraction = FloatFormat.FractionMask >> (field - 1023);
        return BitConverter.UInt64BitsToDouble(BitConverter.DoubleToUInt64Bits(x) & ~fraction);
    }

    // A finite positive x as mantissa * 2^exponent with a mantissa below 2^53 (below 2^52 only for subnormals).
    private static void Decompose(double x, out ulong mantissa, out int exponent)
    {
        ulong bits = BitConverter.DoubleToUInt64Bits(x);
        int field = (int)(bits >> 52);
        mantissa = field == 0 ? bits : (bits & FloatFormat.FractionMask) | (1UL << 52);
        exponent = (field == 0 ? 1 : field) - 1075;
    }
}
