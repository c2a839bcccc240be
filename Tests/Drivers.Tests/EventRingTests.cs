using System.Collections.Generic;
using CosmosKernel.Drivers.Evdev;
using CosmosKernel.Modules.Input;
using Xunit;

namespace CosmosKernel.Drivers.Tests;

/// <summary>What a reader of an input device has not read.</summary>
public sealed class EventRingTests
{
    private static readonly InputEvent s_report = new(InputEventType.Synchronization, InputCodes.Report, 0);

    [Fact]
    public void OnlyWholePacketsAreRead()
    {
        var ring = new EventRing(8);
        Assert.False(ring.Add(Moved(1)));
        Assert.False(ring.HasPacket);
        Assert.True(ring.Add(At(s_report)));
        Assert.False(ring.Add(Moved(2)));
        Assert.Equal([1, 0], Values(ring));
        Assert.True(ring.Add(At(s_report)));
        Assert.Equal([2, 0], Values(ring));
    }

    [Fact]
    public void AnOverrunLeavesTheNewestAndSaysSo()
    {
        var ring = new EventRing(8);
        for (int i = 1; i <= 20; i++)
        {
            ring.Add(Moved(i));
            ring.Add(At(s_report));
            Assert.InRange(ring.Dropped, 0, 2 * i);
        }

        Assert.True(ring.TryTake(out TimedEvent first));
        Assert.Equal(new InputEvent(InputEventType.Synchronization, InputCodes.Dropped, 0), first.Event);
        List<int> rest = Values(ring);
        Assert.Equal(20, rest[^2]);
        Assert.True(ring.Dropped > 0);
    }

    [Fact]
    public void APacketThatIsTooLongIsDroppedAndTheNextOneIsWhole()
    {
        var ring = new EventRing(8);
        for (int i = 1; i <= 30; i++)
        {
            ring.Add(Moved(i));
            Assert.False(ring.HasPacket);
        }

        ring.Add(At(s_report));
        Assert.True(ring.TryTake(out TimedEvent first));
        Assert.Equal(InputCodes.Dropped, first.Event.Code);
        while (ring.TryTake(out _))
        {
        }

        ring.Add(Moved(99));
        ring.Add(At(s_report));
        Assert.Equal([99, 0], Values(ring));
    }

    [Fact]
    public void TakingATypeOutLeavesTheOthersInOrder()
    {
        var ring = new EventRing(16);
        ring.Add(Key(1));
        ring.Add(At(s_report));
        ring.Add(Moved(5));
        ring.Add(Key(0));
        ring.Add(At(s_report));
        ring.Add(Key(1));
        ring.Remove(InputEventType.Key);
        Assert.Equal([5, 0], Values(ring));
        ring.Add(Moved(6));
        ring.Add(At(s_report));
        Assert.Equal([6, 0], Values(ring));
    }

    [Fact]
    public void ANewClockDropsWhatHasTheOldOne()
    {
        var ring = new EventRing(8);
        ring.Restart(5);
        Assert.False(ring.HasPacket);
        ring.Add(Moved(1));
        ring.Add(At(s_report));
        ring.Restart(7);
        Assert.False(ring.HasPacket);
        ring.Add(Moved(2));
        ring.Add(At(s_report));
        Assert.True(ring.TryTake(out TimedEvent first));
        Assert.Equal((7, InputCodes.Dropped), (first.Time, first.Event.Code));
        Assert.Equal([2, 0], Values(ring));
    }

    [Fact]
    public void AnEventIsTheStructureOfTheInterface()
    {
        byte[] bytes = new byte[TimedEvent.Bytes];
        new TimedEvent(3_000_005_999, new InputEvent(2, 8, -1)).WriteTo(bytes);
        Assert.Equal([3, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 2, 0, 8, 0, 0xFF, 0xFF, 0xFF, 0xFF], bytes);
        Assert.Equal(new InputEvent(2, 8, -1), TimedEvent.ReadFrom(bytes));
    }

    [Fact]
    public void BitsArePrintedAsLinuxDoes()
    {
        var bits = new InputBits(InputEventType.CodesOf(InputEventType.Key));
        Assert.Equal("0", DeviceTree.Bits(null));
        Assert.Equal("0", DeviceTree.Bits(bits));
        bits.Set(4, true);
        bits.Set(130, true);
        Assert.Equal("4 0 10", DeviceTree.Bits(bits));
        Assert.False(bits.Set(4, true));
        Assert.False(bits.Set(5000, true));
        Assert.False(bits.Set(-1, true));
        Assert.False(bits.Has(-1));
    }

    private static TimedEvent Moved(int value) => At(new InputEvent(InputEventType.Relative, InputCodes.RelativeX, value));

    private static TimedEvent Key(int value) => At(new InputEvent(InputEventType.Key, 30, value));

    private static TimedEvent At(InputEvent what) => new(0, what);

    private static List<int> Values(EventRing ring)
    {
        var values = new List<int>();
        while (ring.TryTake(out TimedEvent taken))
        {
            values.Add(taken.Event.Value);
        }

        return values;
    }
}
