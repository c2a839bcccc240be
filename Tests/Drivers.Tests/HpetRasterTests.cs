using CosmosKernel.Drivers.Hpet;
using Xunit;

namespace CosmosKernel.Drivers.Tests;

/// <summary>A timer's next point in time, on a counter that goes on while it is read and written.</summary>
public sealed class HpetRasterTests
{
    [Fact]
    public void TheNextPointIsOnePeriodOn()
    {
        var device = new Device { Counter = 1005 };
        Assert.Equal(1100u, Arm(device, 1000, 100, out _));
        Assert.True(device.WillFire);
    }

    [Fact]
    public void PointsThatHavePassedAreLeftOut()
    {
        var device = new Device { Counter = 1350 };
        Assert.Equal(1400u, Arm(device, 1000, 100, out _));
        Assert.True(device.WillFire);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(99)]
    public void APeriodShorterThanAnAccessIsStillMet(uint period)
    {
        var device = new Device { Counter = 5000, TicksPerAccess = 100 };
        uint target = Arm(device, 5000, period, out uint margin);
        Assert.True(device.WillFire, $"the counter is at {device.Counter}, the comparator at {device.Comparator}");
        Assert.Equal(0u, (target - 5000) % period);
        Assert.InRange(margin, 100u, 1000u);
    }

    [Fact]
    public void TheMarginThatWasFoundIsEnoughTheNextTime()
    {
        var device = new Device { Counter = 5000, TicksPerAccess = 100 };
        uint target = 5000;
        uint margin = 0;
        HpetRaster.Arm(new Access(device), ref target, 1, ref margin);
        device.Counter = target;
        device.Writes = 0;
        HpetRaster.Arm(new Access(device), ref target, 1, ref margin);
        Assert.Equal(1, device.Writes);
        Assert.True(device.WillFire);
    }

    [Theory]
    [InlineData(1u)]
    [InlineData(250u)]
    public void TheCounterBeginsAgainAtZero(uint period)
    {
        var device = new Device { Counter = uint.MaxValue - 20, TicksPerAccess = 100 };
        Arm(device, uint.MaxValue - 30, period, out _);
        Assert.True(device.WillFire);
    }

    private static uint Arm(Device device, uint target, uint period, out uint margin)
    {
        margin = 0;
        HpetRaster.Arm(new Access(device), ref target, period, ref margin);
        return target;
    }

    private sealed class Device
    {
        public uint Counter { get; set; }

        public uint TicksPerAccess { get; init; }

        public uint Comparator { get; set; }

        public int Writes { get; set; }

        /// <summary>When it was written, the counter had not passed the comparator: it comes there.</summary>
        public bool WillFire { get; set; }
    }

    private readonly struct Access(Device device) : IHpetComparator
    {
        public uint Now
        {
            get
            {
                uint now = device.Counter;
                device.Counter += device.TicksPerAccess;
                return now;
            }
        }

        public void Set(uint value)
        {
            device.Counter += device.TicksPerAccess;
            device.Comparator = value;
            device.WillFire = (int)(value - device.Counter) > 0;
            device.Writes++;
        }
    }
}
