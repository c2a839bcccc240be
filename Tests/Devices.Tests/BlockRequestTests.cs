using System;
using System.Collections.Generic;
using System.Text;
using CosmosKernel.Abi;
using CosmosKernel.Drivers.VirtioBlock;
using CosmosKernel.Modules.Devices;
using Xunit;

namespace CosmosKernel.Devices.Tests;

/// <summary>Requests to a virtio disk that answers as it should, and to one that does not write what it says that it has done (Virtual I/O Device 1.2, sections 2.7.8 and 5.2.6).</summary>
public sealed class BlockRequestTests
{
    private const int Depth = 4;
    private const int Tag = 2;
    private const int DataBytes = 4096;
    private const byte IoError = 1;
    private const byte Unsupported = 2;
    private const byte Undefined = 77;

    [Theory]
    [InlineData(DataBytes + 1)]
    [InlineData(DataBytes)]
    public void AReadOfWhichAllWasWrittenIsThere(uint written)
    {
        Assert.Equal(Errno.Ok, Read(DataBytes, 0, written));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(512)]
    [InlineData(DataBytes - 1)]
    public void AReadThatIsCutShortIsAnErrorWhateverItsStatusSays(uint written)
    {
        Assert.Equal(Errno.EIO, Read((int)written, 0, written));
    }

    [Fact]
    public void AnOlderDeviceThatDoesNotCountIsBelieved()
    {
        Assert.Equal(Errno.Ok, Read(DataBytes, 0, 0, countsWritten: false));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AStatusThatWasNeverWrittenIsAnError(bool countsWritten)
    {
        Assert.Equal(Errno.EIO, Read(DataBytes, null, DataBytes + 1, countsWritten));
        Assert.Equal(Errno.EIO, Write(null, 1, countsWritten));
        Assert.Equal(Errno.EIO, Write(null, 0, countsWritten));
    }

    [Theory]
    [InlineData(IoError, Errno.EIO)]
    [InlineData(Unsupported, Errno.EOPNOTSUPP)]
    [InlineData(Undefined, Errno.EIO)]
    public void WhatTheStatusSaysIsTheResult(byte status, Errno expected)
    {
        Assert.Equal(expected, Read(DataBytes, status, DataBytes + 1));
        Assert.Equal(expected, Read(0, status, 1));
        Assert.Equal(expected, Write(status, 1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    public void AWriteHasNothingToWriteButItsStatus(uint written)
    {
        Assert.Equal(Errno.Ok, Write(0, written));
    }

    [Fact]
    public void TheStatusOfTheRequestBeforeIsNotThatOfTheNext()
    {
        using var device = new SimulatedVirtio(16);
        RequestSlots slots = Slots(device, true);
        Assert.Equal(Errno.Ok, Run(device, slots, reads: true, DataBytes, 0, DataBytes + 1));
        Assert.Equal(Errno.EIO, Run(device, slots, reads: true, DataBytes, null, DataBytes + 1));
    }

    [Fact]
    public void NeighboursInTheTableDoNotTouchEachOther()
    {
        using var device = new SimulatedVirtio(16);
        RequestSlots slots = Slots(device, true);
        var used = new List<(ulong Start, ulong End)>();
        for (int slot = 0; slot <= slots.IdentifySlot; slot++)
        {
            foreach (DmaSegment segment in (DmaSegment[])[slots.WriteHeader(slot, 0, 0), slots.WriteRange(slot, 0, 0), slots.Status(slot)])
            {
                used.Add((segment.Address, segment.Address + (ulong)segment.Length));
            }
        }

        used.Add((slots.Id.Address, slots.Id.Address + (ulong)slots.Id.Length));
        used.Sort();
        for (int i = 1; i < used.Count; i++)
        {
            Assert.True(used[i - 1].End <= used[i].Start);
        }

        Assert.True(used[^1].End - used[0].Start <= (ulong)RequestSlots.BytesFor(Depth));
    }

    [Theory]
    [InlineData(20u, 0, true, "disk of many letters")]
    [InlineData(21u, 0, true, "disk of many letters")]
    [InlineData(4u, 0, true, "disk")]
    [InlineData(0u, 0, true, "")]
    [InlineData(0u, 0, false, "disk of many letters")]
    [InlineData(21u, 1, true, "")]
    [InlineData(21u, -1, true, "")]
    public unsafe void OfTheNameThatTheDeviceTellsOnlyThatCountsWhichItWrote(uint written, int status, bool countsWritten, string expected)
    {
        using var device = new SimulatedVirtio(16);
        RequestSlots slots = Slots(device, countsWritten);
        DmaSegment header = slots.WriteHeader(slots.IdentifySlot, 8, 0);
        Assert.True(device.Queue.TryAdd([header], [slots.Id, slots.Status(slots.IdentifySlot)], slots.IdentifySlot));
        device.Queue.Publish();
        Assert.True(device.TryPop(out ushort head, out List<(ulong Address, uint Length, bool Writes)> segments));
        Encoding.ASCII.GetBytes("disk of many letters", new Span<byte>((void*)segments[1].Address, 20));
        if (status >= 0)
        {
            *(byte*)segments[2].Address = (byte)status;
        }

        device.Use(head, written);
        Assert.True(device.Queue.TryTake(out _, out uint said));
        Assert.Equal(expected, slots.ReadId(said));
    }

    private static RequestSlots Slots(SimulatedVirtio device, bool countsWritten) => new(device.Allocate(RequestSlots.BytesFor(Depth)), Depth, countsWritten);

    private static Errno Read(int filled, byte? status, uint written, bool countsWritten = true)
    {
        using var device = new SimulatedVirtio(16);
        return Run(device, Slots(device, countsWritten), reads: true, filled, status, written);
    }

    private static Errno Write(byte? status, uint written, bool countsWritten = true)
    {
        using var device = new SimulatedVirtio(16);
        return Run(device, Slots(device, countsWritten), reads: false, 0, status, written);
    }

    // A request of one page, to a device that writes so much of it, this status or none, and says that it wrote so many bytes.
    private static unsafe Errno Run(SimulatedVirtio device, RequestSlots slots, bool reads, int filled, byte? status, uint written)
    {
        var data = new DmaSegment(device.Allocate(DataBytes).PhysicalAddress, DataBytes);
        DmaSegment[] pieces = [slots.WriteHeader(Tag, reads ? 0u : 1u, 0x1234), data, slots.Status(Tag)];
        int readable = reads ? 1 : 2;
        Assert.True(device.Queue.TryAdd(pieces.AsSpan(0, readable), pieces.AsSpan(readable), Tag));
        device.Queue.Publish();
        Assert.True(device.TryPop(out ushort head, out List<(ulong Address, uint Length, bool Writes)> segments));
        Assert.Equal(0x1234ul, *(ulong*)(segments[0].Address + 8));
        Assert.Equal(reads, segments[1].Writes);
        new Span<byte>((void*)segments[1].Address, filled).Fill(0x5A);
        if (status is { } value)
        {
            *(byte*)segments[2].Address = value;
        }

        device.Use(head, written);
        Assert.True(device.Queue.TryTake(out int tag, out uint said));
        Assert.Equal(Tag, tag);
        return slots.ResultOf(tag, said, reads ? DataBytes : 0);
    }
}
