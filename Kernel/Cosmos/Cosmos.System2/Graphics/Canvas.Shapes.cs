using System;
using System.Drawing;

namespace Cosmos.System.Graphics;

/// <content>Lines and shapes.</content>
public abstract partial class Canvas
{
    // Squares of products of two radii stay within a long.
    private const int LargestRadius = 30_000;

    /// <summary>Draws a line, both ends included. What is on the canvas is the same whether or not a part is outside.</summary>
    public virtual void DrawLine(Color color, int x1, int y1, int x2, int y2)
    {
        if (y1 == y2)
        {
            Run(color, Math.Min(x1, x2), y1, Math.Abs((long)x2 - x1) + 1);
            return;
        }

        long dx = (long)x2 - x1;
        long dy = (long)y2 - y1;
        bool isSteep = Math.Abs(dy) > Math.Abs(dx);
        long steps = Math.Max(Math.Abs(dx), Math.Abs(dy));
        (long from, long to) = isSteep ? StepsInside(y1, Math.Sign(dy), steps, Rows) : StepsInside(x1, Math.Sign(dx), steps, Columns);
        for (long i = from; i <= to; i++)
        {
            long x = isSteep ? x1 + Scaled(dx, i, steps) : x1 + (Math.Sign(dx) * i);
            long y = isSteep ? y1 + (Math.Sign(dy) * i) : y1 + Scaled(dy, i, steps);
            if (x >= 0 && x < Columns && y >= 0 && y < Rows)
            {
                DrawPoint(color, (int)x, (int)y);
            }
        }
    }

    /// <summary>Draws a circle's edge. Nothing when the radius is negative.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The radius is above 30,000.</exception>
    public virtual void DrawCircle(Color color, int xCenter, int yCenter, int radius) => Edge(color, xCenter, yCenter, radius, radius);

    /// <summary>Draws a disc, the edge that <see cref="DrawCircle(Color, int, int, int)"/> draws included.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The radius is above 30,000.</exception>
    public virtual void DrawFilledCircle(Color color, int x0, int y0, int radius) => Disc(color, x0, y0, radius, radius);

    /// <summary>Draws an ellipse's edge.</summary>
    /// <param name="color">Its colour.</param>
    /// <param name="xCenter">Column of its middle.</param>
    /// <param name="yCenter">Row of its middle.</param>
    /// <param name="xR">Half its width.</param>
    /// <param name="yR">Half its height.</param>
    /// <exception cref="ArgumentOutOfRangeException">A radius is above 30,000.</exception>
    public virtual void DrawEllipse(Color color, int xCenter, int yCenter, int xR, int yR) => Edge(color, xCenter, yCenter, xR, yR);

    /// <summary>Draws an ellipse with all that is in it. Mind the order: the height comes first, as in Cosmos.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A radius is above 30,000.</exception>
    public virtual void DrawFilledEllipse(Color color, int xCenter, int yCenter, int yR, int xR) => Disc(color, xCenter, yCenter, xR, yR);

    /// <summary>Draws a part of an ellipse's edge.</summary>
    /// <param name="x">Column of its middle.</param>
    /// <param name="y">Row of its middle.</param>
    /// <param name="width">Half its width.</param>
    /// <param name="height">Half its height.</param>
    /// <param name="color">Its colour.</param>
    /// <param name="startAngle">Where it begins: degrees, clockwise from the right.</param>
    /// <param name="endAngle">Where it ends.</param>
    public virtual void DrawArc(int x, int y, int width, int height, Color color, int startAngle = 0, int endAngle = 360)
    {
        if (width == 0 || height == 0)
        {
            return;
        }

        // Small enough that neighbours on the edge touch.
        double step = Math.Min(0.5, 45.0 / Math.Max(Math.Abs((double)width), Math.Abs((double)height)));
        (double X, double Y)? last = null;
        for (double angle = startAngle; angle < endAngle; angle += step)
        {
            double radians = Math.PI * angle / 180;
            double column = x + Math.Round(width * Math.Cos(radians));
            double row = y + Math.Round(height * Math.Sin(radians));
            if (last != (column, row) && column >= 0 && column < Columns && row >= 0 && row < Rows)
            {
                DrawPoint(color, (int)column, (int)row);
            }

            last = (column, row);
        }
    }

    /// <summary>Draws lines from each point to the next, and from the last to the first.</summary>
    /// <exception cref="ArgumentException">There are fewer than three.</exception>
    public virtual void DrawPolygon(Color color, params Point[] points)
    {
        ArgumentNullException.ThrowIfNull(points);
        if (points.Length < 3)
        {
            throw new ArgumentException($"a polygon of {points.Length} points; it has 3 or more", nameof(points));
        }

        for (int i = 0; i < points.Length; i++)
        {
            Point next = points[(i + 1) % points.Length];
            DrawLine(color, points[i].X, points[i].Y, next.X, next.Y);
        }
    }

    /// <summary>Draws the edge of a square, as <see cref="DrawRectangle(Color, int, int, int, int)"/>.</summary>
    public virtual void DrawSquare(Color color, int x, int y, int size) => DrawRectangle(color, x, y, size, size);

    /// <summary>
    /// Draws the edge of a rectangle, from (<paramref name="x"/>, <paramref name="y"/>) to (x + width, y + height), both included: it is one pixel wider and higher than a filled
    /// one of the same numbers, as in Cosmos.
    /// </summary>
    public virtual void DrawRectangle(Color color, int x, int y, int width, int height)
    {
        if (width < 0 || height < 0)
        {
            return;
        }

        Run(color, x, y, (long)width + 1);
        if (height > 0)
        {
            Run(color, x, (long)y + height, (long)width + 1);
        }

        int top = (int)Math.Clamp((long)y + 1, 0, Rows);
        int bottom = (int)Math.Clamp((long)y + height, top, Rows);
        for (int row = top; row < bottom; row++)
        {
            Run(color, x, row, 1);
            if (width > 0)
            {
                Run(color, (long)x + width, row, 1);
            }
        }
    }

