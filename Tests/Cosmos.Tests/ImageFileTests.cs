using System;
using System.IO;
using Cosmos.System.Graphics;
using Cosmos.System.Graphics.Fonts;
using Xunit;

namespace CosmosKernel.Tests.Cosmos;

/// <summary>BMP and PSF files: what they mean, and that no file does harm.</summary>
public sealed class ImageFileTests
{
    [Theory]
    [InlineData(ColorDepth.ColorDepth24)]
    [InlineData(ColorDepth.ColorDepth32)]
    public void AnImageIsTheSameAfterItWasSavedAndRead(ColorDepth depth)
    {
        for (uint width = 1; width < 6; width++)
        {
            Bitmap image = Sample(width, 3, depth);
            var read = new Bitmap(Saved(image));
            Assert.Equal((image.Width, image.Height, image.Depth), (read.Width, read.Height, read.Depth));
            Assert.Equal(image.RawData, read.RawData);
        }
    }

    [Fact]
    public void RowsMayBeFromTheTop()
    {
        byte[] file = Saved(Sample(2, 2, ColorDepth.ColorDepth32));
        var upright = new Bitmap(file);
        BitConverter.TryWriteBytes(file.AsSpan(22), -2);
        var turned = new Bitmap(file);
        Assert.Equal(upright.RawData[..2], turned.RawData[2..]);
        Assert.Equal(upright.RawData[2..], turned.RawData[..2]);
    }

    [Fact]
    public void BytesOfPixelsAreBlueFirst()
    {
        Assert.Equal([unchecked((int)0xFF030201)], new Bitmap(1, 1, [1, 2, 3], ColorDepth.ColorDepth24).RawData);
        Assert.Equal([0x04030201], new Bitmap(1, 1, [1, 2, 3, 4], ColorDepth.ColorDepth32).RawData);
        Assert.Throws<ArgumentException>(() => new Bitmap(2, 2, new byte[11], ColorDepth.ColorDepth24));
        Assert.Throws<NotSupportedException>(() => new Bitmap(1, 1, new byte[1], ColorDepth.ColorDepth8));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Bitmap(uint.MaxValue, uint.MaxValue, ColorDepth.ColorDepth32));
    }

    [Fact]
    public void NoBitmapFileDoesHarm() => FileMutations.Attempt(Saved(Sample(7, 5, ColorDepth.ColorDepth24)), 14, file => _ = new Bitmap(file));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void NoFontFileDoesHarm(int version) => FileMutations.Attempt(version == 1 ? OldFont() : NewFont(), 32, file =>
    {
        PCScreenFont font = PCScreenFont.LoadFont(file);
        new TestCanvas(20, 20).DrawString("A\u00E9~\uFFFF", font, System.Drawing.Color.White, 0, 0);
    });

    [Fact]
    public void TheTableOfAFontSaysWhichCharacterIsWhich()
    {
        foreach (byte[] file in new[] { OldFont(), NewFont() })
        {
            PCScreenFont font = PCScreenFont.LoadFont(file);
            var canvas = new TestCanvas(8, 1);
            canvas.DrawChar('é', font, System.Drawing.Color.White, 0, 0);
            Assert.Equal("#.#.#.#.\n", canvas.Picture());
            canvas.Clear();
            canvas.DrawChar('z', font, System.Drawing.Color.White, 0, 0);
            Assert.Equal("####....\n", canvas.Picture());
        }
    }

    [Fact]
    public void AFontWithoutATableHasItsCharactersInOrder()
    {
        byte[] file = new byte[4 + 256];
        (file[0], file[1], file[3], file[4 + 'B']) = (0x36, 0x04, 1, 0x81);
        var canvas = new TestCanvas(8, 1);
        canvas.DrawString("B", PCScreenFont.LoadFont(file), System.Drawing.Color.White, 0, 0);
        Assert.Equal("#......#\n", canvas.Picture());
    }

    [Fact]
    public void TheDefaultFontHasCodePage437InItsOrder()
    {
        PCScreenFont font = PCScreenFont.Default;
        Assert.Equal((8, 16), (font.Width, font.Height));
        Assert.Same(font, PCScreenFont.Default);

        // The full block, whose number is 0xDB, by number and by character.
        Assert.All(font.Data[(0xDB * 16)..(0xDC * 16)], row => Assert.Equal(0xFF, row));
        var canvas = new TestCanvas(8, 16);
        canvas.DrawChar('█', font, System.Drawing.Color.White, 0, 0);
        Assert.DoesNotContain('.', canvas.Picture());
        Assert.Equal(256 * 16, font.CreateVGAFont().Length);
    }

    private static Bitmap Sample(uint width, uint height, ColorDepth depth)
    {
        var image = new Bitmap(width, height, depth);
        for (int i = 0; i < image.RawData.Length; i++)
        {
            image.RawData[i] = depth == ColorDepth.ColorDepth24 ? unchecked((int)0xFF000000) | (i * 0x010305) : (int)(0x12345678 + ((uint)i * 0x01010101));
        }

        return image;
    }

    private static byte[] Saved(Bitmap image)
    {
        var stream = new MemoryStream();
        image.Save(stream, ImageFormat.BMP);
        return stream.ToArray();
    }

    // Each character is one row; that of 'é' is 0xAA, that of '?' 0xF0.
    private static byte[] OldFont()
    {
        var file = new MemoryStream();
        file.Write([0x36, 0x04, 2, 1]);
        byte[] rows = new byte[256];
        (rows[1], rows[2]) = (0xAA, 0xF0);
        file.Write(rows);
        foreach (ushort code in (ushort[])[' ', 0xFFFF, 0xE9, 0xFFFE, 'e', 0x301, 0xFFFF, '?', 0xFFFF])
        {
            file.Write(BitConverter.GetBytes(code));
        }

        return file.ToArray();
    }

    private static byte[] NewFont()
    {
        var file = new MemoryStream();
        foreach (uint number in (uint[])[0x864AB572, 0, 32, 1, 3, 1, 1, 8])
        {
            file.Write(BitConverter.GetBytes(number));
        }

        file.Write([0, 0xAA, 0xF0, (byte)' ', 0xFF, 0xC3, 0xA9, 0xFE, (byte)'e', 0xCC, 0x81, 0xFF, (byte)'?', 0xFF]);
        return file.ToArray();
    }
}
