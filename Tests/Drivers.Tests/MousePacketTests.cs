using System;
using System.Collections.Generic;
using CosmosKernel.Drivers.Mouse;
using Xunit;

namespace CosmosKernel.Drivers.Tests;

/// <summary>From the bytes of a PS/2 mouse to movements.</summary>
public sealed class MousePacketTests
{
    private const ulong Millisecond = 1_000_000;

    [Theory]
    [InlineData(0, "080000", 0, 0, 0, 0)]
    [InlineData(0, "090A00", 10, 0, 0, 1)]
    [InlineData(0, "0A000A", 0, -10, 0, 2)]
    [InlineData(0, "3CFFFE", -1, 2, 0, 4)]
    [InlineData(0, "480000", 255, 0, 0, 0)]
    [InlineData(0, "F80000", -256, 256, 0, 0)]
    [InlineData(3, "080000FF", 0, 0, 1, 0)]
    [InlineData(3, "08000001", 0, 0, -1, 0)]
    [InlineData(4, "0800000F", 0, 0, 1, 0)]
    [InlineData(4, "08000011", 0, 0, -1, 8)]
    [InlineData(4, "0F00003E", 0, 0, 2, 0x1F)]
    public void PacketsAreMovements(byte protocol, string bytes, int x, int y, int wheel, int buttons)
    {
        List<MouseState> states = Decode((MouseProtocol)protocol, Convert.FromHexString(bytes), out PacketDecoder decoder);
        Assert.Equal([new MouseState(x, y, wheel, buttons)], states);
        Assert.Equal(0, decoder.Lost);
    }

    [Fact]
    public void ALostByteCostsFewPackets()
    {
        // Whichever byte of a stream is lost, the stream is whole again soon, and nothing that was not sent is reported after that.
        for (int lost = 0; lost < 12; lost++)
        {
            var bytes = new List<byte>();
            for (int i = 0; i < 20; i++)
            {
                bytes.AddRange([0x08, 1, 2, 0]);
            }

            bytes.RemoveAt(lost);
            List<MouseState> states = Decode(MouseProtocol.FiveButtons, bytes, out PacketDecoder decoder);
            Assert.InRange(states.Count, 17, 19);
            Assert.Equal(new MouseState(1, -2, 0, 0), states[^1]);
            Assert.True(decoder.Lost > 0);
            Assert.False(decoder.NeedsReset);
        }
    }

    [Fact]
    public void APauseEndsAPacket()
    {
        var decoder = new PacketDecoder(MouseProtocol.Standard);
        Assert.False(decoder.TryTake(0x08, false, 0, out _));
        Assert.False(decoder.TryTake(0x01, false, Millisecond, out _));
        ulong later = PacketDecoder.LongestGap + (2 * Millisecond);
        Assert.False(decoder.TryTake(0x09, false, later, out _));
        Assert.False(decoder.TryTake(0x01, false, later, out _));
        Assert.True(decoder.TryTake(0x00, false, later, out MouseState state));
        Assert.Equal(new MouseState(1, 0, 0, 1), state);
        Assert.Equal(2, decoder.Lost);
    }

    [Fact]
    public void ABrokenByteCostsItsPacket()
    {
        var decoder = new PacketDecoder(MouseProtocol.Standard);
        decoder.TryTake(0x08, false, 0, out _);
        Assert.False(decoder.TryTake(0x01, true, 0, out _));
        Assert.Equal(2, decoder.Lost);
        decoder.TryTake(0x08, false, 0, out _);
        decoder.TryTake(0x02, false, 0, out _);
        Assert.True(decoder.TryTake(0x00, false, 0, out MouseState state));
        Assert.Equal(2, state.X);
    }

    [Fact]
    public void AMouseThatLostItsWayIsSetUpAnew()
    {
        Decode(MouseProtocol.Standard, [0, 0, 0, 0], out PacketDecoder decoder);
        Assert.False(decoder.NeedsReset);
        decoder.TryTake(0, false, 0, out _);
        Assert.True(decoder.NeedsReset);
        decoder.Reset();
        Assert.False(decoder.NeedsReset);
    }

    [Fact]
    public void AMouseThatWasPluggedInIsSetUp()
    {
        Assert.Empty(Decode(MouseProtocol.FiveButtons, [0xAA, 0x00], out PacketDecoder decoder));
        Assert.True(decoder.NeedsReset);
    }

    [Fact]
    public void NoiseIsSurvived()
    {
        var random = new Random(5);
        byte[] noise = new byte[100_000];
        random.NextBytes(noise);
        foreach (MouseState state in Decode(MouseProtocol.FiveButtons, noise, out _))
        {
            Assert.InRange(state.X, -256, 255);
            Assert.InRange(state.Y, -255, 256);
            Assert.InRange(state.Wheel, -7, 8);
            Assert.InRange(state.Buttons, 0, 31);
        }
    }

    private static List<MouseState> Decode(MouseProtocol protocol, IEnumerable<byte> bytes, out PacketDecoder decoder)
    {
        decoder = new PacketDecoder(protocol);
        var states = new List<MouseState>();
        ulong now = 0;
        foreach (byte value in bytes)
        {
            if (decoder.TryTake(value, false, now += Millisecond, out MouseState state))
            {
                states.Add(state);
            }
        }

        return states;
    }
}
