using System.Runtime;

namespace CosmosKernel.Runtime.FloatingPoint;

/// <summary>
/// Hyperbolic functions from e^x in double-double, and from short Taylor series near zero where the difference of
/// e^x and e^-x would cancel. Special cases are those of C99 Annex F.9.2.4 to F.9.2.6. Callable in any context.
/// </summary>
internal static class Hyperbolic
{
    private const double Tiny = 7.450580596923828e-09;

    // Below this the series are used.
    private const double SeriesLimit = 1.0 / 16;

    // Above this e^-x is less than 2^-63 of e^x and is left out.
    private const double OneSidedLimit = 22;

    // Above this the hyperbolic sine and cosine overflow.
    private const double Overflow = 710.48;

    /// <summary>The hyperbolic sine.</summary>
    [RuntimeExport("sinh")]
    public static double Sinh(double x)
    {
        double magnitude = FloatFormat.Magnitude(x);
        if (!(magnitude >= Tiny) || double.IsInfinity(x))
        {
            return x;
        }

        if (magnitude < SeriesLimit)
        {
            // The first omitted term is below 2^-78 of the result.
            double s = x * x;
            return x + x * s * (1.0 / 6 + s * (1.0 / 120 + s * (1.0 / 5040 + s * (1.0 / 362880 + s * (1.0 / 39916800)))));
        }

        return FloatFormat.WithSignOf(HalfOfSum(magnitude, -1), x);
    }

    /// <summary>The hyperbolic sine.</summary>
    [RuntimeExport("sinhf")]
    public static float Sinh(float x) => (float)Sinh((double)x);

    /// <summary>The hyperbolic cosine.</summary>
    [RuntimeExport("cosh")]
    public static double Cosh(double x)
    {
        double magnitude = FloatFormat.Magnitude(x);
        return magnitude < Tiny ? 1 : magnitude < double.PositiveInfinity ? HalfOfSum(magnitude, 1) : magnitude;
    }

    /// <summary>The hyperbolic cosine.</summary>
    [RuntimeExport("coshf")]
    public static float Cosh(float x) => (float)Cosh((double)x);

    /// <summary>The hyperbolic tangent.</summary>
    [RuntimeExport("tanh")]
    public static double Tanh(double x)
    {
        double magnitude = FloatFormat.Magnitude(x);
        if (!(magnitude >= Tiny))
        {
            return x;
        }

        if (magnitude < SeriesLimit)
        {
            // The first omitted term is below 2^-70 of the result.
            double s = x * x;
            return x + x * s * (-1.0 / 3 + s * (2.0 / 15 + s * (-17.0 / 315 + s * (62.0 / 2835
                + s * (-1382.0 / 155925 + s * (21844.0 / 6081075 + s * (-929569.0 / 638512875)))))));
        }

        if (magnitude > OneSidedLimit)
        {
            return FloatFormat.WithSignOf(1.0, x);
        }

        DoubleDouble mantissa = Exponential.Reduced(new(2 * magnitude, 0), out int exponent);
        double scale = FloatFormat.PowerOfTwo(exponent);
        DoubleDouble square = new(mantissa.High * scale, mantissa.Low * scale);
        return FloatFormat.WithSignOf(((square + -1.0) / (square + 1.0)).Value, x);
    }

    /// <summary>The hyperbolic tangent.</summary>
    [RuntimeExport("tanhf")]
    public static float Tanh(float x) => (float)Tanh((double)x);

    // (e^x + sign e^-x) / 2 for x from 2^-27 on.
    private static double HalfOfSum(double x, double sign)
    {
        if (x > Overflow)
        {
            return double.PositiveInfinity;
        }

        DoubleDouble mantissa = Exponential.Reduced(new(x, 0), out int exponent);
        if (x > OneSidedLimit)
        {
            return FloatFormat.Round(mantissa, exponent - 1);
        }

        double scale = FloatFormat.PowerOfTwo(exponent);
        DoubleDouble power = new(mantissa.High * scale, mantissa.Low * scale);
        return 0.5 * (power + new DoubleDouble(sign, 0) / power).Value;
    }
}
