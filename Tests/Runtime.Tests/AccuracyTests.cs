using System;
using System.Collections.Generic;
using CosmosKernel.Runtime.FloatingPoint;
using Xunit;
using Xunit.Abstractions;

namespace CosmosKernel.Runtime.Tests;

/// <summary>
/// The worst measured error of each double-precision function, over random arguments of its whole domain and of the
/// ranges where implementations usually fail.
/// </summary>
public sealed class AccuracyTests(ITestOutputHelper output)
{
    private const int Count = 200_000;

    // The worst measured is 0.5003 (tanh); correct rounding would be 0.5.
    private const double Limit = 0.5005;

    private static readonly Dictionary<string, Function> _functions = new()
    {
        ["exp"] = new(Exponential.Exp, Math.Exp, Reference.Exp, Uniform(-746, 710), Uniform(-1, 1), Uniform(-746, -707)),
        ["log"] = new(Logarithm.Log, Math.Log, Reference.Log, AnyPositive, Uniform(0.5, 2), Near(1)),
        ["log2"] = new(Logarithm.Log2, Math.Log2, Reference.Log2, AnyPositive, Uniform(0.5, 2), Near(1)),
        ["log10"] = new(Logarithm.Log10, Math.Log10, Reference.Log10, AnyPositive, Uniform(0.5, 2), Near(1)),
        ["sin"] = new(Trigonometric.Sin, Math.Sin, Reference.Sin, Any, Uniform(-10, 10), Uniform(-2e6, 2e6), NearHalfPi),
        ["cos"] = new(Trigonometric.Cos, Math.Cos, Reference.Cos, Any, Uniform(-10, 10), Uniform(-2e6, 2e6), NearHalfPi),
        ["tan"] = new(Trigonometric.Tan, Math.Tan, Reference.Tan, Any, Uniform(-10, 10), Uniform(-2e6, 2e6), NearHalfPi),
        ["asin"] = new(InverseTrigonometric.Asin, Math.Asin, Reference.Asin, Uniform(-1, 1), Small, Near(1), Near(-1)),
        ["acos"] = new(InverseTrigonometric.Acos, Math.Acos, Reference.Acos, Uniform(-1, 1), Small, Near(1), Near(-1)),
        ["atan"] = new(InverseTrigonometric.Atan, Math.Atan, Reference.Atan, Any, Uniform(-4, 4), Small),
        ["sinh"] = new(Hyperbolic.Sinh, Math.Sinh, Reference.Sinh, Uniform(-711, 711), Uniform(-2, 2), Small),
        ["cosh"] = new(Hyperbolic.Cosh, Math.Cosh, Reference.Cosh, Uniform(-711, 711), Uniform(-2, 2), Small),
        ["tanh"] = new(Hyperbolic.Tanh, Math.Tanh, Reference.Tanh, Uniform(-23, 23), Uniform(-1, 1), Small),
        ["asinh"] = new(InverseHyperbolic.Asinh, Math.Asinh, Reference.Asinh, Any, Uniform(-4, 4), Small),
        ["acosh"] = new(InverseHyperbolic.Acosh, Math.Acosh, Reference.Acosh, AtLeastOne, Uniform(1, 4), Near(1)),
        ["atanh"] = new(InverseHyperbolic.Atanh, Math.Atanh, Reference.Atanh, Uniform(-1, 1), Small, Near(1), Near(-1)),
        ["cbrt"] = new(Roots.Cbrt, Math.Cbrt, Reference.Cbrt, Any, Uniform(-8, 8)),
        ["sqrt"] = new(Roots.Sqrt, Math.Sqrt, BigReal.Sqrt, AnyPositive, Uniform(0, 4)),
    };

