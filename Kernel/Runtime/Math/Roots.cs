using System;
using System.Runtime;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CosmosKernel.Runtime.FloatingPoint;

/// <summary>
/// Square and cube roots. Special cases are those of C99 Annex F.9.4.1 and F.9.4.5. Callable in any context.
/// </summary>
internal static class Roots
{
    /// <summary>The square root, correctly rounded; NaN for negative arguments, -0 for -0.</summary>
    [RuntimeExport("sqrt")]
    public static double Sqrt(double x) => DoubleDouble.HardwareSqrt(x);

    /// <summary>The square root, correctly rounded; NaN for negative arguments, -0 for -0.</summary>
    [RuntimeExport("sqrtf")]
    public static float Sqrt(float x) => Sse.SqrtScalar(Vector128.CreateScalarUnsafe(x)).ToScalar();

    /// <summary>The cube root, with the argument's sign.</summary>
    [RuntimeExport("cbrt")]
    public static double Cbrt(double x)
    {
        if (x == 0 || FloatFormat.ExponentField(x) == FloatFormat.ExponentFieldOfInfinity)
        {
            return x;
        }

        // |x| = m 2^(3q) with m in [1, 8).
        double magnitude = FloatFormat.Magnitude(x);
        int exponent = FloatFormat.Exponent(magnitude);
        int third = (exponent + 1074) / 3 - 358;
        double m = FloatFormat.Scale(FloatFormat.Scale(magnitude, -exponent), exponent - 3 * third);

        // A third of the bits read as an integer is a third of a piecewise linear logarithm: within 6 % of the root.
        // Halley's iteration cubes the relative error (times 2/3): 6 %, 2e-4, 5e-12.
        double root = BitConverter.UInt64BitsToDouble(BitConverter.DoubleToUInt64Bits(m) / 3 + 0x2AA0000000000000);
        for (int i = 0; i < 2; i++)
        {
            double cube = root * root * root;
            root *= (cube + 2 * m) / (2 * cube + m);
        }

        // One Newton step whose residual is computed in double-double leaves only the final rounding.
        DoubleDouble residual = DoubleDouble.Product(root, root) * root + -m;
        double result = root - residual.High / (3 * root * root);
        return FloatFormat.WithSignOf(FloatFormat.Scale(result, third), x);
    }

    /// <summary>The cube root, with the argument's sign.</summary>
    [RuntimeExport("cbrtf")]
    public static float Cbrt(float x) => (float)Cbrt((double)x);
}
