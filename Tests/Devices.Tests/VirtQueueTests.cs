using System;
using System.Collections.Generic;
using CosmosKernel.Drivers.Virtio;
using CosmosKernel.Modules.Devices;
using Xunit;

namespace CosmosKernel.Devices.Tests;

/// <summary>The driver's side of a virtqueue against a device that keeps the specification, and against one that does not.</summary>
public sealed class VirtQueueTests
{
    private static readonly DmaSegment[] s_read = [new(0x1000, 16), new(0x2000, 512)];
    private static readonly DmaSegment[] s_write = [new(0x3000, 1)];

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public void TheDeviceSeesWhatWasAddedAndItsAnswerComesBack(int indirect)
    {
        using var device = new SimulatedVirtio(8, indirect: indirect);
        Assert.True(device.Queue.TryAdd(s_read, s_write, 7));
        Assert.False(device.TryPop(out _, out _));
        Assert.True(device.Queue.Publish());
        Assert.True(device.TryPop(out ushort head, out List<(ulong Address, uint Length, bool Writes)> segments));
        Assert.Equal([(0x1000, 16, false), (0x2000, 512, false), (0x3000, 1, true)], segments);
        Assert.Equal(indirect > 0 ? 7 : 5, device.Queue.FreeCount);
        Assert.False(device.Queue.TryTake(out _, out _));
        device.Use(head, 1);
        Assert.True(device.Queue.TryTake(out int token, out uint written));
        Assert.Equal(7, token);
        Assert.Equal(1u, written);
        Assert.Equal(8, device.Queue.FreeCount);
        Assert.False(device.Queue.TryTake(out _, out _));
        Assert.Equal(VirtQueueFault.None, device.Queue.Fault);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(true, 3)]
    public void BuffersInAnyOrderAndOverTheEndOfTheIndexComeBackOnce(bool usesEvents, int indirect)
    {
        using var device = new SimulatedVirtio(16, usesEvents, indirect);
        var random = new Random(1);
        var held = new List<ushort>();
        var tokens = new HashSet<int>();
        int next = 0;
        int taken = 0;
        while (taken < 200_000)
        {
            int count = random.Next(1, 4);
            DmaSegment[] segments = new DmaSegment[count];
            Array.Fill(segments, new DmaSegment(0x1000, 4));
            int readable = random.Next(0, count + 1);
            int free = device.Queue.FreeCount;
            bool added = device.Queue.TryAdd(segments.AsSpan(0, readable), segments.AsSpan(readable), next);
            Assert.Equal((count > 1 && count <= indirect ? 1 : count) <= free, added);
            if (added)
            {
                tokens.Add(next++);
            }

            device.Queue.Publish();
            while (device.TryPop(out ushort head, out List<(ulong Address, uint Length, bool Writes)> seen))
            {
                Assert.Equal(seen.Count - seen.FindAll(s => s.Writes).Count, seen.FindIndex(s => s.Writes) is var at && at < 0 ? seen.Count : at);
                held.Add(head);
            }

            if (held.Count > 0 && (random.Next(3) == 0 || !added))
            {
                int which = random.Next(held.Count);
                device.Use(held[which], 0);
                held.RemoveAt(which);
            }

            while (device.Queue.TryTake(out int token, out _))
            {
                Assert.True(tokens.Remove(token));
                taken++;
            }

            Assert.Equal(VirtQueueFault.None, device.Queue.Fault);
        }
    }

    [Fact]
    public void AFullQueueRefusesAndGoesOnWhenThereIsRoom()
    {
        using var device = new SimulatedVirtio(4);
        Assert.True(device.Queue.TryAdd(s_read, s_write, 0));
        Assert.False(device.Queue.TryAdd(s_read, [], 1));
        Assert.True(device.Queue.TryAdd([], s_write, 2));
        Assert.Equal(0, device.Queue.FreeCount);
        device.Queue.Publish();
        Assert.True(device.TryPop(out ushort head, out _));
        device.Use(head, 0);
        Assert.True(device.Queue.TryTake(out _, out _));
        Assert.True(device.Queue.TryAdd(s_read, s_write, 3));
    }

    [Fact]
    public void NothingToAddIsRefused()
    {
        using var device = new SimulatedVirtio(4);
        Assert.False(device.Queue.TryAdd([], [], 0));
        Assert.False(device.Queue.TryAdd(s_read, s_write, -1));
        Assert.False(device.Queue.Publish());
    }

    [Fact]
    public void ADescriptorThatDoesNotExistEndsTheQueue()
    {
        using SimulatedVirtio device = WithOne(out _);
        device.Use(8, 0);
        AssertFault(device, VirtQueueFault.UnknownDescriptor, 8);
    }

    [Fact]
    public void AHugeDescriptorNumberEndsTheQueue()
    {
        using SimulatedVirtio device = WithOne(out _);
        device.Use(0x8000_0000, 0);
        AssertFault(device, VirtQueueFault.UnknownDescriptor, 0x8000_0000);
    }

    [Fact]
    public void ADescriptorInsideOfAChainEndsTheQueue()
    {
        using SimulatedVirtio device = WithOne(out ushort head);
        device.Use((uint)head + 1, 0);
        AssertFault(device, VirtQueueFault.NotItsDescriptor, (uint)head + 1);
    }

    [Fact]
    public void ADescriptorUsedTwiceEndsTheQueue()
    {
        using SimulatedVirtio device = WithOne(out ushort head);
        Assert.True(device.Queue.TryAdd([], s_write, 2));
        device.Queue.Publish();
        device.Use(head, 0);
        device.Use(head, 0);
        Assert.True(device.Queue.TryTake(out int token, out _));
        Assert.Equal(1, token);
        AssertFault(device, VirtQueueFault.NotItsDescriptor, head);
    }

