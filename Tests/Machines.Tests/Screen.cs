using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace CosmosKernel.Machines.Tests;

/// <summary>A screenshot, read from the raw form of PPM (netpbm, ppm(5)).</summary>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Pixels">Three bytes a pixel, row after row.</param>
internal sealed record Screen(int Width, int Height, byte[] Pixels)
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">It is no raw PPM with 8 bits a channel.</exception>
    public static Screen Load(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        List<string> header = [];
        int position = 0;
        while (header.Count < 4 && position < bytes.Length)
        {
            int start = position;
            while (position < bytes.Length && !char.IsWhiteSpace((char)bytes[position]))
            {
                position++;
            }

            header.Add(System.Text.Encoding.ASCII.GetString(bytes, start, position - start));
            position++;
        }

        if (header is not ["P6", _, _, "255"])
        {
            throw new InvalidDataException($"{path} is no raw PPM");
        }

        return new Screen(
            int.Parse(header[1], CultureInfo.InvariantCulture),
            int.Parse(header[2], CultureInfo.InvariantCulture),
            bytes[position..]);
    }

    /// <summary>The colour of a pixel, 0xRRGGBB.</summary>
    public int ColourAt(int x, int y)
    {
        int i = 3 * ((y * Width) + x);
        return (Pixels[i] << 16) | (Pixels[i + 1] << 8) | Pixels[i + 2];
    }

    /// <summary>How many pixels have another colour than most pixels have.</summary>
    public int CountInk()
    {
        int[] colours = new int[Width * Height];
        for (int i = 0; i < colours.Length; i++)
        {
            colours[i] = (Pixels[3 * i] << 16) | (Pixels[(3 * i) + 1] << 8) | Pixels[(3 * i) + 2];
        }

        return colours.Length - colours.CountBy(colour => colour).Max(pair => pair.Value);
    }
}
