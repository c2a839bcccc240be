using System;
using System.Collections.Generic;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Modules.Devices;
using Xunit;

namespace CosmosKernel.Devices.Tests;

/// <summary>Reading the configuration space of devices, sound and broken.</summary>
public sealed class PciTests
{
    private const uint HasCapabilities = 0x0010_0000;

    [Fact]
    public void RegistersOfAllKindsAreSizedAndRestored()
    {
        SimulatedConfiguration space = Device();
        space.Put(4, 3);
        space.PutBar(0, 0x0000_C001, 0xFFE0);
        space.PutBar(1, 0xFEB0_0000, 0xFFFF_F000);
        space.PutBar(2, 0x8000_000C, 0xFFF0_0000);
        space.PutBar(3, 0x0000_0001, 0xFFFF_FFFF);
        space.Put(0x30, 0xFEA0_0000);
        space.Writable(0x30, 0xFFFF_0001);
        PciDeviceInfo info = Read(space);
        Assert.Null(info.Problem);
        Assert.Equal(new PciBar(0, PciBarKind.Ports, 0xC000, 0x20, false), info.Bar(0));
        Assert.Equal(new PciBar(1, PciBarKind.Memory32, 0xFEB0_0000, 0x1000, false), info.Bar(1));
        Assert.Equal(new PciBar(2, PciBarKind.Memory64, 0x1_8000_0000, 0x10_0000, true), info.Bar(2));
        Assert.False(info.Bar(3).Exists);
        Assert.Equal(new PciBar(PciBar.RomIndex, PciBarKind.Rom, 0xFEA0_0000, 0x1_0000, false), info.Bar(PciBar.RomIndex));
        Assert.Equal(0x0000_C001u, space.Read32(0x10));
        Assert.Equal(0x8000_000Cu, space.Read32(0x18));
        Assert.Equal(1u, space.Read32(0x1C));
        Assert.Equal(0xFEA0_0000u, space.Read32(0x30));
        Assert.Equal(3u, space.Read32(4) & 0xFFFF);
        Assert.Equal(0, space.WritesWhileDecoding);
    }

    [Fact]
    public void AHugeRegisterAbove4GiBIsSized()
    {
        SimulatedConfiguration space = Device();
        space.PutBar(0, 0x0000_000C, 0);
        space.PutBar(1, 0x0000_0080, 0xFFFF_FFF8);
        Assert.Equal(new PciBar(0, PciBarKind.Memory64, 0x80_0000_0000, 0x8_0000_0000, true), Read(space).Bar(0));
    }

    public static TheoryData<string, uint, uint> BadRegisters => new()
    {
        { "impossible size", 0xFEB0_0000, 0xFF0F_F000 },
        { "impossible size", 0xFEB0_1000, 0xFFFF_0000 },
        { "all ones", 0xFFFF_FFFF, 0xFFFF_FFFF },
    };

