using System;
using System.Numerics;
using CosmosKernel.Machine.Time;
using Xunit;

namespace CosmosKernel.Machine.Tests;

public sealed class TickScaleTests
{
    private const ulong Nanoseconds = 1_000_000_000;

    public static TheoryData<ulong, ulong> Rates => new()
    {
        { 1_000_000_000, Nanoseconds },
        { 2_999_999_999, Nanoseconds },
        { 4_000_000, Nanoseconds },
        { 3_579_545, Nanoseconds },
        { 14_318_180, Nanoseconds },
        { 100_000_000, Nanoseconds },
        { 5_700_000_001, Nanoseconds },
        { Nanoseconds, 2_893_204_123 },
        { Nanoseconds, 1_193_182 },
        { Nanoseconds, 24_000_000 },
        { Nanoseconds, 1 },
        { 1, Nanoseconds },
        { ulong.MaxValue / 2, Nanoseconds },
    };

    [Theory]
    [MemberData(nameof(Rates))]
    public void Results_are_those_of_exact_arithmetic_with_the_rounded_factor(ulong from, ulong to)
    {
        TickScale scale = TickScale.Between(from, to);
        BigInteger factor = ((((BigInteger)to << 33) / from) + 1) >> 1;
        Random random = new(7);
        for (int i = 0; i < 10_000; i++)
        {
            ulong ticks = (ulong)random.NextInt64() >> random.Next(63);
            BigInteger exact = (ticks * factor) >> 32;
            if (exact <= ulong.MaxValue)
            {
                Assert.Equal((ulong)exact, scale.Convert(ticks));
            }
        }
    }

    [Theory]
    [InlineData(1_000_000_000)]
    [InlineData(2_999_999_999)]
    [InlineData(4_000_000)]
    [InlineData(3_579_545)]
    [InlineData(100_000_000)]
    public void A_year_of_ticks_is_off_by_no_more_than_the_factors_rounding(ulong rate)
    {
        const ulong year = 365 * 86_400ul;
        ulong ticks = rate * year;
        BigInteger error = BigInteger.Abs(TickScale.Between(rate, Nanoseconds).Convert(ticks) - ((BigInteger)Nanoseconds * year));
        Assert.True(error <= ((BigInteger)ticks >> 33) + 1, $"off by {error}");
    }

    [Fact]
    public void Results_never_go_back()
    {
        TickScale scale = TickScale.Between(2_893_204_123, Nanoseconds);
        ulong last = 0;
        for (ulong ticks = uint.MaxValue - 5_000; ticks < (ulong)uint.MaxValue + 5_000; ticks++)
        {
            ulong now = scale.Convert(ticks);
            Assert.True(now >= last);
            last = now;
        }
    }
}
