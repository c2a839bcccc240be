using System.Collections.Generic;
using CosmosKernel.Drivers.Mousedev;
using Xunit;

namespace CosmosKernel.Drivers.Tests;

/// <summary>The byte stream of /dev/input/mice.</summary>
public sealed class MouseStreamTests
{
    [Fact]
    public void MovementsAreAddedUpUntilAButtonChanges()
    {
        var stream = new MouseStream();
        stream.Add(1, 1, 0, 0);
        stream.Add(2, 1, 0, 0);
        stream.Add(0, 0, 0, 1);
        stream.Add(0, 0, 0, 0);
        Assert.Equal([0x08, 3, 2, 0x09, 0, 0, 0x08, 0, 0], ReadAll(stream));
        Assert.False(stream.HasData);
    }

    [Fact]
    public void FarMovementsTakeSeveralPackets()
    {
        var stream = new MouseStream();
        stream.Add(-300, 130, 0, 0);
        Assert.Equal([0x18, 0x81, 127, 0x18, 0x81, 3, 0x18, 0xD2, 0], ReadAll(stream));
    }

    [Theory]
    [InlineData(new byte[] { 0xF3, 200, 0xF3, 100, 0xF3, 80 }, 3)]
    [InlineData(new byte[] { 0xF3, 200, 0xF3, 200, 0xF3, 80 }, 4)]
    [InlineData(new byte[] { 0xF3, 200, 0xF3, 100, 0xF3, 60 }, 0)]
    [InlineData(new byte[] { 0xF3, 200, 0xF3, 100, 0xF3, 80, 0xF3, 200, 0xF3, 200, 0xF3, 80 }, 4)]
    [InlineData(new byte[] { 0xF3, 200, 0xF3, 100, 0xF3, 80, 0xFF }, 0)]
    public void TheSequencesOfRatesChooseTheProtocol(byte[] written, int identity)
    {
        var stream = new MouseStream();
        foreach (byte value in written)
        {
            stream.Write(value);
        }

        ReadAll(stream);
        stream.Write(0xF2);
        Assert.Equal([0xFA, (byte)identity], ReadAll(stream));
        stream.Add(0, 0, 1, 0x10);
        byte[] fourth = identity switch { 3 => [0xFF], 4 => [0x2F], _ => [] };
        Assert.Equal([0x08, 0, 0, .. fourth], ReadAll(stream));
    }

    [Fact]
    public void WhoDoesNotReadLosesOnlyOldStates()
    {
        var stream = new MouseStream();
        for (int i = 0; i < 1000; i++)
        {
            stream.Add(1, 0, 0, (byte)(i & 1));
        }

        List<byte> bytes = ReadAll(stream);
        Assert.Equal(0x09, bytes[^3]);
    }

    [Fact]
    public void SumsDoNotOverflow()
    {
        var stream = new MouseStream();
        for (int i = 0; i < 10_000; i++)
        {
            stream.Add(int.MaxValue, int.MinValue, int.MaxValue, 0);
        }

        byte[] packet = new byte[3];
        Assert.Equal(3, stream.Read(packet));
        Assert.Equal([0x28, 127, 0x81], packet);
    }

    private static List<byte> ReadAll(MouseStream stream)
    {
        var bytes = new List<byte>();
        byte[] one = new byte[1];
        while (stream.Read(one) > 0)
        {
            bytes.Add(one[0]);
        }

        return bytes;
    }
}
