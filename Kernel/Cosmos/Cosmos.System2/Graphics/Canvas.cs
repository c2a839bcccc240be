using System;
using System.Collections.Generic;
using System.Drawing;
using CosmosKernel.Machine.Locking;

namespace Cosmos.System.Graphics;

/// <summary>
/// A surface to draw on. Coordinates count from the top left corner; what lies outside is not drawn, and never an error, unless a member says otherwise. A colour that is not
/// opaque is mixed with what is there, each pixel once. Numbers for colours are 0xAARRGGBB and are stored as they are. Not synchronized: threads that draw on the same canvas
/// need a lock. Any task.
/// </summary>
[Owned]
public abstract partial class Canvas
{
    private const int OpaqueAlpha = 255;

    /// <summary>A canvas whose mode is set later.</summary>
    protected Canvas()
    {
    }

    /// <summary>A canvas of a mode.</summary>
    protected Canvas(Mode mode)
    {
        _ = mode;
    }

    /// <summary>Modes that <see cref="Mode"/> can be set to.</summary>
    public abstract List<Mode> AvailableModes { get; }

    /// <summary>The mode that is taken when none is asked for.</summary>
    public abstract Mode DefaultGraphicsMode { get; }

    /// <summary>The mode that is taken when none is asked for, by the name that Cosmos used until 2022.</summary>
    public Mode DefaultGraphicMode => DefaultGraphicsMode;

    /// <summary>Size and depth.</summary>
    public abstract Mode Mode { get; set; }

    /// <summary>The width as an int: coordinates may be negative.</summary>
    private int Columns => (int)Mode.Width;

    private int Rows => (int)Mode.Height;

    /// <summary>Mixes two colours.</summary>
    /// <param name="to">The one that is laid over the other.</param>
    /// <param name="from">The other.</param>
    /// <param name="alpha">Share of <paramref name="to"/>, 0 to 255.</param>
    /// <returns>The result, opaque.</returns>
    public static Color AlphaBlend(Color to, Color from, byte alpha) => Color.FromArgb(Mix(to.ToArgb(), from.ToArgb(), alpha));

    /// <summary>Makes everything black.</summary>
    public void Clear() => Clear(Color.Black);

    /// <summary>Gives all pixels a colour, 0xAARRGGBB.</summary>
    public abstract void Clear(int color);

    /// <summary>Gives all pixels a colour.</summary>
    public virtual void Clear(Color color) => Clear(color.ToArgb());

    /// <summary>Ends the graphics mode: the text console is on the screen again.</summary>
    public abstract void Disable();

    /// <summary>Draws a pixel.</summary>
    public abstract void DrawPoint(Color color, int x, int y);

    /// <summary>Stores a pixel.</summary>
    public virtual void DrawPoint(uint color, int x, int y) => DrawPoint((int)color, x, y);

    /// <summary>Stores a pixel.</summary>
    public virtual void DrawPoint(int color, int x, int y) => DrawPoint(Color.FromArgb(color), x, y);

    /// <summary>What the canvas draws on.</summary>
    public abstract string Name();

    /// <summary>Shows what was drawn since the last call.</summary>
    public abstract void Display();

    /// <summary>The colour of a pixel.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is outside.</exception>
    public abstract Color GetPointColor(int x, int y);

    /// <summary>A pixel as it is stored.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is outside.</exception>
    public virtual int GetRawPointColor(int x, int y) => GetPointColor(x, y).ToArgb();

    /// <summary>Draws a rectangle of pixels, row after row.</summary>
    /// <exception cref="ArgumentException">There are fewer colours than pixels.</exception>
    public virtual void DrawArray(Color[] colors, int x, int y, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(colors);
        Window window = WindowOf(x, y, width, height, colors.Length);
        for (int row = window.Top; row < window.Bottom; row++)
        {
            for (int column = window.Left; column < window.Right; column++)
            {
                DrawPoint(colors[(row * width) + column], x + column, y + row);
            }
        }
    }

    /// <summary>Stores a rectangle of pixels, row after row.</summary>
    /// <exception cref="ArgumentException">There are fewer colours than pixels.</exception>
    public virtual void DrawArray(int[] colors, int x, int y, int width, int height) => DrawArray(colors, x, y, width, height, 0);

