using System;

namespace CosmosKernel.Drivers.Terminal;

/// <summary>The 256 colours: 16 of the VGA text mode, a cube of 6 by 6 by 6, and 24 greys, as xterm has them.</summary>
public static class Palette
{
    /// <summary>What the default foreground is: light grey.</summary>
    public const int DefaultForeground = 7;

    /// <summary>What the default background is: black.</summary>
    public const int DefaultBackground = 0;

    private const int CubeStart = 16;
    private const int GreyStart = 232;

    private static ReadOnlySpan<uint> Base =>
    [
        0x000000, 0xAA0000, 0x00AA00, 0xAA5500, 0x0000AA, 0xAA00AA, 0x00AAAA, 0xAAAAAA,
        0x555555, 0xFF5555, 0x55FF55, 0xFFFF55, 0x5555FF, 0xFF55FF, 0x55FFFF, 0xFFFFFF,
    ];

    private static ReadOnlySpan<byte> CubeLevels => [0, 95, 135, 175, 215, 255];

    /// <summary>0xRRGGBB of a colour, 0 to 255.</summary>
    public static uint ToRgb(int index)
    {
        if (index < CubeStart)
        {
            return Base[index];
        }

        if (index >= GreyStart)
        {
            uint level = (uint)(8 + ((index - GreyStart) * 10));
            return (level << 16) | (level << 8) | level;
        }

        int cube = index - CubeStart;
        return ((uint)CubeLevels[cube / 36] << 16) | ((uint)CubeLevels[cube / 6 % 6] << 8) | CubeLevels[cube % 6];
    }

    /// <summary>The one of the first 16 colours that looks most like 0xRRGGBB: least squared distance, green counting most, as eyes do.</summary>
    public static int Nearest16(uint rgb)
    {
        int best = 0;
        int bestDistance = int.MaxValue;
        for (int i = 0; i < CubeStart; i++)
        {
            int red = Part(rgb, 16) - Part(Base[i], 16);
            int green = Part(rgb, 8) - Part(Base[i], 8);
            int blue = Part(rgb, 0) - Part(Base[i], 0);
            int distance = (3 * red * red) + (6 * green * green) + (blue * blue);
            if (distance < bestDistance)
            {
                bestDistance = distance;
                best = i;
            }
        }

        return best;
    }

    /// <summary>The colours in which a cell is to be painted, 0xRRGGBB, attributes taken into account.</summary>
    public static (uint Foreground, uint Background) ColorsOf(in Cell cell)
    {
        uint foreground = Resolve(ForegroundOf(cell), DefaultForeground);
        uint background = Resolve(cell.Background, DefaultBackground);
        if ((cell.Attributes & CellAttributes.Dim) != 0)
        {
            foreground = (foreground >> 1) & 0x7F_7F7F;
        }

        if ((cell.Attributes & CellAttributes.Inverse) != 0)
        {
            (foreground, background) = (background, foreground);
        }

        return (cell.Attributes & CellAttributes.Hidden) != 0 ? (background, background) : (foreground, background);
    }

    /// <summary>The same in the first 16 colours.</summary>
    public static (int Foreground, int Background) Colors16Of(in Cell cell)
    {
        int foreground = Resolve16(ForegroundOf(cell), DefaultForeground);
        int background = Resolve16(cell.Background, DefaultBackground);
        if ((cell.Attributes & CellAttributes.Dim) != 0)
        {
            foreground = foreground >= 8 ? foreground - 8 : 8;
        }

        if ((cell.Attributes & CellAttributes.Inverse) != 0)
        {
            (foreground, background) = (background, foreground);
        }

        return (cell.Attributes & CellAttributes.Hidden) != 0 ? (background, background) : (foreground, background);
    }

    private static TerminalColor ForegroundOf(in Cell cell)
    {
        if ((cell.Attributes & CellAttributes.Bold) == 0)
        {
            return cell.Foreground;
        }

        bool isDark = cell.Foreground.IsIndex && cell.Foreground.Index < 8;
        return cell.Foreground.IsDefault ? TerminalColor.FromIndex(DefaultForeground + 8) : isDark ? TerminalColor.FromIndex(cell.Foreground.Index + 8) : cell.Foreground;
    }

    private static uint Resolve(TerminalColor color, int otherwise) => color.IsDefault ? Base[otherwise] : color.IsIndex ? ToRgb(color.Index) : color.Rgb;

    private static int Resolve16(TerminalColor color, int otherwise)
    {
        if (color.IsDefault)
        {
            return otherwise;
        }

        return color.IsIndex && color.Index < CubeStart ? color.Index : Nearest16(color.IsIndex ? ToRgb(color.Index) : color.Rgb);
    }

    private static int Part(uint rgb, int shift) => (int)(rgb >> shift) & 0xFF;
}
