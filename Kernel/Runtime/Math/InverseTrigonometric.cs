using System;
using System.Runtime;

namespace CosmosKernel.Runtime.FloatingPoint;

/// <summary>
/// Inverse trigonometric functions, all through the angle of a point (x, y) of the first quadrant in double-double:
/// atan(n/d) = atan(j/64) + atan((n - d j/64) / (d + n j/64)), the second term by a short Taylor series.
/// Special cases are those of C99 Annex F.9.1.1 to F.9.1.4. Callable in any context.
/// </summary>
internal static class InverseTrigonometric
{
    private const double Tiny = 7.450580596923828e-09;

    private static DoubleDouble Pi => new(3.141592653589793, 1.2246467991473532e-16);

    /// <summary>The arc sine in radians, -pi/2 to pi/2; NaN outside [-1, 1].</summary>
    [RuntimeExport("asin")]
    public static double Asin(double x)
    {
        double magnitude = FloatFormat.Magnitude(x);
        if (magnitude < Tiny)
        {
            return x;
        }

        if (!(magnitude <= 1))
        {
            return double.IsNaN(x) ? x : double.NaN;
        }

        return FloatFormat.WithSignOf(Angle(new(magnitude, 0), CosineOfSine(magnitude)).Value, x);
    }

    /// <summary>The arc sine in radians, -pi/2 to pi/2; NaN outside [-1, 1].</summary>
    [RuntimeExport("asinf")]
    public static float Asin(float x) => (float)Asin((double)x);

    /// <summary>The arc cosine in radians, 0 to pi; NaN outside [-1, 1].</summary>
    [RuntimeExport("acos")]
    public static double Acos(double x)
    {
        double magnitude = FloatFormat.Magnitude(x);
        if (!(magnitude <= 1))
        {
            return double.IsNaN(x) ? x : double.NaN;
        }

        if (magnitude < 1e-18)
        {
            // Closer to pi/2 than half a unit in its last place.
            return ArgumentReduction.HalfPi.High;
        }

        DoubleDouble angle = Angle(CosineOfSine(magnitude), new(magnitude, 0));
        return (x < 0 ? Pi - angle : angle).Value;
    }

    /// <summary>The arc cosine in radians, 0 to pi; NaN outside [-1, 1].</summary>
    [RuntimeExport("acosf")]
    public static float Acos(float x) => (float)Acos((double)x);

    /// <summary>The arc tangent in radians, -pi/2 to pi/2.</summary>
    [RuntimeExport("atan")]
    public static double Atan(double x)
    {
        double magnitude = FloatFormat.Magnitude(x);
        if (magnitude < Tiny || double.IsNaN(x))
        {
            return x;
        }

        double angle = magnitude > 1.8e19
            ? ArgumentReduction.HalfPi.High
            : Angle(new(magnitude, 0), new(1, 0)).Value;
        return FloatFormat.WithSignOf(angle, x);
    }

    /// <summary>The arc tangent in radians, -pi/2 to pi/2.</summary>
    [RuntimeExport("atanf")]
    public static float Atan(float x) => (float)Atan((double)x);

    /// <summary>The angle of the point (x, y) in radians, -pi to pi, with the sign of y.</summary>
    [RuntimeExport("atan2")]
    public static double Atan2(double y, double x)
    {
        if (double.IsNaN(x) || double.IsNaN(y))
        {
            return x + y;
        }

        double ordinate = FloatFormat.Magnitude(y);
        double abscissa = FloatFormat.Magnitude(x);
        double angle;
        if (double.IsInfinity(ordinate) || double.IsInfinity(abscissa))
        {
            // Annex F takes two infinities as a diagonal.
            angle = Direction(double.IsInfinity(ordinate) ? 1 : 0, double.IsInfinity(abscissa) ? 1 : 0, x);
        }
        else if (ordinate == 0)
        {
            angle = FloatFormat.IsNegative(x) ? Pi.High : 0;
        }
        else if (abscissa == 0)
        {
            angle = ArgumentReduction.HalfPi.High;
        }
        else
        {
            int exponent = FloatFormat.Exponent(ordinate);
            int abscissaExponent = FloatFormat.Exponent(abscissa);
            int difference = exponent - abscissaExponent;
            if (difference > 64)
            {
                angle = ArgumentReduction.HalfPi.High;
            }
            else if (difference < -64)
            {
                angle = x < 0 ? Pi.High : ordinate / abscissa;
            }
            else
            {
                int shift = -(difference > 0 ? exponent : abscissaExponent);
                angle = Direction(FloatFormat.Scale(ordinate, shift), FloatFormat.Scale(abscissa, shift), x);
            }
        }

        return FloatFormat.WithSignOf(angle, y);
    }

    /// <summary>The angle of the point (x, y) in radians, -pi to pi, with the sign of y.</summary>
    [RuntimeExport("atan2f")]
    public static float Atan2(float y, float x) => (float)Atan2((double)y, (double)x);

    private static double Direction(double ordinate, double abscissa, double sign)
    {
        DoubleDouble angle = Angle(new(ordinate, 0), new(abscissa, 0));
        return (FloatFormat.IsNegative(sign) ? Pi - angle : angle).Value;
    }

    // The square root of 1 - s^2 = (1 - s)(1 + s), whose factors are exact.
    private static DoubleDouble CosineOfSine(double s) =>
        DoubleDouble.Sqrt(DoubleDouble.Sum(1, -s) * DoubleDouble.Sum(1, s));

    // The angle of a point of the closed first quadrant other than the origin, with a relative error below 2^-66.
    private static DoubleDouble Angle(DoubleDouble y, DoubleDouble x)
    {
        bool steep = y.High > x.High;
        DoubleDouble n = steep ? x : y;
        DoubleDouble d = steep ? y : x;

        int entry = Conversions.Truncate(n.High / d.High * 64 + 0.5);
        double c = entry * (1.0 / 64);
        DoubleDouble t = entry == 0 ? n / d : (n - d * c) / (d + n * c);

        // |t| is at most 1/128: the first omitted term is below 2^-80 of the result.
        double square = t.High * t.High;
        double tail = t.High * square
            * (-1.0 / 3 + square * (1.0 / 5 + square * (-1.0 / 7 + square * (1.0 / 9 + square * (-1.0 / 11)))));
        DoubleDouble angle = DoubleDouble.OrderedSum(t.High, t.Low + tail);
        if (entry != 0)
        {
            angle += new DoubleDouble(ArcTangentTable.Pairs[2 * entry], ArcTangentTable.Pairs[2 * entry + 1]);
        }

        return steep ? ArgumentReduction.HalfPi - angle : angle;
    }
}
