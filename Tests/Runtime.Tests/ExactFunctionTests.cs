using System;
using System.Numerics;
using CosmosKernel.Runtime.FloatingPoint;
using Xunit;

namespace CosmosKernel.Runtime.Tests;

/// <summary>The functions whose result is the exact one, or its correct rounding: every bit is compared.</summary>
public sealed unsafe class ExactFunctionTests
{
    private const int Count = 100_000;

    private static readonly double[] _corners =
    [
        0.0, -0.0, double.Epsilon, -double.Epsilon, 2.2250738585072009E-308, 2.2250738585072014E-308,
        0.49999999999999994, 0.5, 0.5000000000000001, 0.9999999999999999, 1, 1.0000000000000002, 1.5, 2, 2.5, 3, -0.5, -1, -1.5, -2.5,
        4503599627370495.5, 4503599627370496, 4503599627370497, 9007199254740991, 9007199254740992, -4503599627370495.5,
        1e300, double.MaxValue, double.MinValue, double.PositiveInfinity, double.NegativeInfinity, double.NaN,
    ];

    [Fact]
    public void FmaRoundsOnce()
    {
        var random = new Random(1);
        foreach (double x in _corners)
        {
            foreach (double y in _corners)
            {
                foreach (double z in _corners)
                {
                    AssertFma(x, y, z);
                }
            }
        }

        for (int i = 0; i < Count; i++)
        {
            double x = Any(random);
            double y = Any(random);
            AssertFma(x, y, Any(random));

            // Cancellation, ties and double rounding: an addend near minus the product, or half a place away.
            double a = Scaled(random, 20);
            double b = Scaled(random, 20);
            AssertFma(a, b, -(a * b));
            AssertFma(a, b, Math.BitIncrement(-(a * b)));
            AssertFma(a, b, Math.ScaleB(a * b, random.Next(-120, 120)));
            AssertFma(random.Next(-64, 64), Math.ScaleB(1, random.Next(-60, 60)), Scaled(random, 60));

            // Around the smallest numbers.
            AssertFma(Math.ScaleB(a, -537), Math.ScaleB(b, -random.Next(480, 570)), Math.ScaleB(random.Next(-9, 9), -1074));
            AssertFma(Math.ScaleB(a, -500), Math.ScaleB(b, -522), double.Epsilon * random.Next(-3, 4));
        }
    }

    [Fact]
    public void FmaOfSinglesRoundsOnce()
    {
        var random = new Random(2);
        for (int i = 0; i < 2 * Count; i++)
        {
            float x = AnySingle(random);
            float y = i % 2 == 0 ? AnySingle(random) : (float)Scaled(random, 10);
            float z = (i % 3) switch
            {
                0 => AnySingle(random),
                1 => MathF.ScaleB((float)Scaled(random, 1), random.Next(-140, 120)),
                _ => MathF.ScaleB(-x * y, random.Next(-30, 30)),
            };
            Assert.Equal(BitConverter.SingleToInt32Bits(MathF.FusedMultiplyAdd(x, y, z)), BitConverter.SingleToInt32Bits(FusedMultiplyAdd.Fma(x, y, z)));
        }
    }

    [Fact]
    public void RemaindersAreExact()
    {
        var random = new Random(3);
        foreach (double x in _corners)
        {
            foreach (double y in _corners)
            {
                AssertRemainder(x, y);
            }
        }

        for (int i = 0; i < Count; i++)
        {
            AssertRemainder(Any(random), Any(random));
            double divisor = Scaled(random, 40);
            AssertRemainder(divisor * random.Next(), divisor);
            AssertRemainder(Math.ScaleB(Scaled(random, 3), -1060), Math.ScaleB(Scaled(random, 3), -1064));
            float a = AnySingle(random);
            float b = AnySingle(random);
            Assert.Equal(BitConverter.SingleToInt32Bits(a % b), BitConverter.SingleToInt32Bits(Rounding.Remainder(a, b)));
        }
    }