    /// <summary>Draws a rectangle with all that is in it.</summary>
    /// <param name="color">Its colour.</param>
    /// <param name="xStart">Left column.</param>
    /// <param name="yStart">Top row.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows; -1 for as many as columns.</param>
    /// <param name="preventOffBoundPixels">Either: what is outside is not drawn.</param>
    public virtual void DrawFilledRectangle(Color color, int xStart, int yStart, int width, int height, bool preventOffBoundPixels = true)
    {
        height = height == -1 ? width : height;
        int top = (int)Math.Clamp((long)yStart, 0, Rows);
        int bottom = (int)Math.Clamp((long)yStart + height, top, Rows);
        for (int row = top; row < bottom; row++)
        {
            Run(color, xStart, row, width);
        }
    }

    /// <summary>Draws the edges of a triangle.</summary>
    public virtual void DrawTriangle(Color color, int v1x, int v1y, int v2x, int v2y, int v3x, int v3y)
    {
        DrawLine(color, v1x, v1y, v2x, v2y);
        DrawLine(color, v1x, v1y, v3x, v3y);
        DrawLine(color, v2x, v2y, v3x, v3y);
    }

    // Half the width of a row of an ellipse, `y` rows from its middle: the largest x that is inside. Inside is whatever is nearer to the ellipse than to the next pixel out,
    // in its row or in its column, which for circles is what the midpoint algorithm draws. `above` is the half width of the row before it.
    private static int HalfWidth(int y, int xRadius, int yRadius, int above)
    {
        long a2 = 4L * xRadius * xRadius;
        long b2 = 4L * yRadius * yRadius;
        long limit = a2 * yRadius * yRadius;
        int x = above;
        while (x > 0)
        {
            long inRow = ((2L * x) - 1) * ((2L * x) - 1) * (b2 / 4);
            long inColumn = y == 0 ? long.MaxValue : ((2L * y) - 1) * ((2L * y) - 1) * (a2 / 4);
            if (inRow + (a2 * y * y) < limit || (y != 0 && (b2 * x * x) + inColumn < limit))
            {
                break;
            }

            x--;
        }

        return x;
    }

    private static void CheckRadii(int xRadius, int yRadius)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(xRadius, LargestRadius);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(yRadius, LargestRadius);
    }

    // A share of a distance. Halves away from zero, so that a line and its mirror image are mirror images.
    private static long Scaled(long distance, long step, long steps)
    {
        const long FitsInLong = 1L << 30;
        return steps < FitsInLong
            ? Math.Sign(distance) * (((2 * Math.Abs(distance) * step) + steps) / (2 * steps))
            : Math.Sign(distance) * (long)((((Int128)2 * Math.Abs(distance) * step) + steps) / ((Int128)2 * steps));
    }

    // Those of the steps 0 to `steps` whose coordinate is on the canvas; none when the second is less than the first.
    private static (long From, long To) StepsInside(long start, int direction, long steps, int size) => direction > 0
        ? (Math.Max(0, -start), Math.Min(steps, size - 1 - start))
        : (Math.Max(0, start - (size - 1)), Math.Min(steps, start));

    private void Disc(Color color, int xCenter, int yCenter, int xRadius, int yRadius)
    {
        CheckRadii(xRadius, yRadius);
        if (xRadius < 0 || yRadius < 0)
        {
            return;
        }

        int half = xRadius;
        for (int y = 0; y <= yRadius; y++)
        {
            half = xRadius == 0 || yRadius == 0 ? xRadius : HalfWidth(y, xRadius, yRadius, half);
            Run(color, (long)xCenter - half, (long)yCenter + y, (2L * half) + 1);
            if (y > 0)
            {
                Run(color, (long)xCenter - half, (long)yCenter - y, (2L * half) + 1);
            }
        }
    }

    // Of each row of the disc, what the next row out does not cover.
    private void Edge(Color color, int xCenter, int yCenter, int xRadius, int yRadius)
    {
        CheckRadii(xRadius, yRadius);
        if (xRadius <= 0 || yRadius <= 0)
        {
            Disc(color, xCenter, yCenter, xRadius, yRadius);
            return;
        }

        int half = HalfWidth(0, xRadius, yRadius, xRadius);
        for (int y = 0; y <= yRadius; y++)
        {
            int next = y == yRadius ? -1 : HalfWidth(y + 1, xRadius, yRadius, half);
            int inner = Math.Min(next + 1, half);
            EdgeRow(color, xCenter, (long)yCenter + y, inner, half);
            if (y > 0)
            {
                EdgeRow(color, xCenter, (long)yCenter - y, inner, half);
            }

            half = next;
        }
    }

    private void EdgeRow(Color color, long xCenter, long y, int inner, int outer)
    {
        if (inner == 0)
        {
            Run(color, xCenter - outer, y, (2L * outer) + 1);
            return;
        }

        Run(color, xCenter - outer, y, (long)outer - inner + 1);
        Run(color, xCenter + inner, y, (long)outer - inner + 1);
    }

    private void Run(Color color, long x, long y, long count)
    {
        if (y < 0 || y >= Rows || color.A == 0)
        {
            return;
        }

        long first = Math.Max(x, 0);
        long end = Math.Min(x + count, Columns);
        if (first < end)
        {
            FillRow(color, (int)first, (int)y, (int)(end - first));
        }
    }
}
