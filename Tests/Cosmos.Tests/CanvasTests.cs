using System;
using System.Collections.Generic;
using System.Drawing;
using Cosmos.System.Graphics;
using Cosmos.System.Graphics.Fonts;
using Xunit;

namespace CosmosKernel.Tests.Cosmos;

/// <summary>What the canvas draws, pixel by pixel.</summary>
public sealed class CanvasTests
{
    private static readonly Color s_white = Color.White;

    [Fact]
    public void ALineHasBothItsEnds() => Shows(
        """
        #.....
        .##...
        ...##.
        .....#
        """,
        canvas => canvas.DrawLine(s_white, 0, 0, 5, 3));

    [Fact]
    public void ALineIsTheSameFromEitherEnd()
    {
        for (int x = 0; x < 12; x++)
        {
            for (int y = 0; y < 12; y++)
            {
                var there = new TestCanvas(12, 12);
                there.DrawLine(s_white, 0, 0, x, y);
                Assert.Equal(Math.Max(x, y) + 1, Count(there));
                Assert.NotEqual(Color.Black.ToArgb(), there.GetRawPointColor(x, y));
            }
        }
    }

    [Fact]
    public void WhatIsOutsideDoesNotChangeWhatIsInside()
    {
        // The same line on a canvas that holds all of it, and on one that holds the middle.
        var random = new Random(1);
        for (int i = 0; i < 200; i++)
        {
            int x1 = random.Next(60), y1 = random.Next(60), x2 = random.Next(60), y2 = random.Next(60);
            var large = new TestCanvas(60, 60);
            large.DrawLine(s_white, x1, y1, x2, y2);
            var small = new TestCanvas(20, 20);
            small.DrawLine(s_white, x1 - 20, y1 - 20, x2 - 20, y2 - 20);
            Assert.Equal(large.GetImage(20, 20, 20, 20).RawData, small.GetImage(0, 0, 20, 20).RawData);
        }
    }

    [Theory]
    [InlineData(int.MinValue, 3, int.MaxValue, 3, 8)]
    [InlineData(3, int.MinValue, 3, int.MaxValue, 8)]
    [InlineData(int.MinValue, int.MinValue, int.MaxValue, int.MaxValue, 8)]
    [InlineData(-10, -10, -1, -1, 0)]
    [InlineData(8, 0, 100, 0, 0)]
    public void LinesOfAnyLengthAreCutAtTheEdges(int x1, int y1, int x2, int y2, int pixels)
    {
        var canvas = new TestCanvas(8, 8);
        canvas.DrawLine(s_white, x1, y1, x2, y2);
        Assert.Equal(pixels, Count(canvas));
    }

    [Fact]
    public void ACircleIsTheMidpointAlgorithms() => Shows(
        """
        ...#####...
        ..#.....#..
        .#.......#.
        #.........#
        #.........#
        #.........#
        #.........#
        #.........#
        .#.......#.
        ..#.....#..
        ...#####...
        """,
        canvas => canvas.DrawCircle(s_white, 5, 5, 5));

    [Fact]
    public void AnEllipseClosesAtItsNarrowEnds() => Shows(
        """
        ..#####..
        .#.....#.
        #.......#
        .#.....#.
        ..#####..
        """,
        canvas => canvas.DrawEllipse(s_white, 4, 2, 4, 2));

    [Fact]
    public void ADiscIsItsEdgeAndWhatIsInIt()
    {
        for (int xRadius = 0; xRadius < 14; xRadius++)
        {
            for (int yRadius = 0; yRadius < 14; yRadius++)
            {
                var edge = new TestCanvas(30, 30);
                edge.DrawEllipse(s_white, 15, 15, xRadius, yRadius);
                var disc = new TestCanvas(30, 30);
                disc.DrawFilledEllipse(s_white, 15, 15, yRadius, xRadius);
                FillOutside(edge);
                Assert.Equal(edge.Picture(), disc.Picture());
            }
        }
    }

    [Fact]
    public void ACircleDrawsNoPixelTwice()
    {
        var once = new TestCanvas(40, 40);
        var mixed = new TestCanvas(40, 40);
        for (int radius = 0; radius < 15; radius++)
        {
            once.Clear();
            mixed.Clear();
            once.DrawCircle(s_white, 20, 20, radius);
            mixed.DrawCircle(Color.FromArgb(128, 255, 255, 255), 20, 20, radius);
            Assert.Equal(once.Picture(), mixed.Picture());
            Assert.DoesNotContain(mixed.GetImage(0, 0, 40, 40).RawData, pixel => (pixel & 0xFF) is not (0 or 128));
        }
    }

