using System;
using CosmosKernel.Runtime.FloatingPoint;
using Xunit;

namespace CosmosKernel.Runtime.Tests;

/// <summary>The compiler's helpers for casts, against the host's casts.</summary>
public sealed class ConversionTests
{
    private static readonly double[] _limits =
    [
        0, 0.9999999999999999, int.MaxValue, int.MaxValue + 0.5, 2147483648.0, 2147483648.5, 2147483649.0, uint.MaxValue, 4294967295.5, 4294967296.0,
        9223372036854774784.0, 9223372036854775808.0, 9223372036854777856.0, 18446744073709549568.0, 18446744073709551616.0, 1e300, double.PositiveInfinity, double.NaN,
    ];

    [Fact]
    public void ConversionsTruncateAndSaturate()
    {
        foreach (double limit in _limits)
        {
            AssertConverted(limit);
            AssertConverted(-limit);
        }

        var random = new Random(8);
        for (int i = 0; i < 100_000; i++)
        {
            AssertConverted(Math.ScaleB(random.NextDouble() - 0.5, random.Next(0, 68)));
        }
    }

    private static void AssertConverted(double x)
    {
        Assert.Equal((int)x, Conversions.ToInt32(x));
        Assert.Equal((uint)x, Conversions.ToUInt32(x));
        Assert.Equal((long)x, Conversions.ToInt64(x));
        Assert.Equal((ulong)x, Conversions.ToUInt64(x));
    }
}