    [Theory]
    [MemberData(nameof(BadRegisters))]
    public void ABrokenRegisterMakesTheDeviceUnusable(string problem, uint value, uint mask)
    {
        SimulatedConfiguration space = Device();
        space.PutBar(1, value, mask);
        Assert.Contains(problem, Read(space).Problem, StringComparison.Ordinal);
        Assert.Contains("BAR 1", Read(space).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A64BitRegisterHasNoUpperHalfBehindTheLastOne()
    {
        SimulatedConfiguration space = Device();
        space.PutBar(5, 4, 0xFFFF_F000);
        Assert.Contains("last one", Read(space).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void ADeviceThatIsGoneIsRefused()
    {
        SimulatedConfiguration space = Device();
        space.IsGone = true;
        Assert.Contains("all ones", Read(space).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void CapabilitiesAreWalkedInOrder()
    {
        SimulatedConfiguration space = Device();
        space.Put(4, HasCapabilities);
        space.Put(0x34, 0x40);
        space.Put(0x40, 0x5005);
        space.Put(0x50, 0x6009);
        space.Put(0x60, 0x0011);
        PciDeviceInfo info = Read(space);
        Assert.Null(info.Problem);
        Assert.Equal([new(5, 0x40, false), new(9, 0x50, false), new(0x11, 0x60, false)], info.Capabilities);
        Assert.True(info.TryFindCapability(9, out PciCapability found));
        Assert.Equal(0x50, found.Offset);
        Assert.False(info.TryFindCapability(0x10, out _));
    }

    [Theory]
    [InlineData("ring", 0x40u, 0x5005u, 0x4009u)]
    [InlineData("ring", 0x40u, 0x4005u, 0u)]
    [InlineData("inside of the header", 0x40u, 0x5005u, 0x1009u)]
    [InlineData("inside of the header", 0x20u, 0u, 0u)]
    [InlineData("all ones", 0x40u, 0x5005u, 0xFFFFu)]
    public void ABrokenListOfCapabilitiesIsRefused(string problem, uint start, uint first, uint second)
    {
        SimulatedConfiguration space = Device();
        space.Put(4, HasCapabilities);
        space.Put(0x34, start);
        space.Put(0x40, first);
        space.Put(0x50, second);
        Assert.Contains(problem, Read(space).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void ExtendedCapabilitiesAreWalkedAndTheirRingsRefused()
    {
        SimulatedConfiguration space = Device(4096);
        space.Put(4, HasCapabilities);
        space.Put(0x34, 0x40);
        space.Put(0x40, 0x0010);
        space.Put(0x100, 0x1401_0001);
        space.Put(0x140, 0x0001_0018);
        Assert.True(Read(space).TryFindCapability(0x18, out PciCapability found, isExtended: true));
        Assert.Equal(0x140, found.Offset);
        space.Put(0x140, 0x1001_0018);
        Assert.Contains("ring", Read(space).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void ABridgeTellsItsBusesAndWindows()
    {
        SimulatedConfiguration space = Device();
        space.Put(0x0C, 0x0001_0000);
        space.Put(0x18, 0x0003_0100);
        space.Put(0x1C, 0x0000_D1C1);
        space.Put(0x20, 0xFEAF_FE80);
        space.Put(0x24, 0x0001_FFF1);
        PciDeviceInfo info = Read(space);
        Assert.Null(info.Problem);
        Assert.True(info.Bridge!.Reaches(3));
        Assert.False(info.Bridge.Reaches(4));
        Assert.Equal(new PciWindow(0xC000, 0xDFFF), info.Bridge.Ports);
        Assert.Equal(new PciWindow(0xFE80_0000, 0xFEAF_FFFF), info.Bridge.Memory);
        Assert.True(info.Bridge.Prefetchable.IsEmpty);
        space.Put(0x18, 0x0001_0300);
        Assert.Contains("bus numbers", Read(space).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void MatchesCompareOnlyWhatTheySay()
    {
        SimulatedConfiguration space = Device();
        space.Put(8, 0x0100_0102);
        space.Put(0x2C, 0x0004_1AF4);
        PciDeviceInfo info = Read(space);
        Assert.True(new PciMatch(0x1AF4).Matches(info));
        Assert.True(new PciMatch(0x1AF4, 0x1005) { Subsystem = 4 }.Matches(info));
        Assert.False(new PciMatch(0x1AF4, 0x1006).Matches(info));
        Assert.False(new PciMatch(0x1AF4) { Subsystem = 5 }.Matches(info));
        Assert.True(PciMatch.OfClass(0x01_0000, 0xFF_0000).Matches(info));
        Assert.False(PciMatch.OfClass(0x01_0002).Matches(info));
        Assert.Equal("pci:v00001AF4d00001005sv00001AF4sd00000004bc01sc00i01", info.ModuleAlias);
    }

    private static SimulatedConfiguration Device(int length = 256)
    {
        var space = new SimulatedConfiguration(length);
        space.Put(0, 0x1005_1AF4);
        return space;
    }

    private static PciDeviceInfo Read(SimulatedConfiguration space) => new(new PciAddress(0, 0, 3, 0), space);
}