    [Fact]
    public void RoundShapesAreCutAtTheEdges()
    {
        var canvas = new TestCanvas(4, 4);
        canvas.DrawFilledCircle(s_white, int.MinValue, int.MaxValue, 30_000);
        canvas.DrawCircle(s_white, -5, -5, 3);
        Assert.Equal(0, Count(canvas));
        canvas.DrawFilledCircle(s_white, 0, 0, 30_000);
        Assert.Equal(16, Count(canvas));
        Assert.Throws<ArgumentOutOfRangeException>(() => canvas.DrawCircle(s_white, 0, 0, 30_001));
    }

    [Fact]
    public void ARectanglesEdgeIsOneLargerThanAFilledOne()
    {
        Shows("#####\n#...#\n#...#\n#####\n.....\n", canvas => canvas.DrawRectangle(s_white, 0, 0, 4, 3));
        Shows("####.\n####.\n####.\n.....\n.....\n", canvas => canvas.DrawFilledRectangle(s_white, 0, 0, 4, 3));
        Shows("##...\n##...\n.....\n.....\n.....\n", canvas => canvas.DrawFilledRectangle(s_white, -1, -2, 3, 4));
        Shows("..###\n..###\n..###\n..###\n..###\n", canvas => canvas.DrawFilledRectangle(s_white, 2, 0, int.MaxValue, int.MaxValue));
    }

    [Fact]
    public void PolygonsAndTrianglesAreClosed()
    {
        Shows("#####\n#..#.\n#.#..\n##...\n#....\n", canvas => canvas.DrawTriangle(s_white, 0, 0, 4, 0, 0, 4));
        Shows("#####\n#...#\n#...#\n#...#\n#####\n", canvas => canvas.DrawPolygon(s_white, new Point(0, 0), new Point(4, 0), new Point(4, 4), new Point(0, 4)));
        Assert.Throws<ArgumentException>(() => new TestCanvas(5, 5).DrawPolygon(s_white, new Point(0, 0), new Point(4, 0)));
    }

    [Fact]
    public void AWholeArcIsTheEllipse()
    {
        var arc = new TestCanvas(70, 70);
        arc.DrawArc(35, 35, 30, 30, s_white);
        var disc = new TestCanvas(70, 70);
        disc.DrawFilledCircle(s_white, 35, 35, 30);
        FillOutside(arc);
        Assert.InRange(Count(arc), Count(disc) - 40, Count(disc) + 40);
    }

    [Fact]
    public void ColoursThatAreNotOpaqueAreMixed()
    {
        var canvas = new TestCanvas(4, 1);
        canvas.Clear(Color.FromArgb(255, 100, 0, 200));
        canvas.DrawPoint(Color.FromArgb(51, 200, 255, 0), 0, 0);
        canvas.DrawFilledRectangle(Color.FromArgb(51, 200, 255, 0), 1, 0, 1, 1);
        canvas.DrawPoint(Color.FromArgb(0, 1, 2, 3), 2, 0);
        Assert.Equal(unchecked((int)0xFF7833A0), canvas.GetRawPointColor(0, 0));
        Assert.Equal(unchecked((int)0xFF7833A0), canvas.GetRawPointColor(1, 0));
        Assert.Equal(Color.FromArgb(255, 100, 0, 200), canvas.GetPointColor(2, 0));
        Assert.Equal(Color.FromArgb(255, 120, 51, 160), Canvas.AlphaBlend(Color.FromArgb(200, 255, 0), Color.FromArgb(100, 0, 200), 51));
    }

    [Fact]
    public void PointsOutsideAreNotDrawnAndCannotBeRead()
    {
        var canvas = new TestCanvas(3, 2);
        foreach ((int x, int y) in new[] { (-1, 0), (0, -1), (3, 0), (0, 2), (int.MinValue, int.MaxValue) })
        {
            canvas.DrawPoint(s_white, x, y);
            canvas.DrawPoint(uint.MaxValue, x, y);
            canvas.DrawPoint(-1, x, y);
            Assert.Throws<ArgumentOutOfRangeException>(() => canvas.GetPointColor(x, y));
        }

        Assert.Equal(0, Count(canvas));
    }

