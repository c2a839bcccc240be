using System;
using System.Runtime;

namespace CosmosKernel.Runtime.FloatingPoint;

/// <summary>
/// The exponential, by Tang's table method (ACM TOMS 15, 1989): x = k ln2/128 + r, and
/// e^x = 2^(k div 128) * 2^((k mod 128)/128) * e^r with |r| at most ln2/256, everything in double-double.
/// Special cases are those of C99 Annex F.9.3.1. Callable in any context.
/// </summary>
internal static class Exponential
{
    /// <summary>Above this the result overflows a double.</summary>
    public const double Overflow = 709.79;

    /// <summary>Below this the result rounds to zero.</summary>
    public const double Underflow = -745.14;

    private const double StepsPerUnit = 184.6649652337873;

    // ln2/128 in two parts; the first has 34 bits, so that its product with a 19-bit k is exact.
    private const double StepHigh = 0.005415212347998022;
    private const double StepLow = 1.2655086083325438e-13;

    // Adding and subtracting 1.5 * 2^52 rounds to the nearest integer.
    private const double RoundingAnchor = 6755399441055744.0;

    /// <summary>e to the power x.</summary>
    [RuntimeExport("exp")]
    public static double Exp(double x)
    {
        if (!(FloatFormat.Magnitude(x) < 708))
        {
            if (double.IsNaN(x))
            {
                return x;
            }

            if (x > Overflow)
            {
                return double.PositiveInfinity;
            }

            if (x < Underflow)
            {
                return 0;
            }
        }

        DoubleDouble mantissa = Reduced(new(x, 0), out int exponent);
        return FloatFormat.Round(mantissa, exponent);
    }

    /// <summary>e to the power x.</summary>
    [RuntimeExport("expf")]
    public static float Exp(float x) => (float)Exp((double)x);

    /// <summary>
    /// e^x as mantissa * 2^exponent, with a relative error below 2^-65.
    /// </summary>
    /// <param name="x">The argument, of a magnitude below 1024.</param>
    /// <param name="exponent">The power of two.</param>
    /// <returns>The mantissa, between 0.99 and 2.01.</returns>
    public static DoubleDouble Reduced(DoubleDouble x, out int exponent)
    {
        double steps = (x.High * StepsPerUnit + RoundingAnchor) - RoundingAnchor;
        int k = Conversions.Truncate(steps);
        int entry = k & 127;
        exponent = k >> 7;

        DoubleDouble r = DoubleDouble.Sum(x.High - steps * StepHigh, x.Low - steps * StepLow);
        double h = r.High;

        // e^r - 1 = h + tail; the first omitted term is below 2^-81.
        double tail = r.Low * (1 + h)
            + h * h * (1.0 / 2 + h * (1.0 / 6 + h * (1.0 / 24 + h * (1.0 / 120 + h * (1.0 / 720)))));

        double tableHigh = ExponentialTable.Pairs[2 * entry];
        double tableLow = ExponentialTable.Pairs[2 * entry + 1];
        DoubleDouble product = DoubleDouble.Product(tableHigh, h);
        DoubleDouble sum = DoubleDouble.OrderedSum(tableHigh, product.High);
        double low = sum.Low + (product.Low + (tableLow + (tableHigh * tail + tableLow * h)));
        return DoubleDouble.OrderedSum(sum.High, low);
    }
}
