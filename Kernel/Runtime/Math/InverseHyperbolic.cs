using System.Runtime;

namespace CosmosKernel.Runtime.FloatingPoint;

/// <summary>
/// Inverse hyperbolic functions as logarithms of double-double arguments, with Taylor series near zero.
/// Special cases are those of C99 Annex F.9.2.1 to F.9.2.3. Callable in any context.
/// </summary>
internal static class InverseHyperbolic
{
    private const double Tiny = 7.450580596923828e-09;

    // Below this the series are used.
    private const double SeriesLimit = 1.0 / 1024;

    // Above this sqrt(x^2 +- 1) and x are the same to more than 60 bits.
    private const double LargeLimit = 1073741824.0;

    /// <summary>The inverse hyperbolic sine.</summary>
    [RuntimeExport("asinh")]
    public static double Asinh(double x)
    {
        double magnitude = FloatFormat.Magnitude(x);
        if (!(magnitude >= Tiny) || double.IsInfinity(x))
        {
            return x;
        }

        if (magnitude < SeriesLimit)
        {
            // The first omitted term is below 2^-85 of the result.
            double s = x * x;
            return x + x * s * (-1.0 / 6 + s * (3.0 / 40 + s * (-15.0 / 336)));
        }

        DoubleDouble logarithm = magnitude > LargeLimit
            ? Logarithm.Natural(magnitude) + Logarithm.LnTwo
            : Logarithm.Natural(DoubleDouble.Sqrt(DoubleDouble.Product(magnitude, magnitude) + 1.0) + magnitude);
        return FloatFormat.WithSignOf(logarithm.Value, x);
    }

    /// <summary>The inverse hyperbolic sine.</summary>
    [RuntimeExport("asinhf")]
    public static float Asinh(float x) => (float)Asinh((double)x);

    /// <summary>The inverse hyperbolic cosine, not negative; NaN for arguments below one.</summary>
    [RuntimeExport("acosh")]
    public static double Acosh(double x)
    {
        if (!(x >= 1))
        {
            return double.IsNaN(x) ? x : double.NaN;
        }

        if (double.IsInfinity(x))
        {
            return x;
        }

        if (x > LargeLimit)
        {
            return (Logarithm.Natural(x) + Logarithm.LnTwo).Value;
        }

        DoubleDouble root = DoubleDouble.Sqrt(DoubleDouble.Sum(x, -1) * DoubleDouble.Sum(x, 1));
        return Logarithm.Natural(root + x).Value;
    }

    /// <summary>The inverse hyperbolic cosine, not negative; NaN for arguments below one.</summary>
    [RuntimeExport("acoshf")]
    public static float Acosh(float x) => (float)Acosh((double)x);

    /// <summary>
    /// The inverse hyperbolic tangent; infinities at -1 and 1, NaN outside [-1, 1].
    /// </summary>
    [RuntimeExport("atanh")]
    public static double Atanh(double x)
    {
        double magnitude = FloatFormat.Magnitude(x);
        if (magnitude < Tiny || double.IsNaN(x))
        {
            return x;
        }

        if (magnitude >= 1)
        {
            return magnitude == 1 ? FloatFormat.WithSignOf(double.PositiveInfinity, x) : double.NaN;
        }

        if (magnitude < SeriesLimit)
        {
            // The first omitted term is below 2^-83 of the result.
            double s = x * x;
            return x + x * s * (1.0 / 3 + s * (1.0 / 5 + s * (1.0 / 7)));
        }

        DoubleDouble ratio = DoubleDouble.Sum(1, magnitude) / DoubleDouble.Sum(1, -magnitude);
        return FloatFormat.WithSignOf(0.5 * Logarithm.Natural(ratio).Value, x);
    }

    /// <summary>
    /// The inverse hyperbolic tangent; infinities at -1 and 1, NaN outside [-1, 1].
    /// </summary>
    [RuntimeExport("atanhf")]
    public static float Atanh(float x) => (float)Atanh((double)x);
}