    [Theory]
    [InlineData(2u)]
    [InlineData(0xFFFF_FFFFu)]
    public void ALengthBeyondTheRoomEndsTheQueue(uint length)
    {
        using SimulatedVirtio device = WithOne(out ushort head);
        device.Use(head, length);
        AssertFault(device, VirtQueueFault.LengthTooLong, length);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(100)]
    [InlineData(0xFFFF)]
    public void AnIndexThatJumpsEndsTheQueue(ushort index)
    {
        using SimulatedVirtio device = WithOne(out _);
        device.UsedIndex = index;
        AssertFault(device, VirtQueueFault.IndexJumped, index);
    }

    [Fact]
    public void AnIndexWithoutAnythingOutstandingEndsTheQueue()
    {
        using var device = new SimulatedVirtio(8);
        device.UsedIndex = 1;
        AssertFault(device, VirtQueueFault.IndexJumped, 1);
    }

    [Fact]
    public void WhatTheDeviceWritesOverDescriptorsChangesNothing()
    {
        using SimulatedVirtio device = WithOne(out ushort head);
        Assert.True(device.Queue.TryAdd(s_read, s_write, 2));
        device.Scribble();
        device.Use(head, 1);
        Assert.True(device.Queue.TryTake(out int token, out _));
        Assert.Equal(1, token);
        Assert.True(device.Queue.TryDetach(out token));
        Assert.Equal(2, token);
        Assert.Equal(8, device.Queue.FreeCount);
    }

    [Fact]
    public void AnInterruptWithoutWorkTakesNothing()
    {
        using SimulatedVirtio device = WithOne(out _);
        for (int i = 0; i < 10; i++)
        {
            Assert.False(device.Queue.TryTake(out _, out _));
        }

        Assert.Equal(VirtQueueFault.None, device.Queue.Fault);
        Assert.Equal(1, device.Queue.Outstanding);
    }

    [Fact]
    public void WhatIsUsedWithoutAnInterruptIsSeenWhenInterruptsAreTurnedOn()
    {
        foreach (bool usesEvents in (bool[])[false, true])
        {
            using SimulatedVirtio device = WithOne(out ushort head, usesEvents);
            device.Queue.DisableInterrupts();
            Assert.True(usesEvents || device.AvailableFlags == 1);
            device.Use(head, 0);
            Assert.True(device.Queue.EnableInterrupts());
            Assert.True(device.Queue.TryTake(out _, out _));
            Assert.False(device.Queue.EnableInterrupts());
            Assert.Equal(usesEvents ? 1 : 0, device.WantedInterrupt);
            Assert.Equal(0, device.AvailableFlags);
        }
    }

    [Fact]
    public void ADeviceThatDoesNotWantToBeToldIsNotTold()
    {
        using var plain = new SimulatedVirtio(8) { UsedFlags = 1 };
        Assert.True(plain.Queue.TryAdd([], s_write, 0));
        Assert.False(plain.Queue.Publish());
        Assert.Equal(1, plain.AvailableIndex);

        using var events = new SimulatedVirtio(8, usesEvents: true) { WantedNotification = 2 };
        Assert.True(events.Queue.TryAdd([], s_write, 0));
        Assert.True(events.Queue.TryAdd([], s_write, 1));
        Assert.False(events.Queue.Publish());
        Assert.True(events.Queue.TryAdd([], s_write, 2));
        Assert.True(events.Queue.Publish());
        Assert.False(events.Queue.Publish());
    }

    [Fact]
    public void DetachedBuffersComeBackOnce()
    {
        using var device = new SimulatedVirtio(8);
        for (int i = 0; i < 4; i++)
        {
            Assert.True(device.Queue.TryAdd([s_read[0]], s_write, i));
        }

        var back = new HashSet<int>();
        while (device.Queue.TryDetach(out int token))
        {
            Assert.True(back.Add(token));
        }

        Assert.Equal(4, back.Count);
        Assert.Equal(8, device.Queue.FreeCount);
        Assert.Equal(0, device.Queue.Outstanding);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(3, false)]
    [InlineData(1, true)]
    [InlineData(256, true)]
    [InlineData(32768, true)]
    [InlineData(65536, false)]
    public void SizesArePowersOfTwo(int size, bool isValid) => Assert.Equal(isValid, VirtQueueLayout.IsValidSize(size));

    [Fact]
    public void TheLayoutIsThatOfTheSpecification()
    {
        var layout = new VirtQueueLayout(256);
        Assert.Equal(4096, layout.Available);
        Assert.Equal(8192, layout.Used);
        Assert.Equal(8192 + 6 + 2048, layout.Bytes);
    }

    private static SimulatedVirtio WithOne(out ushort head, bool usesEvents = false)
    {
        var device = new SimulatedVirtio(8, usesEvents);
        Assert.True(device.Queue.TryAdd(s_read, s_write, 1));
        device.Queue.Publish();
        Assert.True(device.TryPop(out head, out _));
        return device;
    }

    private static void AssertFault(SimulatedVirtio device, VirtQueueFault fault, uint value)
    {
        Assert.False(device.Queue.TryTake(out _, out _));
        Assert.Equal(fault, device.Queue.Fault);
        Assert.Equal(value, device.Queue.FaultValue);
        Assert.False(device.Queue.TryTake(out _, out _));
        Assert.False(device.Queue.TryAdd([], s_write, 5));
    }
}
