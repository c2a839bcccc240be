using System;
using Cosmos.Common;
using Cosmos.Common.Extensions;
using Cosmos.Core;
using Cosmos.System;
using Cosmos.System.FileSystem;
using Xunit;

namespace CosmosKernel.Tests.Cosmos;

/// <summary>What of the Cosmos API needs no machine.</summary>
public sealed class CommonApiTests
{
    [Theory]
    [InlineData(@"0:\", null, @"0:\")]
    [InlineData(@"0:\a", @"0:\", "a")]
    [InlineData(@"0:\a\b.txt", @"0:\a", "b.txt")]
    public void APathHasADirectoryAndAName(string path, string? parent, string name)
    {
        Assert.Equal(parent, DrivePath.ParentOf(path));
        Assert.Equal(name, DrivePath.NameOf(path));
        if (parent is not null)
        {
            Assert.Equal(path, DrivePath.Join(parent, name));
        }
    }

    [Theory]
    [InlineData("Intel(R) Core(TM) i7-4770K CPU @ 3.50GHz", 3_500_000_000)]
    [InlineData("Pentium 133 MHz", 133_000_000)]
    [InlineData("QEMU Virtual CPU version 2.5+", 0)]
    [InlineData("GHz", 0)]
    [InlineData("", 0)]
    public void ABrandStringMayTellTheFrequency(string brand, long hertz) => Assert.Equal(hertz, CPU.EstimateCPUSpeedFromName(brand));

    [Fact]
    public void NumbersAreWrittenInHexadecimalDigits()
    {
        Assert.Equal("0A", ((byte)10).ToHex());
        Assert.Equal("00FF", 255.ToHex());
        Assert.Equal("FFFFFFFF", (-1).ToHex());
        Assert.Equal("000000FF", 255u.ToHex());
        Assert.Equal("00000000000000FF", 255ul.ToHex());
        Assert.Equal("FF", 255ul.ToHex(withPadding: false));
        byte[] bytes = new byte[8];
        bytes.SetUInt32(2, 0x01020304);
        Assert.Equal([0, 0, 4, 3, 2, 1, 0, 0], bytes);
        Assert.Throws<ArgumentOutOfRangeException>(() => bytes.SetUInt64(1, 0));
        Assert.Equal(0x12, BinaryHelper.GetByteFrom32bit(0x00120000, 16));
        Assert.Equal(0b101, BinaryHelper.FlipBit((byte)0b100, 0));
    }

    [Fact]
    public void ThePointerStaysOnTheScreenAndKeepsWhatIsLessThanAPixel()
    {
        MouseManager.ScreenWidth = 0;
        MouseManager.HandleMouse(5, 5, 1, 0);
        Assert.Equal(MouseState.None, MouseManager.MouseState);
        (MouseManager.ScreenWidth, MouseManager.ScreenHeight) = (100, 50);
        (MouseManager.X, MouseManager.Y) = (10, 10);
        MouseManager.MouseSensitivity = 0.5f;
        MouseManager.HandleMouse(1, -1, 1, 1);
        MouseManager.HandleMouse(1, -1, 3, 1);
        Assert.Equal((11u, 9u), (MouseManager.X, MouseManager.Y));
        Assert.Equal((MouseState.Left, MouseState.Left | MouseState.Right), (MouseManager.LastMouseState, MouseManager.MouseState));
        Assert.Equal((1, -1, 2), (MouseManager.DeltaX, MouseManager.DeltaY, MouseManager.ScrollDelta));
        Assert.Equal((0, 0), (MouseManager.DeltaX, MouseManager.DeltaY));
        MouseManager.HandleMouse(10_000, -10_000, 0, 0);
        Assert.Equal((99u, 0u), (MouseManager.X, MouseManager.Y));
        MouseManager.ScreenWidth = 20;
        Assert.Equal(19u, MouseManager.X);
    }

    [Fact]
    public void BlocksOfMemoryAreChecked()
    {
        var block = new ManagedMemoryBlock(16);
        block.Fill(0x01020304);
        block.Write16(4, 0xABCD);
        Assert.Equal((0xABCD, 0x0102ABCDu, (byte)4), (block.Read16(4), block.Read32(4), block[0]));
        block.Copy(2, new[] { 1, 2 }, 0, 2);
        Assert.Equal(2u, block.Read32(12));
        Assert.Throws<ArgumentOutOfRangeException>(() => block.Write32(14, 0));
        Assert.Throws<IndexOutOfRangeException>(() => block[16]);
        int[] filled = new int[3];
        MemoryOperations.Fill(filled, 7);
        MemoryOperations.Copy(filled, 1, [1, 2, 3], 2, 1);
        Assert.Equal([7, 3, 7], filled);
    }
}
