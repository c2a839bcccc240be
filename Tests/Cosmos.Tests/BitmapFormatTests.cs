using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Cosmos.System.Graphics;
using Xunit;

namespace CosmosKernel.Tests.Cosmos;

/// <summary>BMP files of every form, written here pixel by pixel: each is read as what was written, and damaged ones are refused.</summary>
public sealed class BitmapFormatTests
{
    private const int Opaque = unchecked((int)0xFF000000);

    private static readonly int[] s_colors = [.. Enumerable.Range(0, 256).Select(i => (i * 0x1F3D5B) & 0xFFFFFF)];

    public static IEnumerable<object[]> HeadersOfMasks => from size in (int[])[40, 52, 56, 108, 124] from bits in (int[])[16, 32] select new object[] { size, bits };

    [Theory]
    [InlineData(1, 12)]
    [InlineData(1, 40)]
    [InlineData(1, 124)]
    [InlineData(4, 12)]
    [InlineData(4, 40)]
    [InlineData(4, 108)]
    [InlineData(8, 12)]
    [InlineData(8, 40)]
    [InlineData(8, 124)]
    public void APixelIsAColourOfThePalette(int bits, int header)
    {
        for (int width = 1; width < 20; width++)
        {
            foreach (bool topDown in (bool[])[false, header != 12])
            {
                var sample = new BitmapSample { Bits = bits, HeaderSize = header, TopDown = topDown, Palette = s_colors[..(1 << bits)] };
                int IndexAt(int x, int y) => ((x * 7) + (y * 13) + (x * y)) & ((1 << bits) - 1);
                Check(new Bitmap(sample.File(width, 3, (x, y) => (uint)IndexAt(x, y))), width, 3, (x, y) => Opaque | s_colors[IndexAt(x, y)], ColorDepth.ColorDepth24);
            }
        }
    }

