using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using CosmosKernel.Drivers.Virtio;
using CosmosKernel.Drivers.VirtioConsole;
using Xunit;

namespace CosmosKernel.Devices.Tests;

/// <summary>The queues of a virtio console against a host that is slow, small, or lies; and text for it.</summary>
public sealed unsafe class ConsoleQueuesTests : IDisposable
{
    private const int SlotBytes = ConsoleQueues.SlotBytes;
    private readonly SimulatedVirtio _receive = new(16);
    private SimulatedVirtio _transmit = new(16);

    public void Dispose()
    {
        _receive.Dispose();
        _transmit.Dispose();
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 4)]
    [InlineData(16, 16)]
    [InlineData(64, 16)]
    public void AQueueOfFewerDescriptorsThanBuffersLosesNoBytesAndNoBuffer(int descriptors, int buffers)
    {
        ConsoleQueues queues = Make(descriptors);
        byte[] text = new byte[40_000];
        new Random(7).NextBytes(text);
        var seen = new List<byte>();
        int sent = 0;
        while (seen.Count < text.Length)
        {
            Assert.Equal(buffers * SlotBytes, queues.Room);
            Assert.Equal(0, queues.Unsent);
            int room = queues.Room;
            int before = sent;
            while (sent < text.Length && queues.Send(text.AsSpan(sent)) is var count && count > 0)
            {
                sent += count;
            }

            Assert.Equal(Math.Min(room, text.Length - before), sent - before);
            if (sent < text.Length)
            {
                Assert.Equal(0, queues.Send("more"u8));
            }

            queues.Transmit.Publish();
            HostReads(seen);
            queues.TakeSent();
        }

        Assert.Equal(text, seen);
    }

    [Fact]
    public void AQueueThatIsNotUsedAnyMoreTakesNothingAndHasNoRoom()
    {
        ConsoleQueues queues = Make(4);
        Assert.Equal(5, queues.Send("hello"u8));
        queues.Transmit.Publish();
        _transmit.Use(99, 0);
        queues.TakeSent();
        Assert.Equal(VirtQueueFault.UnknownDescriptor, queues.Transmit.Fault);
        Assert.Equal(0, queues.Room);
        Assert.Equal(0, queues.Send("more"u8));
        Assert.Equal(SlotBytes, queues.Unsent);
    }

    [Fact]
    public void WhatIsNotReadStaysInOrderAndHoldsNobodyElseUp()
    {
        ConsoleQueues queues = Make(16);
        queues.Fill();
        queues.Receive.Publish();
        var typed = new List<byte>();
        while (HostTypes(300, typed))
        {
        }

        // A reader that takes ten bytes, and then none for a long time.
        byte[] some = new byte[10];
        Assert.Equal(10, queues.TakeInput(some));
        var read = new List<byte>(some);

        // The host has no buffer left, and output goes on.
        queues.Receive.Publish();
        Assert.False(HostTypes(1, typed));
        Assert.Equal(16 * SlotBytes, queues.Room);
        Assert.Equal(3, queues.Send("out"u8));
        queues.Transmit.Publish();
        var seen = new List<byte>();
        HostReads(seen);
        queues.TakeSent();
        Assert.Equal("out"u8.ToArray(), seen);

        // It reads on: each byte comes once, and buffers go back as they are read.
        while (queues.TakeInput(some) is var count && count > 0)
        {
            read.AddRange(some.AsSpan(0, count).ToArray());
            queues.Receive.Publish();
            if (typed.Count < 20_000)
            {
                HostTypes(SlotBytes, typed);
            }
        }

        Assert.Equal(typed, read);
        Assert.Equal(16, queues.Receive.Outstanding);
    }

    [Fact]
    public void DroppedInputIsGoneWithWhatWasHalfRead()
    {
        ConsoleQueues queues = Make(16);
        queues.Fill();
        queues.Receive.Publish();
        var typed = new List<byte>();
        HostTypes(100, typed);
        HostTypes(100, typed);
        byte[] some = new byte[10];
        Assert.Equal(10, queues.TakeInput(some));
        queues.DropInput();
        Assert.Equal(0, queues.TakeInput(some));
        Assert.Equal(16, queues.Receive.Outstanding);
        queues.Receive.Publish();
        typed.Clear();
        HostTypes(5, typed);
        Assert.Equal(5, queues.TakeInput(some));
        Assert.Equal(typed, some.Take(5));
    }

    [Fact]
    public void ADeviceThatReturnsEmptyBuffersForEverIsNotWaitedFor()
    {
        ConsoleQueues queues = Make(16);
        queues.Fill();
        queues.Receive.Publish();
        byte[] some = new byte[10];
        for (int i = 0; i < 100; i++)
        {
            HostTypes(0, []);
            Assert.Equal(0, queues.TakeInput(some));
            queues.Receive.Publish();
        }

        Assert.Equal(16, queues.Receive.Outstanding);
    }

    [Fact]
    public void ADeviceThatLiesAboutInputGivesNone()
    {
        ConsoleQueues queues = Make(16);
        queues.Fill();
        queues.Receive.Publish();
        Assert.True(_receive.TryPop(out ushort head, out _));
        _receive.Use(head, SlotBytes + 1);
        Assert.Equal(0, queues.TakeInput(new byte[10]));
        Assert.Equal(VirtQueueFault.LengthTooLong, queues.Receive.Fault);
        queues.DropInput();
        Assert.Equal(0, queues.TakeInput(new byte[10]));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("a line\n", "a line\r\n")]
    [InlineData("\n\n", "\r\n\r\n")]
    [InlineData("several\nlines, and a rest", "several\r\nlines, and a rest")]
    public void LinesEndWithACarriageReturnAndALineFeedWhereverABufferEnds(string text, string expected)
    {
        for (int size = 2; size < 40; size++)
        {
            Span<byte> buffer = new byte[size];
            ReadOnlySpan<byte> rest = Encoding.ASCII.GetBytes(text);
            var written = new StringBuilder();
            while (!rest.IsEmpty)
            {
                int taken = ConsoleText.EndLines(rest, buffer, out int count);
                Assert.True(taken > 0);
                Assert.NotEqual((byte)'\r', buffer[count - 1]);
                written.Append(Encoding.ASCII.GetString(buffer[..count]));
                rest = rest[taken..];
            }

            Assert.Equal(expected, written.ToString());
        }
    }

    private ConsoleQueues Make(int transmitDescriptors)
    {
        _transmit.Dispose();
        _transmit = new SimulatedVirtio(transmitDescriptors);
        return new ConsoleQueues(_receive.Queue, _transmit.Queue, _receive.Allocate(ConsoleQueues.BufferBytes));
    }

    private void HostReads(List<byte> seen)
    {
        while (_transmit.TryPop(out ushort head, out List<(ulong Address, uint Length, bool Writes)> segments))
        {
            foreach ((ulong address, uint length, bool writes) in segments)
            {
                Assert.False(writes);
                seen.AddRange(new ReadOnlySpan<byte>((void*)address, (int)length).ToArray());
            }

            _transmit.Use(head, 0);
        }
    }

    private bool HostTypes(int count, List<byte> typed)
    {
        if (!_receive.TryPop(out ushort head, out List<(ulong Address, uint Length, bool Writes)> segments))
        {
            return false;
        }

        Assert.Equal((SlotBytes, true), ((int)segments[0].Length, segments[0].Writes));
        for (int i = 0; i < count; i++)
        {
            byte value = (byte)(typed.Count * 31);
            ((byte*)segments[0].Address)[i] = value;
            typed.Add(value);
        }

        _receive.Use(head, (uint)count);
        return true;
    }
}