    public static TheoryData<string> Names => new(_functions.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void ErrsByHardlyMoreThanTheFinalRounding(string name)
    {
        Function function = _functions[name];
        foreach (Func<Random, double> range in function.Ranges)
        {
            (double worst, double x, _) = UlpMeter.Worst(
                Count / function.Ranges.Length,
                256,
                random => (range(random), 0),
                (a, _) => function.Tested(a),
                (a, _) => function.Host(a),
                (a, _) => function.Exact(a));
            output.WriteLine($"{name}: {worst:F5} ulp at {x:R}");
            Assert.True(worst < Limit, $"{name}({x:R}) is off by {worst:F4} ulp");
        }
    }

    [Fact]
    public void PowErrsByHardlyMoreThanTheFinalRounding()
    {
        foreach (Func<Random, (double, double)> arguments in new Func<Random, (double, double)>[]
        {
            random => (AnyPositive(random), random.NextDouble() * 4 - 2),
            random => (0.5 + random.NextDouble(), random.NextDouble() * 2000 - 1000),
            random => (Near(1)(random), Any(random)),
            random => (random.Next(-50, 50) + 0.5, random.Next(-100, 100)),
            random => (Math.Exp(random.NextDouble() * 20 - 10), -745.5 / 10 * random.NextDouble() * 10),
        })
        {
            (double worst, double x, double y) = UlpMeter.Worst(
                Count / 5,
                256,
                arguments,
                Power.Pow,
                Math.Pow,
                (a, b) => a > 0 || b % 2 == 0 ? Reference.Pow(Math.Abs(a), b) : -Reference.Pow(-a, b));
            output.WriteLine($"pow: {worst:F5} ulp at {x:R}, {y:R}");
            Assert.True(worst < Limit, $"pow({x:R}, {y:R}) is off by {worst:F4} ulp");
        }
    }

    [Fact]
    public void Atan2ErrsByHardlyMoreThanTheFinalRounding()
    {
        foreach (Func<Random, (double, double)> arguments in new Func<Random, (double, double)>[]
        {
            random => (Any(random), Any(random)),
            random => (random.NextDouble() * 2 - 1, random.NextDouble() * 2 - 1),
            random => Scaled(random, random.Next(-1070, 1020), random.Next(-80, 80)),
        })
        {
            (double worst, double x, double y) = UlpMeter.Worst(
                Count / 3, 256, arguments, InverseTrigonometric.Atan2, Math.Atan2, (a, b) => Reference.Atan2(a, b));
            output.WriteLine($"atan2: {worst:F5} ulp at {x:R}, {y:R}");
            Assert.True(worst < Limit, $"atan2({x:R}, {y:R}) is off by {worst:F4} ulp");
        }

        static (double, double) Scaled(Random random, int exponent, int difference) =>
            (Math.ScaleB(0.5 + random.NextDouble(), exponent),
                Math.ScaleB(0.5 + random.NextDouble(), Math.Clamp(exponent + difference, -1074, 1022)));
    }

    [Fact]
    public void AnglesNearestToAMultipleOfHalfPiKeepTheirAccuracy()
    {
        // The double nearest to a multiple of pi/2 (Muller, Elementary Functions, section 11.1) and its neighbours.
        double worst = Math.ScaleB(6381956970095103.0, 797);
        Assert.True(Math.Abs(Trigonometric.Cos(worst)) < 5e-19);
        foreach (double x in new[] { worst, -worst, Math.BitIncrement(worst), Math.BitDecrement(worst), double.MaxValue, 1647099, 1647099.0000000002 })
        {
            Assert.True(UlpMeter.Error(Trigonometric.Sin(x), Reference.Sin(x)) < Limit);
            Assert.True(UlpMeter.Error(Trigonometric.Cos(x), Reference.Cos(x)) < Limit);
            Assert.True(UlpMeter.Error(Trigonometric.Tan(x), Reference.Tan(x)) < Limit);
        }
    }

    [Fact]
    public void PowersThatAreRepresentableAreExact()
    {
        for (int x = 2; x <= 200; x++)
        {
            double expected = 1;
            for (int y = 1; expected * x <= 9007199254740992.0; y++)
            {
                expected *= x;
                Assert.Equal(expected, Power.Pow((double)x, y));
                Assert.Equal((y & 1) != 0 ? -expected : expected, Power.Pow((double)-x, y));
            }
        }

        for (int e = -1074; e < 1024; e++)
        {
            Assert.Equal(Math.ScaleB(1.0, e), Power.Pow(2.0, e));
            Assert.Equal(e, Logarithm.Log2(Math.ScaleB(1.0, e)));
        }

        double ten = 1;
        for (int e = 0; e <= 22; e++, ten *= 10)
        {
            Assert.Equal(e, Logarithm.Log10(ten));
        }

        for (int n = -2000; n <= 2000; n++)
        {
            Assert.Equal(n, Roots.Cbrt((double)n * n * n));
        }
    }

    private static Func<Random, double> Uniform(double low, double high) => random => low + random.NextDouble() * (high - low);

    private static double Any(Random random)
    {
        while (true)
        {
            double value = BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue));
            if (double.IsFinite(value))
            {
                return value;
            }
        }
    }

    private static double AnyPositive(Random random) => Math.Abs(Any(random));

    private static double AtLeastOne(Random random) => BitConverter.Int64BitsToDouble(
        random.NextInt64(BitConverter.DoubleToInt64Bits(1.0), BitConverter.DoubleToInt64Bits(double.MaxValue)));

    private static double Small(Random random) =>
        Math.ScaleB(random.NextDouble() + 0.5, random.Next(-40, 0)) * (random.Next(2) == 0 ? 1 : -1);

    // Distances of 2^-52 to 2^-2, on both sides.
    private static Func<Random, double> Near(double centre) =>
        random => centre + Math.ScaleB(random.NextDouble() + 0.5, random.Next(-54, -2)) * (random.Next(2) == 0 ? 1 : -1);

    private static double NearHalfPi(Random random)
    {
        double angle = random.Next(1, 1 << random.Next(1, 31)) * (Math.PI / 2);
        return random.Next(2) == 0 ? angle : BitConverter.Int64BitsToDouble(
            BitConverter.DoubleToInt64Bits(angle) + random.Next(-3, 4));
    }

    private sealed record Function(
        Func<double, double> Tested,
        Func<double, double> Host,
        Func<BigReal, BigReal> Exact,
        params Func<Random, double>[] Ranges);
}
