using System;
using System.Collections.Generic;
using CosmosKernel.Drivers.Virtio;
using CosmosKernel.Drivers.VirtioRng;
using Xunit;

namespace CosmosKernel.Devices.Tests;

/// <summary>The buffer of an entropy device between readers who come, wait and give up, and a device that does as it likes.</summary>
public sealed unsafe class EntropyBufferTests : IDisposable
{
    private readonly SimulatedVirtio _device = new(8);
    private readonly EntropyBuffer _buffer;

    public EntropyBufferTests() => _buffer = new EntropyBuffer(_device.Queue, _device.Allocate(EntropyBuffer.Bytes));

    public void Dispose() => _device.Dispose();

    [Fact]
    public void WhoeverAsksWhileAnotherWaitsIsAnsweredAtOnceAndAsksNotTwice()
    {
        byte[] to = new byte[16];

        // The feeder asks, and waits for a host that says nothing.
        Assert.Equal(0, _buffer.Take(to));
        Assert.True(_buffer.Ask());

        // A reader that does not wait.
        Assert.Equal(0, _buffer.Take(to));
        Assert.False(_buffer.Ask());
        Assert.True(_buffer.IsAsked);
        Assert.Equal(1, _device.Queue.Outstanding);
    }

    [Fact]
    public void TwoReadersShareOneAnswerAndNoByteIsGivenTwice()
    {
        byte[] first = new byte[100];
        byte[] second = new byte[300];
        Assert.True(_buffer.Ask());
        HostFills(256);
        Assert.True(_buffer.Fill());
        Assert.Equal(100, _buffer.Take(first));
        Assert.False(_buffer.Ask());
        Assert.Equal(156, _buffer.Take(second));
        Assert.Equal(0, _buffer.Take(second));
        for (int i = 0; i < 256; i++)
        {
            Assert.Equal((byte)(i + 1), i < 100 ? first[i] : second[i - 100]);
        }

        Assert.True(_buffer.Ask());
        HostFills(1);
        Assert.True(_buffer.Fill());
        Assert.Equal(1, _buffer.Take(second));
        Assert.Equal(0, _buffer.Take(second));
    }

    [Fact]
    public void AnAnswerForWhoeverGaveUpIsTheNextReaders()
    {
        byte[] to = new byte[4];
        Assert.True(_buffer.Ask());
        HostFills(4);
        Assert.True(_buffer.Fill());
        Assert.False(_buffer.Ask());
        Assert.Equal(4, _buffer.Take(to));
        Assert.Equal([1, 2, 3, 4], to);
    }

    [Fact]
    public void AnEmptyAnswerIsAFault()
    {
        Assert.True(_buffer.Ask());
        HostFills(0);
        Assert.False(_buffer.Fill());
        Assert.Equal(0, _buffer.Take(new byte[4]));
    }

    [Fact]
    public void AfterALieNobodyAsksAgainAndNobodyGetsBytes()
    {
        Assert.True(_buffer.Ask());
        _device.Queue.Publish();
        Assert.True(_device.TryPop(out ushort head, out _));
        _device.Use(head, EntropyBuffer.Bytes + 1);
        Assert.False(_buffer.Fill());
        Assert.Equal(VirtQueueFault.LengthTooLong, _device.Queue.Fault);
        Assert.Equal(0, _buffer.Take(new byte[4]));
        Assert.False(_buffer.Ask());
        Assert.True(_buffer.IsAsked);
    }

    private void HostFills(int count)
    {
        _device.Queue.Publish();
        Assert.True(_device.TryPop(out ushort head, out List<(ulong Address, uint Length, bool Writes)> segments));
        for (int i = 0; i < count; i++)
        {
            ((byte*)segments[0].Address)[i] = (byte)(i + 1);
        }

        _device.Use(head, (uint)count);
    }
}
