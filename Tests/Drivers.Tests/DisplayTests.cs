using System;
using System.Collections.Generic;
using System.Text;
using CosmosKernel.Drivers.Framebuffer;
using CosmosKernel.Drivers.Serial;
using CosmosKernel.Drivers.Terminal;
using CosmosKernel.Drivers.VgaText;
using CosmosKernel.Tools.Font;
using Xunit;

namespace CosmosKernel.Drivers.Tests;

/// <summary>Colours, character sets and fonts, and the ring before the serial transmitter.</summary>
public sealed class DisplayTests
{
    [Theory]
    [InlineData('A', 0x41)]
    [InlineData('~', 0x7E)]
    [InlineData('\u00E4', 0x84)]
    [InlineData('\u2500', 0xC4)]
    [InlineData('\u2551', 0xBA)]
    [InlineData('\u2588', 0xDB)]
    [InlineData('\u2592', 0xB1)]
    [InlineData('\u03C0', 0xE3)]
    [InlineData('\u00A0', 0xFF)]
    [InlineData('\u256D', 0xDA)]
    [InlineData('\u2501', 0xC4)]
    [InlineData('\u2585', 0xDC)]
    [InlineData('\u4E00', '?')]
    [InlineData(0x1F600, '?')]
    [InlineData(0, '?')]
    [InlineData(-1, '?')]
    public void CharactersHaveCodesOfPage437(int rune, int code) => Assert.Equal((byte)code, CodePage437.FromRune(rune));

    [Fact]
    public void NoBoxOrBlockCharacterIsAQuestionMark()
    {
        for (int rune = 0x2500; rune <= 0x259F; rune++)
        {
            Assert.True(CodePage437.FromRune(rune) != (byte)'?', $"U+{rune:X4}");
        }
    }

    [Fact]
    public void Page437AgreesWithTheCodePageOfTheLibrary()
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        Encoding encoding = Encoding.GetEncoding(437);
        for (int code = 0x80; code <= 0xFF; code++)
        {
            Assert.Equal((byte)code, CodePage437.FromRune(encoding.GetString([(byte)code])[0]));
        }
    }

    [Theory]
    [InlineData("", 0x0758)]
    [InlineData("31", 0x0458)]
    [InlineData("34", 0x0158)]
    [InlineData("1;31", 0x0C58)]
    [InlineData("1", 0x0F58)]
    [InlineData("44", 0x1758)]
    [InlineData("101", 0xC758)]
    [InlineData("7", 0x7058)]
    [InlineData("8", 0x0058)]
    [InlineData("38;5;196", 0x0458)]
    [InlineData("38;5;210", 0x0C58)]
    [InlineData("38;2;0;0;160", 0x0158)]
    [InlineData("2;31", 0x0858)]
    public void CellsHaveVgaAttributes(string rendition, int expected)
    {
        var terminal = new TerminalFixture();
        terminal.Write($"\e[{rendition}mX");
        Assert.Equal((ushort)expected, VgaTextDisplay.Encode(terminal.Screen.Row(0)[0]));
    }

    [Theory]
    [InlineData(16, 0x000000)]
    [InlineData(196, 0xFF0000)]
    [InlineData(231, 0xFFFFFF)]
    [InlineData(232, 0x080808)]
    [InlineData(255, 0xEEEEEE)]
    [InlineData(67, 0x5F87AF)]
    public void ThePaletteIsThatOfXterm(int index, int rgb) => Assert.Equal((uint)rgb, Palette.ToRgb(index));

    [Fact]
    public void EachOfTheFirstColoursIsNearestToItself()
    {
        for (int i = 0; i < 16; i++)
        {
            Assert.Equal(i, Palette.Nearest16(Palette.ToRgb(i)));
        }
    }

    [Fact]
    public void TheFontHasWhatTheConsoleNeeds()
    {
        Assert.Equal(16, ConsoleFont.Height);
        for (int rune = 0x20; rune < 0x25A0; rune = rune == 0x7E ? 0xA0 : rune == 0xFF ? 0x2500 : rune + 1)
        {
            Assert.True(GlyphTable.IndexOf(rune) >= 0, $"U+{rune:X4}");
        }

        Assert.Equal(-1, GlyphTable.IndexOf(0x4E00));
        Assert.Equal(-1, GlyphTable.IndexOf(-1));
        Assert.True(GlyphTable.RowsOf(0x4E00).SequenceEqual(GlyphTable.RowsOf(0xFFFD)));
        Assert.False(GlyphTable.RowsOf('A').SequenceEqual(GlyphTable.RowsOf('B')));
        Assert.Equal(-1, GlyphTable.RowsOf(0x2588).IndexOfAnyExcept((byte)0xFF));
    }

    [Theory]
    [InlineData(0x2580, "FFFF0000")]
    [InlineData(0x2584, "0000FFFF")]
    [InlineData(0x258C, "F0F0F0F0")]
    [InlineData(0x2590, "0F0F0F0F")]
    [InlineData(0x2596, "0000F0F0")]
    [InlineData(0x259A, "F0F00F0F")]
    [InlineData(0x259F, "0F0FFFFF")]
    [InlineData(0x2582, "000000FF")]
    [InlineData(0x2589, "FEFEFEFE")]
    [InlineData(0x258F, "80808080")]
    public void BlockElementsAreDrawn(int code, string rows) => Assert.Equal(rows, Convert.ToHexString(BlockElements.Draw(code, 4)));

    [Theory]
    [InlineData("3605", "36 04")]
    [InlineData("36040010", "code points")]
    [InlineData("36040210", "ends before")]
    public void FilesThatAreNoFontsAreRefused(string bytes, string expected) =>
        Assert.Contains(expected, Assert.Throws<FontException>(() => PsfFont.Parse(Convert.FromHexString(bytes), "x.psf")).Message);

    [Fact]
    public void AFontIsRead()
    {
        List<byte> bytes = [0x36, 0x04, 0x02, 1];
        for (int i = 0; i < 256; i++)
        {
            bytes.Add((byte)i);
        }

        for (int i = 0; i < 256; i++)
        {
            bytes.AddRange([(byte)i, 0x30, 0xFE, 0xFF, 0x41, 0x00, 0xFF, 0xFF]);
        }

        PsfFont font = PsfFont.Parse(bytes.ToArray(), "x.psf");
        Assert.Equal(256, font.Glyphs.Count);
        Assert.Equal([7], font.Glyphs[0x3007]);
    }

    [Fact]
    public void TheTransmitRingExpandsLineFeedsAndWraps()
    {
        var ring = new TransmitRing(8);
        Assert.Equal(5, ring.Put("ab\ncd"u8));
        Assert.Equal("ab\r\ncd", Take(ring));
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(3, ring.Put("x\ny"u8));
            Assert.Equal("x\r\ny", Take(ring));
        }
    }

    [Fact]
    public void TheTransmitRingTakesNoHalfLineEnd()
    {
        var ring = new TransmitRing(4);
        Assert.Equal(3, ring.Put("abc\nd"u8));
        Assert.Equal(1, ring.Free);
        Assert.Equal("abc", Take(ring));
        Assert.Equal(2, ring.Put("\nd\n"u8));
        Assert.Equal(3, ring.Clear());
        Assert.Equal(0, ring.Count);
        Assert.False(ring.TryTake(out _));
    }

    private static string Take(TransmitRing ring)
    {
        var text = new StringBuilder();
        while (ring.TryTake(out byte value))
        {
            text.Append((char)value);
        }

        return text.ToString();
    }
}
