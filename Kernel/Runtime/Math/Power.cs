using System.Runtime;

namespace CosmosKernel.Runtime.FloatingPoint;

/// <summary>
/// x to the power y as e^(y ln x), the logarithm and the product in double-double so that the result's error stays near
/// half a unit in the last place; results that are representable are exact.
/// Special cases are those of C99 Annex F.9.4.4. Callable in any context.
/// </summary>
internal static class Power
{
    /// <summary>x to the power y.</summary>
    [RuntimeExport("pow")]
    public static double Pow(double x, double y)
    {
        if (x == 1 || y == 0)
        {
            return 1;
        }

        if (double.IsNaN(x) || double.IsNaN(y))
        {
            return x + y;
        }

        double magnitude = FloatFormat.Magnitude(x);
        if (double.IsInfinity(y))
        {
            return magnitude == 1 ? 1 : (magnitude > 1) == (y > 0) ? double.PositiveInfinity : 0;
        }

        bool odd = IsOddInteger(y);
        double sign = odd && FloatFormat.IsNegative(x) ? -1.0 : 1.0;
        if (magnitude == 0 || double.IsInfinity(magnitude))
        {
            return sign * ((magnitude == 0) == (y > 0) ? 0 : double.PositiveInfinity);
        }

        if (x < 0 && !odd && !IsInteger(y))
        {
            return double.NaN;
        }

        if (magnitude == 1)
        {
            return sign;
        }

        // |ln x| lies between 2^-53 and 745, so beyond these bounds of y the result is 1, or out of range.
        double exponentMagnitude = FloatFormat.Magnitude(y);
        if (exponentMagnitude < 5.4e-20)
        {
            return sign;
        }

        if (exponentMagnitude > 1.8e19)
        {
            return sign * ((magnitude > 1) == (y > 0) ? double.PositiveInfinity : 0);
        }

        DoubleDouble product = Logarithm.Natural(magnitude) * y;
        if (product.High > Exponential.Overflow)
        {
            return sign * double.PositiveInfinity;
        }

        if (product.High < Exponential.Underflow)
        {
            return sign * 0.0;
        }

        DoubleDouble mantissa = Exponential.Reduced(product, out int exponent);
        return sign * FloatFormat.Round(mantissa, exponent);
    }

    /// <summary>x to the power y.</summary>
    [RuntimeExport("powf")]
    public static float Pow(float x, float y) => (float)Pow((double)x, (double)y);

    private static bool IsInteger(double y) => Rounding.Floor(y) == y;

    private static bool IsOddInteger(double y) =>
        FloatFormat.Magnitude(y) < 9007199254740992.0 && IsInteger(y) && !IsInteger(0.5 * y);
}
