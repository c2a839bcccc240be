using System;
using CosmosKernel.Machine.Time;
using Xunit;

namespace CosmosKernel.Machine.Tests;

public sealed class CmosTimeTests
{
    private const byte Is24Hour = 2;
    private const byte IsBinary = 4;

    private static byte Bcd(int value)
    {
        return (byte)((value / 10 << 4) | (value % 10));
    }

    private static CmosTime Encode(DateTime time, byte statusB, bool withCentury)
    {
        Func<int, byte> encode = (statusB & IsBinary) != 0 ? static value => (byte)value : Bcd;
        byte hour = encode(time.Hour);
        if ((statusB & Is24Hour) == 0)
        {
            hour = (byte)(encode(time.Hour % 12 == 0 ? 12 : time.Hour % 12) | (time.Hour >= 12 ? 0x80 : 0));
        }

        return new CmosTime
        {
            Second = encode(time.Second),
            Minute = encode(time.Minute),
            Hour = hour,
            Day = encode(time.Day),
            Month = encode(time.Month),
            Year = encode(time.Year % 100),
            Century = withCentury ? encode(time.Year / 100) : (byte)0,
            StatusB = statusB,
        };
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Is24Hour)]
    [InlineData(IsBinary)]
    [InlineData(Is24Hour | IsBinary)]
    public void Each_format_gives_the_same_time_over_130_years(byte statusB)
    {
        // 13 hours and 7 seconds visit every hour, month end and leap day.
        for (DateTime time = DateTime.UnixEpoch; time.Year < 2101; time = time.AddHours(13).AddSeconds(7))
        {
            Assert.True(Encode(time, statusB, withCentury: true).TryToUnixSeconds(out long seconds));
            Assert.Equal((long)(time - DateTime.UnixEpoch).TotalSeconds, seconds);
        }
    }

    [Theory]
    [InlineData(1970)]
    [InlineData(1999)]
    [InlineData(2000)]
    [InlineData(2069)]
    public void Without_a_century_the_year_lies_between_1970_and_2069(int year)
    {
        DateTime time = new(year, 2, 28, 23, 59, 59);
        Assert.True(Encode(time, Is24Hour, withCentury: false).TryToUnixSeconds(out long seconds));
        Assert.Equal((long)(time - DateTime.UnixEpoch).TotalSeconds, seconds);
    }

    [Fact]
    public void Impossible_values_are_refused()
    {
        CmosTime good = Encode(new DateTime(2026, 6, 15, 12, 30, 30), Is24Hour, withCentury: true);
        Assert.True(good.TryToUnixSeconds(out _));
        Assert.False((good with { Second = 0x60 }).TryToUnixSeconds(out _));
        Assert.False((good with { Second = 0x0A }).TryToUnixSeconds(out _));
        Assert.False((good with { Minute = 0xFF }).TryToUnixSeconds(out _));
        Assert.False((good with { Hour = 0x24 }).TryToUnixSeconds(out _));
        Assert.False((good with { Day = 0 }).TryToUnixSeconds(out _));
        Assert.False((good with { Day = 0x31 }).TryToUnixSeconds(out _));
        Assert.False((good with { Month = 0x13 }).TryToUnixSeconds(out _));
        Assert.False((good with { Year = 0xA0 }).TryToUnixSeconds(out _));
        Assert.False((good with { Century = 0x18 }).TryToUnixSeconds(out _));
        Assert.False((good with { Century = 0x19, Year = 0x69 }).TryToUnixSeconds(out _));
        Assert.False((good with { Month = 0x02, Day = 0x29 }).TryToUnixSeconds(out _));
        Assert.False((good with { StatusB = 0, Hour = 0x00 }).TryToUnixSeconds(out _));
        Assert.False((good with { StatusB = 0, Hour = 0x93 }).TryToUnixSeconds(out _));
    }

    [Fact]
    public void All_ones_as_read_without_a_clock_are_refused()
    {
        CmosTime none = new()
        {
            Second = 0xFF,
            Minute = 0xFF,
            Hour = 0xFF,
            Day = 0xFF,
            Month = 0xFF,
            Year = 0xFF,
            Century = 0xFF,
            StatusB = 0xFF,
        };
        Assert.False(none.TryToUnixSeconds(out _));
    }

    [Fact]
    public void Readings_are_the_same_only_if_every_register_is()
    {
        CmosTime time = Encode(new DateTime(2026, 6, 15), Is24Hour, withCentury: true);
        Assert.True(time.Same(time));
        Assert.False(time.Same(time with { Second = 1 }));
        Assert.False(time.Same(time with { Century = 0x21 }));
    }
}