    /// <summary>Stores a rectangle of pixels, row after row.</summary>
    /// <param name="colors">The pixels.</param>
    /// <param name="x">Left column.</param>
    /// <param name="y">Top row.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="startIndex">The first of them.</param>
    /// <exception cref="ArgumentException">There are fewer colours than pixels.</exception>
    public virtual void DrawArray(int[] colors, int x, int y, int width, int height, int startIndex)
    {
        ArgumentNullException.ThrowIfNull(colors);
        ArgumentOutOfRangeException.ThrowIfNegative(startIndex);
        Window window = WindowOf(x, y, width, height, (long)colors.Length - startIndex);
        for (int row = window.Top; row < window.Bottom; row++)
        {
            StoreRow(colors.AsSpan(startIndex + (row * width) + window.Left, window.Right - window.Left), x + window.Left, y + row);
        }
    }

    /// <summary>Stores an image: its pixels take the place of what is there, whatever their alpha.</summary>
    /// <param name="image">The image.</param>
    /// <param name="x">Left column.</param>
    /// <param name="y">Top row.</param>
    /// <param name="preventOffBoundPixels">Either: what is outside is not drawn.</param>
    public virtual void DrawImage(Image image, int x, int y, bool preventOffBoundPixels = true)
    {
        ArgumentNullException.ThrowIfNull(image);
        DrawArray(image.RawData, x, y, (int)image.Width, (int)image.Height, 0);
    }

    /// <summary>Stores an image in another size; each pixel is the nearest one of the image.</summary>
    public virtual void DrawImage(Image image, int x, int y, int w, int h, bool preventOffBoundPixels = true)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (image.Width == 0 || image.Height == 0)
        {
            return;
        }

