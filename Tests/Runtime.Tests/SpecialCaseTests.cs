using System;
using System.Collections.Generic;
using CosmosKernel.Runtime.FloatingPoint;
using Xunit;

namespace CosmosKernel.Runtime.Tests;

/// <summary>C99 Annex F.9, line by line: zeros with their signs, infinities, NaN and domain errors.</summary>
public sealed class SpecialCaseTests
{
    private const double Inf = double.PositiveInfinity;
    private const double NaN = double.NaN;
    private const double Pi = Math.PI;

    private static readonly Dictionary<string, Func<double, double>> _functions = new()
    {
        ["acos"] = InverseTrigonometric.Acos,
        ["acosh"] = InverseHyperbolic.Acosh,
        ["asin"] = InverseTrigonometric.Asin,
        ["asinh"] = InverseHyperbolic.Asinh,
        ["atan"] = InverseTrigonometric.Atan,
        ["atanh"] = InverseHyperbolic.Atanh,
        ["cbrt"] = Roots.Cbrt,
        ["cos"] = Trigonometric.Cos,
        ["cosh"] = Hyperbolic.Cosh,
        ["exp"] = Exponential.Exp,
        ["log"] = Logarithm.Log,
        ["log2"] = Logarithm.Log2,
        ["log10"] = Logarithm.Log10,
        ["sin"] = Trigonometric.Sin,
        ["sinh"] = Hyperbolic.Sinh,
        ["sqrt"] = Roots.Sqrt,
        ["tan"] = Trigonometric.Tan,
        ["tanh"] = Hyperbolic.Tanh,
    };

    private static readonly (string Name, double X, double Expected)[] _oneArgument =
    [
        ("acos", 1, 0.0), ("acos", -1, Pi), ("acos", 0.0, Pi / 2), ("acos", 1.0000000000000002, NaN), ("acos", -Inf, NaN),
        ("acosh", 1, 0.0), ("acosh", 0.9999999999999999, NaN), ("acosh", Inf, Inf), ("acosh", -Inf, NaN),
        ("asin", 0.0, 0.0), ("asin", -0.0, -0.0), ("asin", 1, Pi / 2), ("asin", -1, -Pi / 2), ("asin", -1.0000000000000002, NaN), ("asin", Inf, NaN),
        ("asinh", 0.0, 0.0), ("asinh", -0.0, -0.0), ("asinh", Inf, Inf), ("asinh", -Inf, -Inf),
        ("atan", 0.0, 0.0), ("atan", -0.0, -0.0), ("atan", Inf, Pi / 2), ("atan", -Inf, -Pi / 2),
        ("atanh", 0.0, 0.0), ("atanh", -0.0, -0.0), ("atanh", 1, Inf), ("atanh", -1, -Inf), ("atanh", 1.5, NaN), ("atanh", -Inf, NaN),
        ("cbrt", 0.0, 0.0), ("cbrt", -0.0, -0.0), ("cbrt", Inf, Inf), ("cbrt", -Inf, -Inf), ("cbrt", -27, -3),
        ("cos", 0.0, 1), ("cos", -0.0, 1), ("cos", Inf, NaN), ("cos", -Inf, NaN),
        ("cosh", 0.0, 1), ("cosh", -0.0, 1), ("cosh", Inf, Inf), ("cosh", -Inf, Inf), ("cosh", 711, Inf),
        ("exp", 0.0, 1), ("exp", -0.0, 1), ("exp", Inf, Inf), ("exp", -Inf, 0.0), ("exp", 709.7827128933841, Inf), ("exp", -745.1332191019412, 0.0), ("exp", -745.1332191019411, double.Epsilon),
        ("log", 0.0, -Inf), ("log", -0.0, -Inf), ("log", 1, 0.0), ("log", -1, NaN), ("log", Inf, Inf), ("log", -Inf, NaN),
        ("log2", 0.0, -Inf), ("log2", -0.0, -Inf), ("log2", 1, 0.0), ("log2", -1, NaN), ("log2", Inf, Inf), ("log2", double.Epsilon, -1074),
        ("log10", 0.0, -Inf), ("log10", -0.0, -Inf), ("log10", 1, 0.0), ("log10", -1, NaN), ("log10", Inf, Inf),
        ("sin", 0.0, 0.0), ("sin", -0.0, -0.0), ("sin", Inf, NaN), ("sin", -Inf, NaN), ("sin", double.Epsilon, double.Epsilon),
        ("sinh", 0.0, 0.0), ("sinh", -0.0, -0.0), ("sinh", Inf, Inf), ("sinh", -Inf, -Inf), ("sinh", -711, -Inf),
        ("sqrt", 0.0, 0.0), ("sqrt", -0.0, -0.0), ("sqrt", -1, NaN), ("sqrt", Inf, Inf), ("sqrt", -Inf, NaN),
        ("tan", 0.0, 0.0), ("tan", -0.0, -0.0), ("tan", Inf, NaN), ("tan", -Inf, NaN),
        ("tanh", 0.0, 0.0), ("tanh", -0.0, -0.0), ("tanh", Inf, 1), ("tanh", -Inf, -1), ("tanh", 23, 1),
    ];

