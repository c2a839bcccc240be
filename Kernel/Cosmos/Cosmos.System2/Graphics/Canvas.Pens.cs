using System;
using System.Drawing;
using Cosmos.System.Graphics.Fonts;

namespace Cosmos.System.Graphics;

/// <content>The members that took pens, points and fractions, of Cosmos until 2022.</content>
public abstract partial class Canvas
{
    /// <inheritdoc cref="DrawPoint(Color, int, int)"/>
    public void DrawPoint(Pen pen, int x, int y) => DrawPoint(ColorOf(pen), x, y);

    /// <inheritdoc cref="DrawPoint(Color, int, int)"/>
    public void DrawPoint(Pen pen, Point point) => DrawPoint(ColorOf(pen), point.X, point.Y);

    /// <inheritdoc cref="DrawPoint(Color, int, int)"/>
    public void DrawPoint(Pen pen, float x, float y) => DrawPoint(ColorOf(pen), (int)x, (int)y);

    /// <inheritdoc cref="DrawArray(Color[], int, int, int, int)"/>
    public void DrawArray(Color[] colors, Point point, int width, int height) => DrawArray(colors, point.X, point.Y, width, height);

    /// <inheritdoc cref="DrawLine(Color, int, int, int, int)"/>
    public void DrawLine(Pen pen, int x1, int y1, int x2, int y2) => DrawLine(ColorOf(pen), x1, y1, x2, y2);

    /// <inheritdoc cref="DrawLine(Color, int, int, int, int)"/>
    public void DrawLine(Pen pen, Point p1, Point p2) => DrawLine(ColorOf(pen), p1.X, p1.Y, p2.X, p2.Y);

    /// <inheritdoc cref="DrawLine(Color, int, int, int, int)"/>
    public void DrawLine(Pen pen, float x1, float y1, float x2, float y2) => DrawLine(ColorOf(pen), (int)x1, (int)y1, (int)x2, (int)y2);

    /// <inheritdoc cref="DrawCircle(Color, int, int, int)"/>
    public void DrawCircle(Pen pen, int xCenter, int yCenter, int radius) => DrawCircle(ColorOf(pen), xCenter, yCenter, radius);

    /// <inheritdoc cref="DrawCircle(Color, int, int, int)"/>
    public void DrawCircle(Pen pen, Point point, int radius) => DrawCircle(ColorOf(pen), point.X, point.Y, radius);

    /// <inheritdoc cref="DrawFilledCircle(Color, int, int, int)"/>
    public void DrawFilledCircle(Pen pen, int x0, int y0, int radius) => DrawFilledCircle(ColorOf(pen), x0, y0, radius);

    /// <inheritdoc cref="DrawFilledCircle(Color, int, int, int)"/>
    public void DrawFilledCircle(Pen pen, Point point, int radius) => DrawFilledCircle(ColorOf(pen), point.X, point.Y, radius);

    /// <inheritdoc cref="DrawEllipse(Color, int, int, int, int)"/>
    public void DrawEllipse(Pen pen, int xCenter, int yCenter, int xRadius, int yRadius) => DrawEllipse(ColorOf(pen), xCenter, yCenter, xRadius, yRadius);

    /// <inheritdoc cref="DrawEllipse(Color, int, int, int, int)"/>
    public void DrawEllipse(Pen pen, Point point, int xRadius, int yRadius) => DrawEllipse(ColorOf(pen), point.X, point.Y, xRadius, yRadius);

    /// <inheritdoc cref="DrawFilledEllipse(Color, int, int, int, int)"/>
    public void DrawFilledEllipse(Pen pen, int x, int y, int height, int width) => DrawFilledEllipse(ColorOf(pen), x, y, height, width);

    /// <inheritdoc cref="DrawFilledEllipse(Color, int, int, int, int)"/>
    public void DrawFilledEllipse(Pen pen, Point point, int height, int width) => DrawFilledEllipse(ColorOf(pen), point.X, point.Y, height, width);

    /// <inheritdoc cref="DrawArc(int, int, int, int, Color, int, int)"/>
    public void DrawArc(int x, int y, int width, int height, Pen pen, int startAngle = 0, int endAngle = 360) =>
        DrawArc(x, y, width, height, ColorOf(pen), startAngle, endAngle);