    [Fact]
    public void ImagesAreCutScaledAndMixed()
    {
        var image = new Bitmap(2, 2, ColorDepth.ColorDepth32);
        image.RawData = [unchecked((int)0xFFFFFFFF), 0x00FFFFFF, 0, unchecked((int)0xFFFFFFFF)];
        Shows("##\n.#\n", canvas => canvas.DrawImage(image, 0, 0), 2, 2);
        Shows("#.\n.#\n", canvas => canvas.DrawImageAlpha(image, 0, 0), 2, 2);
        Shows("#.\n..\n", canvas => canvas.DrawImage(image, -1, -1), 2, 2);
        Shows("####\n####\n..##\n..##\n", canvas => canvas.DrawImage(image, 0, 0, 4, 4), 4, 4);
        Shows("#.\n..\n", canvas => canvas.CroppedDrawImage(image, 0, 0, 1, 5), 2, 2);
        Shows("..\n..\n", canvas => canvas.DrawImage(image, 0, 0, -1, 0), 2, 2);
        Assert.Throws<ArgumentException>(() => new TestCanvas(2, 2).DrawArray(new int[3], 0, 0, 2, 2));
    }

    [Fact]
    public void WhatIsDrawnCanBeTakenAsAnImage()
    {
        var canvas = new TestCanvas(4, 4);
        canvas.DrawPoint(Color.Red, 3, 3);
        Bitmap image = canvas.GetImage(2, 2, 3, 3);
        Assert.Equal(Color.Red.ToArgb(), image.RawData[4]);
        Assert.Equal(0, image.RawData[8]);
    }

    [Fact]
    public void TextIsDrawnGlyphByGlyph()
    {
        var font = new PCScreenFont(10, 2, [0, 0, 0, 0, 0b1010_0000, 0b0100_0000, 0xFF, 0xC0], [PCScreenFont.MappingOf(1, ['A', 0x3B1], [])]);
        Shows("#.#......#..\n##########..\n", canvas => canvas.DrawString("A", font, s_white, 0, 0), 12, 2);
        Shows("#.#......##.\n############\n", canvas => canvas.DrawString("\u03B1A", font, s_white, 0, 0), 12, 2);
        Shows("............\n#.#......#..\n", canvas => canvas.DrawChar('A', font, s_white, 0, 1), 12, 2);
    }

    [Fact]
    public void ThePensOfOldKernelsDrawTheSame()
    {
        var pen = new Pen(s_white, 3);
        var with = new TestCanvas(40, 40);
        with.DrawLine(pen, 1, 1, 30, 20);
        with.DrawFilledCircle(pen, new Point(20, 20), 6);
        with.DrawRectangle(pen, 2.5f, 3.5f, 10f, 12f);
        with.DrawString("x", PCScreenFont.Default, pen, 20, 2);
        var without = new TestCanvas(40, 40);
        without.DrawLine(s_white, 1, 1, 30, 20);
        without.DrawFilledCircle(s_white, 20, 20, 6);
        without.DrawRectangle(s_white, 2, 3, 10, 12);
        without.DrawString("x", PCScreenFont.Default, s_white, 20, 2);
        Assert.Equal(without.Picture(), with.Picture());
    }

    private static void Shows(string expected, Action<Canvas> draw, int width = 0, int height = 0)
    {
        string[] lines = expected.TrimEnd('\n').Split('\n');
        var canvas = new TestCanvas(width == 0 ? lines[0].Length : width, height == 0 ? lines.Length : height);
        draw(canvas);
        Assert.Equal(string.Join('\n', lines) + "\n", canvas.Picture());
    }

    private static int Count(TestCanvas canvas) => canvas.Picture().Replace(".", "").Replace("\n", "").Length;

    // Fills everything that the canvas's corner does not reach.
    private static void FillOutside(TestCanvas canvas)
    {
        int width = canvas.Mode.Columns;
        int height = canvas.Mode.Rows;
        var outside = new HashSet<(int X, int Y)>();
        var open = new Queue<(int X, int Y)>([(0, 0)]);
        while (open.TryDequeue(out (int X, int Y) point))
        {
            if (point.X < 0 || point.Y < 0 || point.X >= width || point.Y >= height || (canvas.GetRawPointColor(point.X, point.Y) & 1) != 0 || !outside.Add(point))
            {
                continue;
            }

            open.Enqueue((point.X + 1, point.Y));
            open.Enqueue((point.X - 1, point.Y));
            open.Enqueue((point.X, point.Y + 1));
            open.Enqueue((point.X, point.Y - 1));
        }

        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                if (!outside.Contains((x, y)))
                {
                    canvas.DrawPoint(s_white, x, y);
                }
            }
        }
    }
}