    [Fact]
    public void RoundingToIntegersAndPartsAreExact()
    {
        var random = new Random(4);
        for (int i = 0; i < Count; i++)
        {
            double x = i < _corners.Length ? _corners[i] : i % 2 == 0 ? Any(random) : Scaled(random, 60);
            AssertSame(Math.Floor(x), Rounding.Floor(x));
            AssertSame(Math.Ceiling(x), Rounding.Ceiling(x));
            AssertSame(MathF.Floor((float)x), Rounding.Floor((float)x));
            AssertSame(MathF.Ceiling((float)x), Rounding.Ceiling((float)x));

            double whole;
            double fraction = Rounding.Modf(x, &whole);
            AssertSame(Math.Truncate(x), whole);
            AssertSame(double.IsInfinity(x) ? Math.CopySign(0, x) : Math.CopySign(x - Math.Truncate(x), x), fraction);

            float single = (float)x;
            float wholeSingle;
            float fractionSingle = Rounding.Modf(single, &wholeSingle);
            AssertSame(MathF.Truncate(single), wholeSingle);
            AssertSame(float.IsInfinity(single) ? MathF.CopySign(0, single) : MathF.CopySign(single - MathF.Truncate(single), single), fractionSingle);
        }
    }

    [Fact]
    public void SquareRootsAreCorrectlyRounded()
    {
        var random = new Random(5);
        for (int i = 0; i < Count / 10; i++)
        {
            double x = Math.Abs(Any(random));
            Assert.Equal(BigReal.Sqrt(x).ToNearestDouble(), Roots.Sqrt(x));
            float single = Math.Abs(AnySingle(random));
            Assert.Equal((float)BigReal.Sqrt(single).ToNearestDouble(), Roots.Sqrt(single));
        }
    }

    private static void AssertFma(double x, double y, double z)
    {
        double computed = FusedMultiplyAdd.Fma(x, y, z);
        if (!double.IsFinite(x) || !double.IsFinite(y) || !double.IsFinite(z))
        {
            AssertSame(double.IsFinite(x) && double.IsFinite(y) ? z : x * y + z, computed);
            return;
        }

        // The exact value, without the cut to 320 bits.
        BigReal p = BigReal.Exact(((BigReal)x).Mantissa * ((BigReal)y).Mantissa, ((BigReal)x).Exponent + ((BigReal)y).Exponent);
        BigReal q = z;
        int exponent = Math.Min(p.Exponent, q.Exponent);
        BigInteger sum = (p.Mantissa << (p.Exponent - exponent)) + (q.Mantissa << (q.Exponent - exponent));
        double expected;
        if (sum.IsZero)
        {
            // Zeros of one sign keep it; an exact cancellation is +0.
            bool negativeProduct = double.IsNegative(x) != double.IsNegative(y);
            expected = p.IsZero && q.IsZero && negativeProduct && double.IsNegative(z) ? -0.0 : 0.0;
        }
        else
        {
            expected = Math.CopySign(BigReal.Exact(sum, exponent).ToNearestDouble(), sum.Sign);
        }

        Assert.True(
            BitConverter.DoubleToInt64Bits(expected) == BitConverter.DoubleToInt64Bits(computed),
            $"fma({x:R}, {y:R}, {z:R}) gave {computed:R} instead of {expected:R}");
    }

    private static void AssertRemainder(double x, double y)
    {
        double computed = Rounding.Remainder(x, y);
        if (!double.IsFinite(x) || double.IsNaN(y) || y == 0)
        {
            Assert.True(double.IsNaN(computed));
            return;
        }

        double expected = x;
        if (double.IsFinite(y))
        {
            BigReal a = x;
            BigReal b = y;
            int exponent = Math.Min(a.Exponent, b.Exponent);
            BigInteger rest = BigInteger.Remainder(a.Mantissa << (a.Exponent - exponent), b.Mantissa << (b.Exponent - exponent));
            expected = Math.CopySign(BigReal.Exact(rest, exponent).ToNearestDouble(), x);
        }

        Assert.True(
            BitConverter.DoubleToInt64Bits(expected) == BitConverter.DoubleToInt64Bits(computed),
            $"fmod({x:R}, {y:R}) gave {computed:R} instead of {expected:R}");
    }

    // Equal bits, or both NaN.
    private static void AssertSame(double expected, double computed) =>
        Assert.True(
            (double.IsNaN(expected) && double.IsNaN(computed))
                || BitConverter.DoubleToInt64Bits(expected) == BitConverter.DoubleToInt64Bits(computed),
            $"{computed:R} instead of {expected:R}");

    private static double Scaled(Random random, int exponents) =>
        Math.ScaleB(0.5 + random.NextDouble(), random.Next(-exponents, exponents)) * (random.Next(2) == 0 ? 1 : -1);

    private static double Any(Random random)
    {
        double value = BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue));
        return double.IsFinite(value) ? value : 1;
    }

    private static float AnySingle(Random random)
    {
        float value = BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue));
        return float.IsFinite(value) ? value : 1;
    }
}
