using System;
using System.Numerics;
using CosmosKernel.Runtime.FloatingPoint;
using Xunit;

namespace CosmosKernel.Runtime.Tests;

/// <summary>The constant tables, computed again entry by entry.</summary>
public sealed class TableTests
{
    [Fact]
    public void TheExponentialTableHoldsTheRootsOfTwo()
    {
        Assert.Equal(256, ExponentialTable.Pairs.Length);
        for (int j = 0; j < 128; j++)
        {
            AssertPair(ExponentialTable.Pairs, 2 * j, Reference.Exp(Reference.LnTwo * j / 128));
        }
    }

    [Fact]
    public void TheLogarithmTableHoldsShortReciprocalsAndTheirLogarithms()
    {
        ReadOnlySpan<double> table = LogarithmTable.Triples;
        int count = table.Length / 3;
        Assert.Equal(3 * 93, table.Length);
        for (int i = 0; i < count; i++)
        {
            double c = table[3 * i];
            Assert.Equal(Math.Floor(c * 512), c * 512);
            double centre = (LogarithmTable.First + i) / 128.0;
            double low = Math.Max(centre - 1.0 / 256, Math.Sqrt(0.5));
            double high = Math.Min(centre + 1.0 / 256, Math.Sqrt(2));
            Assert.True(Math.Abs(c * low - 1) < 1.0 / 128 || low > high);
            Assert.True(Math.Abs(c * high - 1) < 1.0 / 128 || low > high);
            AssertPair(table, 3 * i + 1, -Reference.Log(c));
        }
    }

    [Fact]
    public void TheSineTableHoldsSinesAndCosines()
    {
        Assert.Equal(4 * 52, SineTable.Quadruples.Length);
        for (int j = 0; j < 52; j++)
        {
            AssertPair(SineTable.Quadruples, 4 * j, Reference.Sin(j / 64.0));
            AssertPair(SineTable.Quadruples, 4 * j + 2, Reference.Cos(j / 64.0));
        }
    }

    [Fact]
    public void TheArcTangentTableHoldsArcTangents()
    {
        Assert.Equal(2 * 65, ArcTangentTable.Pairs.Length);
        for (int j = 0; j <= 64; j++)
        {
            AssertPair(ArcTangentTable.Pairs, 2 * j, Reference.Atan(j / 64.0));
        }
    }

    [Fact]
    public void TwoOverPiTimesPiIsTwo()
    {
        Assert.Equal(20, TwoOverPi.Words.Length);
        BigInteger bits = 0;
        foreach (ulong word in TwoOverPi.Words)
        {
            bits = (bits << 64) | word;
        }

        // The truncated expansion is below 2/pi by less than one unit of its last place.
        BigInteger one = BigInteger.One << (19 * 64);
        Assert.True(bits * Reference.PiFixed < (one * 2) << Reference.PiBits);
        Assert.True((bits + 1) * Reference.PiFixed > (one * 2) << Reference.PiBits);
    }

    private static void AssertPair(ReadOnlySpan<double> table, int index, BigReal exact)
    {
        double high = exact.ToNearestDouble();
        Assert.Equal(high, table[index]);
        Assert.Equal((exact - high).ToNearestDouble(), table[index + 1]);
    }
}