        Window window = WindowOf(x, y, w, h, long.MaxValue);
        int[] line = new int[window.Right - window.Left];
        for (int row = window.Top; row < window.Bottom; row++)
        {
            int from = (int)((long)row * image.Height / h) * (int)image.Width;
            for (int column = window.Left; column < window.Right; column++)
            {
                line[column - window.Left] = image.RawData[from + (int)((long)column * image.Width / w)];
            }

            StoreRow(line, x + window.Left, y + row);
        }
    }

    /// <summary>Stores the top left part of an image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="x">Left column.</param>
    /// <param name="y">Top row.</param>
    /// <param name="maxWidth">Columns of the image to show at most.</param>
    /// <param name="maxHeight">Rows of the image to show at most.</param>
    /// <param name="preventOffBoundPixels">Either: what is outside is not drawn.</param>
    public virtual void CroppedDrawImage(Image image, int x, int y, int maxWidth, int maxHeight, bool preventOffBoundPixels = true)
    {
        ArgumentNullException.ThrowIfNull(image);
        int width = (int)image.Width;
        Window window = WindowOf(x, y, Math.Min(width, maxWidth), Math.Min((int)image.Height, maxHeight), image.RawData.Length);
        for (int row = window.Top; row < window.Bottom; row++)
        {
            StoreRow(image.RawData.AsSpan((row * width) + window.Left, window.Right - window.Left), x + window.Left, y + row);
        }
    }

    /// <summary>Draws an image, each pixel mixed with what is there as its alpha says.</summary>
    public void DrawImageAlpha(Image image, int x, int y, bool preventOffBoundPixels = true)
    {
        ArgumentNullException.ThrowIfNull(image);
        int width = (int)image.Width;
        Window window = WindowOf(x, y, width, (int)image.Height, image.RawData.Length);
        for (int row = window.Top; row < window.Bottom; row++)
        {
            MixRow(image.RawData.AsSpan((row * width) + window.Left, window.Right - window.Left), x + window.Left, y + row);
        }
    }

    /// <summary>Copies a part of the canvas. Pixels outside are black and transparent.</summary>
    public virtual Bitmap GetImage(int x, int y, int width, int height)
    {
        var image = new Bitmap((uint)Math.Max(width, 0), (uint)Math.Max(height, 0), ColorDepth.ColorDepth32);
        Window window = WindowOf(x, y, width, height, image.RawData.Length);
        for (int row = window.Top; row < window.Bottom; row++)
        {
            for (int column = window.Left; column < window.Right; column++)
            {
                image.RawData[(row * width) + column] = GetRawPointColor(x + column, y + row);
            }
        }

        return image;
    }

    /// <summary>Mixes two colours, 0xAARRGGBB.</summary>
    /// <param name="over">The one that is laid over the other.</param>
    /// <param name="under">The other.</param>
    /// <param name="alpha">Share of <paramref name="over"/>, 0 to 255.</param>
    /// <returns>The result, opaque.</returns>
    internal static int Mix(int over, int under, int alpha)
    {
        const int Opaque = unchecked((int)0xFF000000);
        return Opaque | (MixChannel(over, under, alpha, 16) << 16) | (MixChannel(over, under, alpha, 8) << 8) | MixChannel(over, under, alpha, 0);
    }

    /// <summary>Draws pixels of a row in one colour. The row and all of them are inside.</summary>
    internal virtual void FillRow(Color color, int x, int y, int count)
    {
        for (int i = 0; i < count; i++)
        {
            DrawPoint(color, x + i, y);
        }
    }

    /// <summary>Stores pixels of a row. The row and all of them are inside.</summary>
    internal virtual void StoreRow(ReadOnlySpan<int> pixels, int x, int y)
    {
        for (int i = 0; i < pixels.Length; i++)
        {
            DrawPoint(pixels[i], x + i, y);
        }
    }

    /// <summary>Mixes pixels with those of a row. The row and all of them are inside.</summary>
    internal virtual void MixRow(ReadOnlySpan<int> pixels, int x, int y)
    {
        for (int i = 0; i < pixels.Length; i++)
        {
            DrawPoint(Color.FromArgb(pixels[i]), x + i, y);
        }
    }

    /// <summary>Whether a mode is one of <see cref="AvailableModes"/>.</summary>
    protected bool CheckIfModeIsValid(Mode mode) => AvailableModes.Contains(mode);

    /// <summary>Refuses modes that the canvas does not have.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is none of <see cref="AvailableModes"/>.</exception>
    protected void ThrowIfModeIsNotValid(Mode mode)
    {
        if (!CheckIfModeIsValid(mode))
        {
            throw new ArgumentOutOfRangeException(nameof(mode), $"{Name()} has no mode {mode}");
        }
    }

    /// <summary>Refuses points outside.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is outside.</exception>
    protected void ThrowIfCoordNotValid(int x, int y)
    {
        if ((uint)x >= Mode.Width || (uint)y >= Mode.Height)
        {
            throw new ArgumentOutOfRangeException((uint)x >= Mode.Width ? nameof(x) : nameof(y), $"({x}, {y}) is outside of {Mode.Width} by {Mode.Height} pixels");
        }
    }

    /// <summary>Refuses points outside.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is outside.</exception>
    protected void ThrowIfCoordNotValid(Point point) => ThrowIfCoordNotValid(point.X, point.Y);

    private static int MixChannel(int over, int under, int alpha, int shift)
    {
        int sum = (((over >> shift) & 0xFF) * alpha) + (((under >> shift) & 0xFF) * (OpaqueAlpha - alpha));
        return (sum + (OpaqueAlpha / 2)) / OpaqueAlpha;
    }

    // The part of a rectangle that is on the canvas, in the rectangle's own coordinates.
    private Window WindowOf(int x, int y, int width, int height, long available)
    {
        if (width <= 0 || height <= 0)
        {
            return default;
        }

        if ((long)width * height > available)
        {
            throw new ArgumentException($"{width} by {height} pixels need {(long)width * height} colours; there are {Math.Max(available, 0)}");
        }

        int left = (int)Math.Clamp(-(long)x, 0, width);
        int top = (int)Math.Clamp(-(long)y, 0, height);
        return new Window(left, top, (int)Math.Clamp((long)Columns - x, left, width), (int)Math.Clamp((long)Rows - y, top, height));
    }

    private readonly record struct Window(int Left, int Top, int Right, int Bottom);
}
