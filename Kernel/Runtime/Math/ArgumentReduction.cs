using System;

namespace CosmosKernel.Runtime.FloatingPoint;

/// <summary>
/// Reduction of an angle to [-pi/4, pi/4] and a quadrant: by Cody and Waite's method (Software Manual for the
/// Elementary Functions, 1980) up to 2^20 pi/2, and by Payne and Hanek's (SIGNUM Newsletter 18, 1983) beyond.
/// Callable in any context.
/// </summary>
internal static class ArgumentReduction
{
    private const double CodyWaiteLimit = 1647099.0;
    private const double TwoOverPiRounded = 0.6366197723675814;
    private const double RoundingAnchor = 6755399441055744.0;

    // pi/2 in three parts of 33 bits, whose products with a 20-bit quadrant count are exact, and the rest.
    private const double HalfPi1 = 1.5707963267341256;
    private const double HalfPi2 = 6.077100506303966e-11;
    private const double HalfPi3 = 2.0222662487111665e-21;
    private const double HalfPi4 = 8.4784276603689e-32;

    /// <summary>pi/2 to 106 bits.</summary>
    public static DoubleDouble HalfPi => new(1.5707963267948966, 6.123233995736766e-17);

    /// <summary>
    /// x minus the nearest multiple of pi/2, with a relative error below 2^-75.
    /// </summary>
    /// <param name="x">A finite angle in radians.</param>
    /// <param name="quadrant">The multiple, modulo four.</param>
    public static DoubleDouble Reduce(double x, out int quadrant)
    {
        double magnitude = FloatFormat.Magnitude(x);
        if (magnitude <= 0.7853981633974483)
        {
            quadrant = 0;
            return new(x, 0);
        }

        if (magnitude > CodyWaiteLimit)
        {
            DoubleDouble reduced = ReduceLarge(magnitude, out quadrant);
            if (x < 0)
            {
                quadrant = -quadrant & 3;
                return -reduced;
            }

            return reduced;
        }

        double n = (x * TwoOverPiRounded + RoundingAnchor) - RoundingAnchor;
        quadrant = Conversions.Truncate(n) & 3;

        // The first difference is exact: both terms are multiples of a common place less than 2^53 times below it.
        DoubleDouble r = DoubleDouble.Sum(x - n * HalfPi1, -(n * HalfPi2));
        return r + -(n * HalfPi3) + -(n * HalfPi4);
    }

    // x = m 2^e. Bits of 2/pi that contribute only multiples of four quadrants are left out; 192 bits from there on
    // give the quadrant and the fraction with an error below 2^-137, and no double comes nearer to a multiple of
    // pi/2 than 2^-62.
    private static DoubleDouble ReduceLarge(double x, out int quadrant)
    {
        ulong bits = BitConverter.DoubleToUInt64Bits(x);
        ulong m = (bits & FloatFormat.FractionMask) | (1UL << 52);
        int e = (int)(bits >> 52) - 1075;

        // The table has 64 zero bits before the point, so e, at least -32 here, starts at a bit that exists.
        int start = e - 2 + 64;
        ulong w0 = WordAt(start);
        ulong w1 = WordAt(start + 64);
        ulong w2 = WordAt(start + 128);

        // The product's low 192 bits; its top two are the quadrant, the other 190 the fraction.
        UInt128 low = (UInt128)m * w2;
        UInt128 middle = (UInt128)m * w1 + (ulong)(low >> 64);
        ulong p0 = m * w0 + (ulong)(middle >> 64);
        ulong p1 = (ulong)middle;
        ulong p2 = (ulong)low;

        quadrant = (int)(p0 >> 62);
        UInt128 fraction = new((p0 << 2) | (p1 >> 62), (p1 << 2) | (p2 >> 62));
        ulong rest = p2 << 2;
        bool negative = (fraction >> 127) != 0;
        if (negative)
        {
            // Above one half: the distance to the next quadrant, as the two's complement.
            quadrant = (quadrant + 1) & 3;
            rest = ~rest + 1;
            fraction = ~fraction + (rest == 0 ? UInt128.One : UInt128.Zero);
        }

        // Normalise so that 106 significant bits can be read off, then scale by pi/2.
        int shift = (int)UInt128.LeadingZeroCount(fraction);
        if (shift != 0)
        {
            fraction = (fraction << shift) | ((UInt128)rest << 64 >> (128 - shift));
        }

        double high = (double)(long)(ulong)(fraction >> 75);
        double next = (double)(long)((ulong)(fraction >> 22) & ((1UL << 53) - 1));
        DoubleDouble turn = DoubleDouble.OrderedSum(
            high * FloatFormat.PowerOfTwo(-53 - shift), next * FloatFormat.PowerOfTwo(-106 - shift));
        DoubleDouble result = turn * HalfPi;
        return negative ? -result : result;
    }

    // 64 bits of 2/pi from a bit position on.
    private static ulong WordAt(int position)
    {
        int word = position >> 6;
        int shift = position & 63;
        ulong upper = TwoOverPi.Words[word] << shift;
        return shift == 0 ? upper : upper | (TwoOverPi.Words[word + 1] >> (64 - shift));
    }
}
