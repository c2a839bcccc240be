using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;

namespace CosmosKernel.Tools.Font;

/// <summary>Turns a console font of the system into C# source for the framebuffer console: no font is part of the project.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        var input = new Option<string>("--input") { Description = "PSF1 font, 8 pixels wide, gzip or not", Required = true };
        var output = new Option<string>("--output") { Description = "C# file to write", Required = true };
        var ns = new Option<string>("--namespace") { Description = "Its namespace", Required = true };
        var root = new RootCommand("Turns a console font into C# source") { input, output, ns };
        root.SetAction(parsed => Convert(parsed.GetValue(input)!, parsed.GetValue(output)!, parsed.GetValue(ns)!));
        try
        {
            return root.Parse(arguments).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception error) when (error is FontException or IOException or InvalidDataException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"font: {error.Message}");
            return 1;
        }
    }

    private static int Convert(string input, string output, string ns)
    {
        PsfFont font = PsfFont.Load(input);
        BlockElements.AddMissing(font.Glyphs, font.Height);
        List<int> missing = [.. Needed().Where(code => !font.Glyphs.ContainsKey(code))];
        if (missing.Count > 0)
        {
            throw new FontException($"{input}: {missing.Count} needed characters have no glyph, the first is U+{missing[0]:X4}");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(output))!);
        File.WriteAllText(output, FontSource.Write(ns, font, Path.GetFileName(input)));
        return 0;
    }

    /// <summary>What the console cannot do without: ASCII, Latin 1, box drawing, block elements, arrows.</summary>
    private static IEnumerable<int> Needed() =>
        Enumerable.Range(0x20, 0x5F).Concat(Enumerable.Range(0xA0, 0x60)).Concat(Enumerable.Range(0x2500, 0xA0)).Concat(Enumerable.Range(0x2190, 4)).Append(0xFFFD);
}