    private static readonly (double X, double Y, double Expected)[] _pow =
    [
        (NaN, 0.0, 1), (NaN, -0.0, 1), (1, NaN, 1), (1, Inf, 1), (NaN, 1, NaN), (2, NaN, NaN),
        (0.0, -3, Inf), (-0.0, -3, -Inf), (0.0, -2, Inf), (-0.0, -2, Inf), (-0.0, -2.5, Inf), (0.0, -Inf, Inf),
        (0.0, 3, 0.0), (-0.0, 3, -0.0), (-0.0, 2, 0.0), (-0.0, 2.5, 0.0), (-0.0, Inf, 0.0),
        (-1, Inf, 1), (-1, -Inf, 1), (-8, 1.0 / 3, NaN), (-1, 0.5, NaN), (-1, 1e300, 1), (-1, 9007199254740991, -1),
        (0.5, -Inf, Inf), (-0.5, -Inf, Inf), (2, -Inf, 0.0), (0.5, Inf, 0.0), (-2, Inf, Inf),
        (-Inf, -3, -0.0), (-Inf, -2, 0.0), (-Inf, 3, -Inf), (-Inf, 2, Inf), (-Inf, 2.5, Inf), (Inf, -1, 0.0), (Inf, 0.5, Inf),
        (2, 1024, Inf), (-2, 1025, -Inf), (2, -1075, 0.0), (-2, -1075, -0.0), (2, -1074, double.Epsilon), (-2, -1077, -0.0), (0.5, 1e300, 0.0), (0.5, -1e300, Inf),
        (2, 1e-300, 1), (-2, 1e-300, NaN), (double.Epsilon, 1e-30, 1),
    ];

    private static readonly (double Y, double X, double Expected)[] _atan2 =
    [
        (0.0, 0.0, 0.0), (-0.0, 0.0, -0.0), (0.0, -0.0, Pi), (-0.0, -0.0, -Pi),
        (0.0, 1, 0.0), (-0.0, 1, -0.0), (0.0, -1, Pi), (-0.0, -1, -Pi),
        (1, 0.0, Pi / 2), (1, -0.0, Pi / 2), (-1, 0.0, -Pi / 2), (-1, -0.0, -Pi / 2),
        (1, -Inf, Pi), (-1, -Inf, -Pi), (1, Inf, 0.0), (-1, Inf, -0.0), (Inf, 1, Pi / 2), (-Inf, -1, -Pi / 2),
        (Inf, Inf, Pi / 4), (-Inf, Inf, -Pi / 4), (Inf, -Inf, 3 * Pi / 4), (-Inf, -Inf, -3 * Pi / 4),
        (NaN, 1, NaN), (1, NaN, NaN), (NaN, Inf, NaN),
        (double.Epsilon, double.MaxValue, 0.0), (-double.Epsilon, double.MaxValue, -0.0), (double.MaxValue, double.Epsilon, Pi / 2), (double.Epsilon, double.Epsilon, Pi / 4),
    ];

    public static TheoryData<string> Names => new(_functions.Keys);

    [Fact]
    public void OneArgument()
    {
        foreach ((string name, double x, double expected) in _oneArgument)
        {
            AssertSame(expected, _functions[name](x), $"{name}({x:R})");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void NaNGivesNaN(string name) => Assert.True(double.IsNaN(_functions[name](NaN)));

    [Fact]
    public void Pow()
    {
        foreach ((double x, double y, double expected) in _pow)
        {
            AssertSame(expected, Power.Pow(x, y), $"pow({x:R}, {y:R})");
        }
    }

    [Fact]
    public void Atan2()
    {
        foreach ((double y, double x, double expected) in _atan2)
        {
            AssertSame(expected, InverseTrigonometric.Atan2(y, x), $"atan2({y:R}, {x:R})");
        }
    }

    private static void AssertSame(double expected, double computed, string call) =>
        Assert.True(
            (double.IsNaN(expected) && double.IsNaN(computed))
                || BitConverter.DoubleToInt64Bits(expected) == BitConverter.DoubleToInt64Bits(computed),
            $"{call} gave {computed:R} instead of {expected:R}");
}
