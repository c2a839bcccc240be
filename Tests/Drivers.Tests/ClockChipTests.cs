using System;
using CosmosKernel.Drivers.Rtc;
using Xunit;

namespace CosmosKernel.Drivers.Tests;

/// <summary>The CMOS clock, in all its forms, well and broken.</summary>
public sealed class ClockChipTests
{
    private const byte Century = 0x32;

    [Theory]
    [InlineData(0x02, 2026, 11, 22, 0, 5, 59)]
    [InlineData(0x06, 2026, 11, 22, 23, 5, 59)]
    [InlineData(0x00, 1999, 12, 31, 0, 59, 59)]
    [InlineData(0x00, 2000, 2, 29, 12, 0, 0)]
    [InlineData(0x04, 2026, 1, 1, 11, 0, 1)]
    [InlineData(0x04, 2150, 6, 30, 13, 30, 0)]
    public void WhatIsWrittenIsRead(byte statusB, int year, int month, int day, int hour, int minute, int second)
    {
        var registers = new SimulatedClock { [0x0B] = statusB };
        var chip = new ClockChip(registers, Century);
        var time = new RtcTime(year, month, day, hour, minute, second);
        Assert.True(chip.TryWrite(time));
        Assert.True(chip.TryRead(out RtcTime read));
        Assert.Equal(time, read);
        Assert.Equal(statusB, registers[0x0B]);
        Assert.Equal(0x20, registers[0x0A] & 0xF0);
    }

    [Fact]
    public void ValuesAreAsTheChipKeepsThem()
    {
        var registers = new SimulatedClock { [0x0B] = 0 };
        Assert.True(new ClockChip(registers, Century).TryWrite(new RtcTime(2026, 11, 22, 12, 5, 59)));
        Assert.Equal((0x59, 0x05, 0x92, 0x22, 0x11, 0x26, 0x20), (registers[0], registers[2], registers[4], registers[7], registers[8], registers[9], registers[Century]));
        Assert.Equal(1, registers[6]);
    }

    [Fact]
    public void WithoutACenturyYearsFrom70AreOfTheLastOne()
    {
        var registers = new SimulatedClock { [0x0B] = 0x02 };
        var chip = new ClockChip(registers, 0);
        Assert.True(chip.TryWrite(new RtcTime(1975, 1, 1, 0, 0, 0)));
        Assert.True(chip.TryRead(out RtcTime read));
        Assert.Equal(1975, read.Year);
        Assert.True(chip.TryWrite(new RtcTime(2069, 1, 1, 0, 0, 0)));
        Assert.True(chip.TryRead(out read));
        Assert.Equal(2069, read.Year);
        Assert.False(chip.TryWrite(new RtcTime(2070, 1, 1, 0, 0, 0)));
    }

    [Fact]
    public void AReadingThatFallsIntoAnUpdateIsRepeated()
    {
        // 23:59:59 becomes 00:00:00 in the middle of the first reading, without any warning of the chip.
        var registers = new SimulatedClock { [0x0B] = 0x06 };
        var chip = new ClockChip(registers, Century);
        Assert.True(chip.TryWrite(new RtcTime(2026, 12, 31, 23, 59, 59)));
        registers.ChangeAfterReads(3, () =>
        {
            (registers[0], registers[2], registers[4], registers[7], registers[8], registers[9]) = (0, 0, 0, 1, 1, 27);
        });
        Assert.True(chip.TryRead(out RtcTime read));
        Assert.Equal(new RtcTime(2027, 1, 1, 0, 0, 0), read);
    }

    [Fact]
    public void AnUpdateIsWaitedFor()
    {
        var registers = new SimulatedClock { [0x0B] = 0x06, UpdateNanoseconds = 2_000_000 };
        var chip = new ClockChip(registers, Century);
        Assert.True(chip.TryWrite(new RtcTime(2026, 12, 31, 23, 59, 59)));
        Assert.True(chip.TryRead(out _));
        Assert.InRange(registers.Now, 2_000_000ul, 3_000_000ul);
    }

    [Fact]
    public void AnUpdateThatDoesNotEndIsAnError()
    {
        var registers = new SimulatedClock { [0x0B] = 0x06, UpdateNanoseconds = ulong.MaxValue };
        Assert.False(new ClockChip(registers, Century).TryRead(out _));
        Assert.InRange(registers.Now, 0ul, 20_000_000ul);
    }

    [Fact]
    public void AClockThatChangesAllTheTimeIsAnError()
    {
        var random = new Random(1);
        var registers = new SimulatedClock { [0x0B] = 0x06 };
        var chip = new ClockChip(registers, Century);
        Assert.True(chip.TryWrite(new RtcTime(2026, 12, 31, 23, 59, 59)));
        registers.ChangeAfterReads(0, () => registers[0] = (byte)((registers[0] + 1 + random.Next(5)) % 60), forEver: true);
        Assert.False(chip.TryRead(out _));
    }

    [Fact]
    public void ImpossibleTimesAreErrors()
    {
        var random = new Random(2);
        for (int i = 0; i < 20_000; i++)
        {
            var registers = new SimulatedClock();
            for (byte index = 0; index < 10; index++)
            {
                registers[index] = (byte)random.Next(256);
            }

            registers[0x0B] = (byte)(random.Next(4) << 1);
            registers[Century] = (byte)random.Next(256);
            if (new ClockChip(registers, Century).TryRead(out RtcTime time))
            {
                Assert.True(time.IsValid);
            }
        }
    }

    [Fact]
    public void AnAbsentClockIsNotDetected()
    {
        var registers = new SimulatedClock();
        for (int index = 0; index < 128; index++)
        {
            registers[(byte)index] = 0xFF;
        }

        Assert.False(new ClockChip(registers, Century).Detect());
    }

    [Theory]
    [InlineData(0x02)]
    [InlineData(0x04)]
    public void AnAlarmMayBeEveryHour(byte statusB)
    {
        var registers = new SimulatedClock { [0x0B] = statusB };
        var chip = new ClockChip(registers, Century);
        chip.WriteAlarm(13, 5, 9);
        Assert.Equal((13, 5, 9), chip.ReadAlarm());
        chip.WriteAlarm(-1, 5, -1);
        Assert.Equal((-1, 5, -1), chip.ReadAlarm());
        Assert.Equal(0xC0, registers[5]);
    }

    [Theory]
    [InlineData(2, 15)]
    [InlineData(64, 10)]
    [InlineData(1024, 6)]
    [InlineData(8192, 3)]
    public void RatesAreSelected(int hertz, int select)
    {
        var registers = new SimulatedClock { [0x0A] = 0x26 };
        new ClockChip(registers, Century).SetRate(hertz);
        Assert.Equal(0x20 | select, registers[0x0A]);
    }

    [Fact]
    public void TheCalendarIsThatOfDotNet()
    {
        var random = new Random(3);
        for (int i = 0; i < 20_000; i++)
        {
            long seconds = random.NextInt64(0, 7_258_118_400);
            DateTime expected = DateTime.UnixEpoch.AddSeconds(seconds);
            var time = RtcTime.FromSeconds(seconds);
            Assert.Equal((expected.Year, expected.Month, expected.Day, expected.Hour, expected.Minute, expected.Second), (time.Year, time.Month, time.Day, time.Hour, time.Minute, time.Second));
            Assert.Equal((seconds, (int)expected.DayOfWeek, expected.DayOfYear - 1), (time.Seconds, time.DayOfWeek, time.DayOfYear));
            Assert.True(time.IsValid);
        }
    }
}