    [Fact]
    public void APaletteMayBeShort()
    {
        var sample = new BitmapSample { Bits = 8, ColorsUsed = 3, Palette = s_colors[..3] };
        Check(new Bitmap(sample.File(4, 2, (x, y) => (uint)((x + y) % 3))), 4, 2, (x, y) => Opaque | s_colors[(x + y) % 3], ColorDepth.ColorDepth24);
        Refused("a pixel of colour 3, whose palette has 3", sample.File(4, 1, (x, _) => (uint)x));
        Refused("a palette of 17 colours; it can have 16", new BitmapSample { Bits = 4, ColorsUsed = 17, Palette = s_colors[..17] }.File(4, 1, (x, _) => (uint)x));
        Refused("its palette of 256 colours take 1078", new BitmapSample { Bits = 8, Palette = s_colors[..3] }.File(4, 1, (x, _) => (uint)x));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void SixteenBitsAreFiveOfEachColour(bool topDown)
    {
        var sample = new BitmapSample { Bits = 16, TopDown = topDown };

        // The unused bit is set in some: it means nothing.
        Check(new Bitmap(sample.File(32, 3, (x, y) => (uint)((y == 1 ? 0x8000 : 0) | (x << (5 * y))))), 32, 3, (x, y) => Opaque | (Scaled(x, 31) << (8 * y)), ColorDepth.ColorDepth24);
    }

    [Theory]
    [MemberData(nameof(HeadersOfMasks))]
    public void MasksSayWhereTheColoursAre(int header, int bits)
    {
        // 5, 6 and 5 bits; and of 32, ten each, red lowest, which is 0xFF only for all ones.
        uint[] masks = bits == 16 ? [0xF800, 0x7E0, 0x1F] : [0x3FF, 0xFFC00, 0x3FF00000];
        int[] shifts = bits == 16 ? [11, 5, 0] : [0, 10, 20];
        int[] largest = bits == 16 ? [31, 63, 31] : [1023, 1023, 1023];
        foreach (bool topDown in (bool[])[false, true])
        {
            var sample = new BitmapSample { Bits = bits, HeaderSize = header, Compression = 3, TopDown = topDown, Masks = masks };
            int ValueAt(int x, int color) => ((x * 37) + (color * 5)) & largest[color];
            byte[] file = sample.File(33, 2, (x, y) => (uint)((ValueAt(x, 0) << shifts[0]) | (ValueAt(x + y, 1) << shifts[1]) | (ValueAt(x, 2) << shifts[2])));
            Check(
                new Bitmap(file),
                33,
                2,
                (x, y) => Opaque | (Scaled(ValueAt(x, 0), largest[0]) << 16) | (Scaled(ValueAt(x + y, 1), largest[1]) << 8) | Scaled(ValueAt(x, 2), largest[2]),
                ColorDepth.ColorDepth24);
        }
    }

    [Theory]
    [InlineData(40, 6)]
    [InlineData(56, 3)]
    [InlineData(108, 3)]
    [InlineData(124, 3)]
    public void AMaskOfAlphaSaysHowOpaqueAPixelIs(int header, int compression)
    {
        var plain = new BitmapSample { Bits = 32, HeaderSize = header, Compression = compression, Masks = [0xFF0000, 0xFF00, 0xFF, 0xFF000000] };
        Check(new Bitmap(plain.File(5, 2, (x, y) => (uint)(0x12345678 + (x * 0x01010101) + y))), 5, 2, (x, y) => 0x12345678 + (x * 0x01010101) + y, ColorDepth.ColorDepth32);

        // Alpha lowest, and one bit of it.
        var turned = new BitmapSample { Bits = 32, HeaderSize = header, Compression = compression, Masks = [0xFF000000, 0xFF0000, 0xFF00, 0xFF] };
        Check(new Bitmap(turned.File(2, 1, (x, _) => x == 0 ? 0x11223344u : 0xFFEEDDCC)), 2, 1, (x, _) => x == 0 ? 0x44112233 : unchecked((int)0xCCFFEEDD), ColorDepth.ColorDepth32);
        var one = new BitmapSample { Bits = 16, HeaderSize = header, Compression = compression, Masks = [0x7C00, 0x3E0, 0x1F, 0x8000] };
        Check(new Bitmap(one.File(2, 1, (x, _) => x == 0 ? 0x7FFFu : 0x8000)), 2, 1, (x, _) => x == 0 ? 0xFFFFFF : Opaque, ColorDepth.ColorDepth32);
    }

    [Theory]
    [InlineData(24, 12)]
    [InlineData(24, 40)]
    [InlineData(24, 108)]
    [InlineData(24, 124)]
    [InlineData(32, 40)]
    [InlineData(32, 124)]
    public void PixelsOfEightBitsAColourNeedNoMasks(int bits, int header)
    {
        var sample = new BitmapSample { Bits = bits, HeaderSize = header };
        int Expected(int x, int y) => (bits == 24 ? Opaque : 0x10000000 * (x + 1)) | (x << 20) | (y << 10) | 0x55;
        Check(new Bitmap(sample.File(6, 4, (x, y) => (uint)Expected(x, y))), 6, 4, Expected, bits == 24 ? ColorDepth.ColorDepth24 : ColorDepth.ColorDepth32);
    }

    [Fact]
    public void RunsOfEightBitsAreReadWithAllTheirEscapes()
    {
        // Lowest row: 3 times 5, then 1 2 3 and what pads it; the next: one further right and one up, 2 times 7; the last is passed over.
        byte[] runs = [3, 5, 0, 3, 1, 2, 3, 0, 0, 0, 0, 2, 1, 1, 2, 7, 0, 0, 6, 9, 0, 1];
        var sample = new BitmapSample { Bits = 8, Compression = 1, Palette = s_colors };
        int[] expected =
        [
            9, 9, 9, 9, 9, 9,
            -1, 7, 7, -1, -1, -1,
            -1, -1, -1, -1, -1, -1,
            5, 5, 5, 1, 2, 3,
        ];
        Check(new Bitmap(sample.File(6, 4, runs)), 6, 4, (x, y) => expected[(y * 6) + x] is >= 0 and int i ? Opaque | s_colors[i] : 0, ColorDepth.ColorDepth32);
    }

    [Fact]
    public void RunsOfFourBitsAreReadWithAllTheirEscapes()
    {
        // Five pixels of two colours by turns; then three one by one, in two bytes; the next row one by one in three bytes and one that pads.
        byte[] runs = [5, 0x12, 0, 3, 0x34, 0x50, 0, 0, 0, 5, 0x67, 0x89, 0xA0, 0, 3, 0xBB, 0, 1];
        var sample = new BitmapSample { Bits = 4, Compression = 2, Palette = s_colors[..16] };
        int[] expected =
        [
            6, 7, 8, 9, 10, 11, 11, 11,
            1, 2, 1, 2, 1, 3, 4, 5,
        ];
        Check(new Bitmap(sample.File(8, 2, runs)), 8, 2, (x, y) => Opaque | s_colors[expected[(y * 8) + x]], ColorDepth.ColorDepth24);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(4)]
    public void WhatIsCompressedIsTheSameAfterwards(int bits)
    {
        var random = new Random(bits);
        for (int i = 0; i < 200; i++)
        {
            int width = random.Next(1, 600);
            int height = random.Next(1, 6);
            byte[] indexes = new byte[width * height];
            for (int at = 0; at < indexes.Length;)
            {
                byte value = (byte)random.Next(1 << bits);
                for (int n = random.Next(1, 5) == 1 ? random.Next(1, 400) : 1; n > 0 && at < indexes.Length; n--)
                {
                    indexes[at++] = value;
                }
            }

            // Without the mark at the end, too.
            byte[] runs = Compressed(indexes, width, height, bits);
            var sample = new BitmapSample { Bits = bits, Compression = bits == 8 ? 1 : 2, Palette = s_colors[..(1 << bits)], HeaderSize = i % 2 == 0 ? 40 : 108 };
            Check(new Bitmap(sample.File(width, height, i % 3 == 0 ? runs[..^2] : runs)), width, height, (x, y) => Opaque | s_colors[indexes[(y * width) + x]], ColorDepth.ColorDepth24);
        }
    }

    [Fact]
    public void RunsThatLeaveTheImageOrEndTooEarlyAreRefused()
    {
        var sample = new BitmapSample { Bits = 8, Compression = 1, Palette = s_colors[..16], ColorsUsed = 16 };
        foreach (byte[] runs in (byte[][])[[5, 1, 0, 1], [0, 5, 1, 1, 1, 1, 1, 0, 0, 1], [0, 2, 5, 0, 0, 1], [0, 2, 0, 3, 0, 1], [0, 0, 0, 0, 1, 1, 0, 1], [0, 0, 0, 0, 0, 0, 0, 1], [4, 1, 1, 1, 0, 1]])
        {
            Refused("a run that leaves them", sample.File(4, 2, runs));
        }

        foreach (byte[] runs in (byte[][])[[], [4], [4, 1], [4, 1, 0], [4, 1, 0, 0, 0, 4, 1, 1, 1], [4, 1, 0, 2, 0], [4, 1, 0, 0, 3, 1]])
        {
            Refused("ends in row", sample.File(4, 2, runs));
        }

        Refused("a pixel of colour 16", sample.File(4, 2, [4, 16, 0, 1]));
        Refused("whose first row is the top one", new BitmapSample { Bits = 8, Compression = 1, Palette = s_colors, TopDown = true }.File(1, 1, [1, 1, 0, 1]));
        Refused("does not fit", sample.File(60_000, 30_000, [0, 1]));
    }

    [Theory]
    [InlineData(2, 0, "2 bits a pixel; 1, 4, 8, 16, 24 and 32 are supported")]
    [InlineData(8, 4, "compression 4; 0 to 3 and 6 are supported")]
    [InlineData(24, 5, "compression 5; 0 to 3 and 6 are supported")]
    public void OtherFormsAreNotSupported(int bits, int compression, string expected)
    {
        byte[] file = new BitmapSample { Bits = bits, Compression = compression, Palette = bits == 8 ? s_colors : [] }.File(1, 1, (_, _) => 0);
        Assert.Contains(expected, Assert.Throws<NotSupportedException>(() => new Bitmap(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatContradictsItselfIsRefused()
    {
        Refused("24 bits a pixel with compression 3", new BitmapSample { Bits = 24, Compression = 3, Masks = [1, 2, 4] }.File(1, 1, (_, _) => 0));
        Refused("4 bits a pixel with compression 1", new BitmapSample { Bits = 4, Compression = 1, Palette = s_colors[..16] }.File(1, 1, (_, _) => 0));
        foreach (uint[] masks in (uint[][])[[0xF800, 0x7E0, 0x3F], [0xF800, 0x520, 0x1F], [0x1F0000, 0x7E0, 0x1F]])
        {
            Refused("colour masks", new BitmapSample { Bits = 16, Compression = 3, Masks = masks }.File(1, 1, (_, _) => 0));
        }

        Refused("0 by 1 pixels", new BitmapSample { Bits = 24 }.File(0, 1, (_, _) => 0));
        Refused("does not fit", new BitmapSample { Bits = 1, Palette = s_colors[..2] }.File(100, 100, new byte[1599 - 12]));
        _ = new Bitmap(new BitmapSample { Bits = 1, Palette = s_colors[..2] }.File(100, 100, new byte[1600 - 3]));
    }

    [Fact]
    public void NoBitmapOfAnyFormDoesHarm()
    {
        List<byte[]> files =
        [
            new BitmapSample { Bits = 1, HeaderSize = 12, Palette = s_colors[..2] }.File(19, 3, (x, y) => (uint)(x + y) & 1),
            new BitmapSample { Bits = 4, Palette = s_colors[..16] }.File(7, 3, (x, y) => (uint)(x + y)),
            new BitmapSample { Bits = 8, ColorsUsed = 9, Palette = s_colors[..9], TopDown = true }.File(7, 3, (x, y) => (uint)(x + y)),
            new BitmapSample { Bits = 16, Compression = 3, Masks = [0xF800, 0x7E0, 0x1F] }.File(5, 3, (x, y) => (uint)(x * y)),
            new BitmapSample { Bits = 32, HeaderSize = 124, Compression = 3, Masks = [0xFF0000, 0xFF00, 0xFF, 0xFF000000] }.File(5, 3, (x, y) => (uint)(x * y)),
            new BitmapSample { Bits = 8, Compression = 1, ColorsUsed = 8, Palette = s_colors[..8] }.File(9, 2, [9, 1, 0, 0, 0, 3, 1, 2, 3, 0, 0, 2, 2, 0, 4, 5, 0, 1]),
            new BitmapSample { Bits = 4, Compression = 2, Palette = s_colors[..16] }.File(9, 2, [9, 0x12, 0, 0, 0, 5, 0x12, 0x34, 0x50, 0, 4, 0x67, 0, 1]),
        ];
        foreach (byte[] file in files)
        {
            FileMutations.Attempt(file, 54, changed => _ = new Bitmap(changed), 3_000);
        }
    }

    private static int Scaled(int value, int largest) => ((value * 255) + (largest / 2)) / largest;

    private static void Refused(string expected, byte[] file) =>
        Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => new Bitmap(file)).Message, StringComparison.Ordinal);

    private static void Check(Bitmap image, int width, int height, Func<int, int, int> colorAt, ColorDepth depth)
    {
        Assert.Equal(((uint)width, (uint)height, depth), (image.Width, image.Height, image.Depth));
        Assert.Equal([.. from y in Enumerable.Range(0, height) from x in Enumerable.Range(0, width) select colorAt(x, y)], image.RawData);
    }

    // Runs where two or more are alike, else colours one by one.
    private static byte[] Compressed(byte[] indexes, int width, int height, int bits)
    {
        var runs = new List<byte>();
        for (int row = height - 1; row >= 0; row--)
        {
            ReadOnlySpan<byte> line = indexes.AsSpan(row * width, width);
            for (int x = 0; x < width;)
            {
                int alike = 1;
                while (x + alike < width && alike < 255 && line[x + alike] == line[x])
                {
                    alike++;
                }

                int single = 0;
                while (x + single < width && single < 255 && (x + single + 1 >= width || line[x + single] != line[x + single + 1]))
                {
                    single++;
                }

                if (single < 3)
                {
                    runs.AddRange([(byte)alike, (byte)(bits == 8 ? line[x] : line[x] * 0x11)]);
                    x += alike;
                    continue;
                }

                runs.AddRange([0, (byte)single]);
                int start = runs.Count;
                for (int i = 0; i < single; i += 8 / bits)
                {
                    runs.Add((byte)(bits == 8 ? line[x + i] : (line[x + i] << 4) | (i + 1 < single ? line[x + i + 1] : 0)));
                }

                runs.AddRange(new byte[(runs.Count - start) % 2]);
                x += single;
            }

            runs.AddRange([0, 0]);
        }

        runs.AddRange([0, 1]);
        return [.. runs];
    }
}
