using System;

namespace CosmosKernel.Runtime.Tests;

/// <summary>
/// Finds the worst error of a function in units in the last place of the exact result.
/// </summary>
internal static class UlpMeter
{
    /// <summary>The distance of a computed value from the exact one, in units in the exact one's last place.</summary>
    public static double Error(double computed, BigReal exact)
    {
        int place = exact.IsZero ? -1074 : Math.Max(exact.Magnitude - 52, -1074);
        if (!double.IsFinite(computed))
        {
            // Overflow is right from half a unit above the largest number on.
            bool overflows = double.IsInfinity(computed) && Math.Sign(computed) == exact.Sign
                && BigReal.Abs(exact).ToNearestDouble() == double.PositiveInfinity;
            return overflows ? 0 : double.PositiveInfinity;
        }

        return BigReal.Scale(BigReal.Abs((BigReal)computed - exact), -place).ToDouble();
    }

    /// <summary>
    /// The worst error over many arguments. The exact value is computed where the host's function gives another
    /// result, and for one argument in <paramref name="sampling"/> anyway: where two independent implementations
    /// agree to the last bit, a gross error of both is not expected, and the sample measures the rest.
    /// </summary>
    public static (double Worst, double X, double Y) Worst(
        int count,
        int sampling,
        Func<Random, (double X, double Y)> arguments,
        Func<double, double, double> tested,
        Func<double, double, double> host,
        Func<double, double, BigReal> reference)
    {
        var random = new Random(20231);
        double worst = 0;
        double worstX = 0;
        double worstY = 0;
        for (int i = 0; i < count; i++)
        {
            (double x, double y) = arguments(random);
            double computed = tested(x, y);
            double expected = host(x, y);
            if (BitConverter.DoubleToInt64Bits(computed) == BitConverter.DoubleToInt64Bits(expected) && i % sampling != 0)
            {
                continue;
            }

            if (double.IsNaN(expected) && double.IsNaN(computed))
            {
                continue;
            }

            if (double.IsInfinity(expected) && computed == expected)
            {
                continue;
            }

            double error = Error(computed, reference(x, y));
            if (!(error <= worst))
            {
                (worst, worstX, worstY) = (error, x, y);
            }
        }

        return (worst, worstX, worstY);
    }
}
