using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using CosmosKernel.Files.Initramfs;
using Xunit;

namespace CosmosKernel.Initramfs.Tests;

/// <summary>The reader of cpio archives: entries, contents, padding; and every malformed archive ends in an error that says where.</summary>
public sealed class CpioTests
{
    [Fact]
    public void EntriesAndContentsAreRead()
    {
        byte[] archive = [.. Entry("bin", 0x41ED, []), .. Entry("bin/a", 0x81ED, "hello"u8), .. Entry("l", 0xA1FF, "bin/a"u8), .. Entry("TRAILER!!!", 0, []), 9];
        var input = new ArchiveInput(new MemoryStream(archive));
        var reader = new CpioReader(input);
        Assert.Equal("bin", Name(reader.Next()));
        CpioEntry file = reader.Next()!;
        Assert.Equal("bin/a", Name(file));
        Assert.Equal(0x81EDu, file.Mode);
        Assert.Equal(5u, file.Size);
        byte[] content = new byte[3];
        Assert.Equal(3, reader.Read(content));
        Assert.Equal("hel"u8.ToArray(), content);
        Assert.Equal(2, reader.Read(content));
        Assert.Equal("lol"u8.ToArray(), content);
        Assert.Equal(0, reader.Read(content));
        Assert.Equal("l", Name(reader.Next()));
        Assert.Null(reader.Next());
        Assert.Equal(9, input.ReadByte());
    }

    [Fact]
    public void ChecksumsAreCompared()
    {
        byte[] good = [.. Entry("a", 0x81ED, "AB"u8, "070702", 131), .. Entry("TRAILER!!!", 0, [])];
        Assert.Equal(["a"], Names(good));
        byte[] bad = [.. Entry("a", 0x81ED, "AB"u8, "070702", 132), .. Entry("TRAILER!!!", 0, [])];
        Assert.Throws<ArchiveException>(() => Names(bad));
    }

    [Fact]
    public void EveryTruncationIsRefused()
    {
        byte[] archive = [.. Entry("dir", 0x41ED, []), .. Entry("dir/file", 0x81ED, "contents"u8), .. Entry("TRAILER!!!", 0, [])];
        for (int length = 0; length < archive.Length - 3; length++)
        {
            ArchiveException refused = Assert.Throws<ArchiveException>(() => Names(archive.AsSpan(0, length).ToArray()));
            Assert.InRange(refused.Offset, 0, length);
        }
    }

    [Theory]
    [InlineData(0, 'x')]
    [InlineData(20, 'g')]
    [InlineData(113, '\0')]
    public void MalformedHeadersAreRefused(int at, char value)
    {
        byte[] archive = [.. Entry("name", 0x81ED, "contents"u8), .. Entry("TRAILER!!!", 0, [])];
        archive[at] = (byte)value;
        Assert.Throws<ArchiveException>(() => Names(archive));
    }

    [Fact]
    public void RandomChangesEndInEntriesOrAnError()
    {
        byte[] archive = [.. Entry("dir", 0x41ED, []), .. Entry("dir/file", 0x81ED, "contents"u8), .. Entry("TRAILER!!!", 0, [])];
        var random = new Random(5);
        for (int i = 0; i < 50_000; i++)
        {
            byte[] changed = (byte[])archive.Clone();
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
            }

            try
            {
                Names(changed);
            }
            catch (ArchiveException)
            {
                // Which of the two it is depends on what was hit.
            }
        }
    }

    private static string Name(CpioEntry? entry) => Encoding.UTF8.GetString(entry!.Name);

    private static List<string> Names(byte[] archive)
    {
        var reader = new CpioReader(new ArchiveInput(new MemoryStream(archive)));
        List<string> names = [];
        while (reader.Next() is { } entry)
        {
            names.Add(Name(entry));
        }

        return names;
    }

    private static byte[] Entry(string name, uint mode, ReadOnlySpan<byte> contents, string magic = "070701", uint check = 0)
    {
        var entry = new List<byte>();
        uint[] fields = [1, mode, 0, 0, 1, 0, (uint)contents.Length, 0, 0, 0, 0, (uint)name.Length + 1, check];
        entry.AddRange(Encoding.ASCII.GetBytes(magic));
        foreach (uint field in fields)
        {
            entry.AddRange(Encoding.ASCII.GetBytes(field.ToString("X8", null)));
        }

        entry.AddRange(Encoding.UTF8.GetBytes(name));
        entry.Add(0);
        Pad(entry);
        entry.AddRange(contents.ToArray());
        Pad(entry);
        return [.. entry];
    }

    private static void Pad(List<byte> entry)
    {
        while (entry.Count % 4 != 0)
        {
            entry.Add(0);
        }
    }
}
