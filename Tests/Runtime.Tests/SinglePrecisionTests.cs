using System;
using System.Collections.Generic;
using CosmosKernel.Runtime.FloatingPoint;
using Xunit;

namespace CosmosKernel.Runtime.Tests;

/// <summary>
/// The single-precision functions: each result is the double-precision one of the host rounded to single, except where
/// that lies within a millionth of a place of the middle between two singles.
/// </summary>
public sealed class SinglePrecisionTests
{
    private static readonly Dictionary<string, (Func<float, float> Tested, Func<double, double> Host)> _functions = new()
    {
        ["acosf"] = (InverseTrigonometric.Acos, Math.Acos),
        ["acoshf"] = (InverseHyperbolic.Acosh, Math.Acosh),
        ["asinf"] = (InverseTrigonometric.Asin, Math.Asin),
        ["asinhf"] = (InverseHyperbolic.Asinh, Math.Asinh),
        ["atanf"] = (InverseTrigonometric.Atan, Math.Atan),
        ["atanhf"] = (InverseHyperbolic.Atanh, Math.Atanh),
        ["cbrtf"] = (Roots.Cbrt, Math.Cbrt),
        ["cosf"] = (Trigonometric.Cos, Math.Cos),
        ["coshf"] = (Hyperbolic.Cosh, Math.Cosh),
        ["expf"] = (Exponential.Exp, Math.Exp),
        ["logf"] = (Logarithm.Log, Math.Log),
        ["log2f"] = (Logarithm.Log2, Math.Log2),
        ["log10f"] = (Logarithm.Log10, Math.Log10),
        ["sinf"] = (Trigonometric.Sin, Math.Sin),
        ["sinhf"] = (Hyperbolic.Sinh, Math.Sinh),
        ["sqrtf"] = (Roots.Sqrt, Math.Sqrt),
        ["tanf"] = (Trigonometric.Tan, Math.Tan),
        ["tanhf"] = (Hyperbolic.Tanh, Math.Tanh),
    };

    public static TheoryData<string> Names => new(_functions.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void RoundsTheDoubleResult(string name)
    {
        (Func<float, float> tested, Func<double, double> host) = _functions[name];
        var random = new Random(6);
        for (int i = 0; i < 100_000; i++)
        {
            float x = i % 2 == 0
                ? BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue))
                : MathF.ScaleB(random.NextSingle() * 2 - 1, random.Next(-12, 8));
            AssertRounded(tested(x), host(x), $"{name}({x:R})");
        }
    }

    [Fact]
    public void PowfAndAtan2fRoundTheDoubleResult()
    {
        var random = new Random(7);
        for (int i = 0; i < 100_000; i++)
        {
            float x = BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue));
            float y = BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue));
            AssertRounded(InverseTrigonometric.Atan2(x, y), Math.Atan2(x, y), $"atan2f({x:R}, {y:R})");
            AssertRounded(Power.Pow(x, y), Math.Pow(x, y), $"powf({x:R}, {y:R})");
            float a = random.NextSingle() * 10;
            float b = random.NextSingle() * 40 - 20;
            AssertRounded(Power.Pow(a, b), Math.Pow(a, b), $"powf({a:R}, {b:R})");
        }
    }

    private static void AssertRounded(float computed, double exact, string call)
    {
        float rounded = (float)exact;
        if (BitConverter.SingleToInt32Bits(rounded) == BitConverter.SingleToInt32Bits(computed)
            || (float.IsNaN(rounded) && float.IsNaN(computed)))
        {
            return;
        }

        double place = Math.ScaleB(1, Math.Max(Math.ILogB(exact) - 23, -149));
        Assert.True(Math.Abs(computed - exact) <= 0.500001 * place, $"{call} gave {computed:R} instead of {rounded:R}");
    }
}
