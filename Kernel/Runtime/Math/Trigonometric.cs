using System;
using System.Runtime;

namespace CosmosKernel.Runtime.FloatingPoint;

/// <summary>
/// Sine, cosine and tangent. The reduced angle is j/64 + d with a table of sin(j/64) and cos(j/64) and short Taylor
/// series in d, |d| at most 1/128, joined by the addition theorems in double-double.
/// Special cases are those of C99 Annex F.9.1.5 to F.9.1.7. Callable in any context.
/// </summary>
internal static class Trigonometric
{
    // Below 2^-27 the sine and the tangent differ from the argument by less than half a unit in the last place.
    private const double Tiny = 7.450580596923828e-09;

    /// <summary>The sine of an angle in radians; NaN for infinities.</summary>
    [RuntimeExport("sin")]
    public static double Sin(double x)
    {
        if (FloatFormat.Magnitude(x) < Tiny)
        {
            return x;
        }

        if (FloatFormat.ExponentField(x) == FloatFormat.ExponentFieldOfInfinity)
        {
            return x - x;
        }

        DoubleDouble angle = ArgumentReduction.Reduce(x, out int quadrant);
        SineAndCosine(angle, out DoubleDouble sine, out DoubleDouble cosine);
        double value = (quadrant & 1) == 0 ? sine.Value : cosine.Value;
        return (quadrant & 2) == 0 ? value : -value;
    }

    /// <summary>The sine of an angle in radians; NaN for infinities.</summary>
    [RuntimeExport("sinf")]
    public static float Sin(float x) => (float)Sin((double)x);

    /// <summary>The cosine of an angle in radians; NaN for infinities.</summary>
    [RuntimeExport("cos")]
    public static double Cos(double x)
    {
        if (FloatFormat.Magnitude(x) < Tiny)
        {
            return 1;
        }

        if (FloatFormat.ExponentField(x) == FloatFormat.ExponentFieldOfInfinity)
        {
            return x - x;
        }

        DoubleDouble angle = ArgumentReduction.Reduce(x, out int quadrant);
        SineAndCosine(angle, out DoubleDouble sine, out DoubleDouble cosine);
        double value = (quadrant & 1) == 0 ? cosine.Value : sine.Value;
        return ((quadrant + 1) & 2) == 0 ? value : -value;
    }

    /// <summary>The cosine of an angle in radians; NaN for infinities.</summary>
    [RuntimeExport("cosf")]
    public static float Cos(float x) => (float)Cos((double)x);

    /// <summary>The tangent of an angle in radians; NaN for infinities.</summary>
    [RuntimeExport("tan")]
    public static double Tan(double x)
    {
        if (FloatFormat.Magnitude(x) < Tiny)
        {
            return x;
        }

        if (FloatFormat.ExponentField(x) == FloatFormat.ExponentFieldOfInfinity)
        {
            return x - x;
        }

        DoubleDouble angle = ArgumentReduction.Reduce(x, out int quadrant);
        SineAndCosine(angle, out DoubleDouble sine, out DoubleDouble cosine);
        return ((quadrant & 1) == 0 ? sine / cosine : -cosine / sine).Value;
    }

    /// <summary>The tangent of an angle in radians; NaN for infinities.</summary>
    [RuntimeExport("tanf")]
    public static float Tan(float x) => (float)Tan((double)x);

    // Sine and cosine of an angle in [-pi/4, pi/4], with relative errors below 2^-65.
    private static void SineAndCosine(DoubleDouble angle, out DoubleDouble sine, out DoubleDouble cosine)
    {
        bool negative = angle.High < 0;
        if (negative)
        {
            angle = -angle;
        }

        int entry = Conversions.Truncate(angle.High * 64 + 0.5);
        double d = angle.High - entry * (1.0 / 64);
        double square = d * d;

        // sin(d + low) = d + sineTail and cos(d + low) = 1 + cosineTail; the first omitted terms are below 2^-80 of d
        // and 2^-91.
        double sineTail = angle.Low * (1 - 0.5 * square)
            + d * square * (-1.0 / 6 + square * (1.0 / 120 + square * (-1.0 / 5040 + square * (1.0 / 362880))));
        double cosineTail = square * (-1.0 / 2 + square * (1.0 / 24 + square * (-1.0 / 720 + square * (1.0 / 40320))))
            - d * angle.Low;

        double sh = SineTable.Quadruples[4 * entry];
        double sl = SineTable.Quadruples[4 * entry + 1];
        double ch = SineTable.Quadruples[4 * entry + 2];
        double cl = SineTable.Quadruples[4 * entry + 3];

        DoubleDouble cd = DoubleDouble.Product(ch, d);
        DoubleDouble sum = DoubleDouble.Sum(sh, cd.High);
        sine = DoubleDouble.OrderedSum(
            sum.High, sum.Low + (cd.Low + (sl + (sh * cosineTail + ch * sineTail + cl * d))));

        DoubleDouble sd = DoubleDouble.Product(sh, d);
        sum = DoubleDouble.Sum(ch, -sd.High);
        cosine = DoubleDouble.OrderedSum(
            sum.High, sum.Low + (cl - sd.Low + (ch * cosineTail - sh * sineTail - sl * d)));

        if (negative)
        {
            sine = -sine;
        }
    }
}