    /// <inheritdoc cref="DrawPolygon(Color, Point[])"/>
    public void DrawPolygon(Pen pen, params Point[] points) => DrawPolygon(ColorOf(pen), points);

    /// <inheritdoc cref="DrawSquare(Color, int, int, int)"/>
    public void DrawSquare(Pen pen, int x, int y, int size) => DrawSquare(ColorOf(pen), x, y, size);

    /// <inheritdoc cref="DrawSquare(Color, int, int, int)"/>
    public void DrawSquare(Pen pen, Point point, int size) => DrawSquare(ColorOf(pen), point.X, point.Y, size);

    /// <inheritdoc cref="DrawRectangle(Color, int, int, int, int)"/>
    public void DrawRectangle(Pen pen, int x, int y, int width, int height) => DrawRectangle(ColorOf(pen), x, y, width, height);

    /// <inheritdoc cref="DrawRectangle(Color, int, int, int, int)"/>
    public void DrawRectangle(Pen pen, Point point, int width, int height) => DrawRectangle(ColorOf(pen), point.X, point.Y, width, height);

    /// <inheritdoc cref="DrawRectangle(Color, int, int, int, int)"/>
    public void DrawRectangle(Pen pen, float xStart, float yStart, float width, float height) =>
        DrawRectangle(ColorOf(pen), (int)xStart, (int)yStart, (int)width, (int)height);

    /// <inheritdoc cref="DrawFilledRectangle(Color, int, int, int, int, bool)"/>
    public void DrawFilledRectangle(Pen pen, int xStart, int yStart, int width, int height) => DrawFilledRectangle(ColorOf(pen), xStart, yStart, width, height);

    /// <inheritdoc cref="DrawFilledRectangle(Color, int, int, int, int, bool)"/>
    public void DrawFilledRectangle(Pen pen, Point point, int width, int height) => DrawFilledRectangle(ColorOf(pen), point.X, point.Y, width, height);

    /// <inheritdoc cref="DrawTriangle(Color, int, int, int, int, int, int)"/>
    public void DrawTriangle(Pen pen, int v1x, int v1y, int v2x, int v2y, int v3x, int v3y) => DrawTriangle(ColorOf(pen), v1x, v1y, v2x, v2y, v3x, v3y);

    /// <inheritdoc cref="DrawTriangle(Color, int, int, int, int, int, int)"/>
    public void DrawTriangle(Pen pen, Point point0, Point point1, Point point2) =>
        DrawTriangle(ColorOf(pen), point0.X, point0.Y, point1.X, point1.Y, point2.X, point2.Y);

    /// <inheritdoc cref="DrawImage(Image, int, int, bool)"/>
    public void DrawImage(Image image, Point point) => DrawImage(image, point.X, point.Y);

    /// <inheritdoc cref="DrawImageAlpha(Image, int, int, bool)"/>
    public void DrawImageAlpha(Image image, Point point) => DrawImageAlpha(image, point.X, point.Y);

    /// <inheritdoc cref="DrawString(string, Font, Color, int, int)"/>
    public void DrawString(string str, Font font, Pen pen, int x, int y) => DrawString(str, font, ColorOf(pen), x, y);

    /// <inheritdoc cref="DrawString(string, Font, Color, int, int)"/>
    public void DrawString(string str, Font font, Pen pen, Point point) => DrawString(str, font, ColorOf(pen), point.X, point.Y);

    /// <inheritdoc cref="DrawChar(char, Font, Color, int, int)"/>
    public void DrawChar(char c, Font font, Pen pen, int x, int y) => DrawChar(c, font, ColorOf(pen), x, y);

    /// <inheritdoc cref="DrawChar(char, Font, Color, int, int)"/>
    public void DrawChar(char c, Font font, Pen pen, Point point) => DrawChar(c, font, ColorOf(pen), point.X, point.Y);

    private static Color ColorOf(Pen pen)
    {
        ArgumentNullException.ThrowIfNull(pen);
        return pen.Color;
    }
}
