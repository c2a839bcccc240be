using System.Collections.Generic;
using CosmosKernel.Drivers.Framebuffer;
using CosmosKernel.Drivers.Speaker;
using CosmosKernel.Machine.Boot;
using CosmosKernel.Modules.Graphics;
using Xunit;

namespace CosmosKernel.Drivers.Tests;

/// <summary>Modes of the Bochs display interface, tones of the speaker.</summary>
public sealed class BochsAdapterTests
{
    private const long Memory = 16 << 20;

    [Fact]
    public void AModeIsSet()
    {
        var registers = new Dispi();
        var adapter = new BochsAdapter(registers, 0xFD000000, Memory);
        Assert.True(adapter.Detect());
        Assert.True(adapter.TrySetMode(new DisplayMode(1280, 720, 32), out ScreenInformation screen));
        Assert.Equal((1280u, 720u, 5120u, 32u, 0xFD000000ul), (screen.Width, screen.Height, screen.Pitch, screen.BitsPerPixel, screen.Address));
        Assert.Equal(0x41, registers.Values[4]);
    }

    [Theory]
    [InlineData(1281, 720, 32)]
    [InlineData(1280, 720, 24)]
    [InlineData(4096, 2160, 32)]
    [InlineData(160, 100, 32)]
    [InlineData(2560, 1640, 32)]
    public void WhatCannotBeShownIsRefusedAndLeavesTheModeAlone(int width, int height, int bits)
    {
        var registers = new Dispi();
        var adapter = new BochsAdapter(registers, 0xFD000000, Memory);
        Assert.True(adapter.Detect());
        Assert.False(adapter.TrySetMode(new DisplayMode(width, height, bits), out _));
        Assert.False(registers.Values.ContainsKey(1) && registers.Values[1] != 0);
    }

    [Fact]
    public void LessMemoryHasFewerModes()
    {
        var small = new BochsAdapter(new Dispi(), 0xFD000000, 2 << 20);
        Assert.True(small.Detect());
        Assert.Equal([new DisplayMode(640, 400, 32), new DisplayMode(640, 480, 32), new DisplayMode(800, 600, 32)], small.GetModes());
    }

    [Fact]
    public void AnAdapterThatDoesNotKeepItsModeIsNotBelieved()
    {
        var adapter = new BochsAdapter(new Dispi { IgnoresWidth = true }, 0xFD000000, Memory);
        Assert.True(adapter.Detect());
        Assert.False(adapter.TrySetMode(new DisplayMode(1280, 720, 32), out _));
    }

    [Fact]
    public void ALineThatIsTooShortIsNotBelieved()
    {
        var adapter = new BochsAdapter(new Dispi { LineOf = 100 }, 0xFD000000, Memory);
        Assert.True(adapter.Detect());
        Assert.False(adapter.TrySetMode(new DisplayMode(1280, 720, 32), out _));
    }

    [Theory]
    [InlineData(0x0000)]
    [InlineData(0xFFFF)]
    [InlineData(0xB0C0)]
    public void OtherAdaptersAreNotDetected(int identity) => Assert.False(new BochsAdapter(new Dispi { Identity = (ushort)identity }, 0xFD000000, Memory).Detect());

    [Theory]
    [InlineData("1280x720", 1280, 720)]
    [InlineData("VGA-1:800x600-32@60", 800, 600)]
    [InlineData("1024x768@75", 1024, 768)]
    [InlineData("efifb", 0, 0)]
    [InlineData("x720", 0, 0)]
    [InlineData("0x0", 0, 0)]
    [InlineData("99999x1", 0, 0)]
    public void TheBootOptionIsLinuxs(string text, int width, int height)
    {
        Assert.Equal(width != 0, FramebufferModule.TryParse(text, out DisplayMode mode));
        Assert.Equal((width, height), (mode.Width, mode.Height));
    }

    [Theory]
    [InlineData(440, 2711)]
    [InlineData(21, 56818)]
    [InlineData(32766, 36)]
    [InlineData(20, 0)]
    [InlineData(40000, 0)]
    [InlineData(-1, 0)]
    public void TonesAreCounts(int hertz, int count) => Assert.Equal(count, SpeakerDevice.CountOf(hertz));

    private sealed class Dispi : DispiRegisters
    {
        public Dictionary<ushort, ushort> Values { get; } = [];

        public ushort Identity { get; init; } = 0xB0C5;

        public bool IgnoresWidth { get; init; }

        public ushort LineOf { get; init; }

        public override ushort Read(ushort index)
        {
            bool limits = (Values.GetValueOrDefault((ushort)4) & 2) != 0;
            return index switch
            {
                0 => Identity,
                1 when limits => 2560,
                2 when limits => 1600,
                3 when limits => 32,
                6 when LineOf != 0 => LineOf,
                _ => Values.GetValueOrDefault(index),
            };
        }

        public override void Write(ushort index, ushort value)
        {
            if (index != 1 || !IgnoresWidth)
            {
                Values[index] = value;
            }
        }
    }
}
