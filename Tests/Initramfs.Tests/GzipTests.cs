using System;
using System.IO;
using System.IO.Compression;
using CosmosKernel.Files.Initramfs;
using Xunit;

namespace CosmosKernel.Initramfs.Tests;

/// <summary>What the host's library packs is unpacked to the same bytes; what is malformed is refused, wherever it is cut or changed.</summary>
public sealed class GzipTests
{
    public static TheoryData<byte[], CompressionLevel> Contents()
    {
        var data = new TheoryData<byte[], CompressionLevel>();
        var random = new Random(7);
        byte[] noise = new byte[200_000];
        random.NextBytes(noise);
        byte[] text = new byte[300_000];
        for (int i = 0; i < text.Length; i++)
        {
            text[i] = (byte)"the quick brown fox "[(int)((long)i * i / 7 % 20)];
        }

        byte[] skewed = new byte[150_000];
        for (int i = 0; i < skewed.Length; i++)
        {
            skewed[i] = (byte)Math.Min(255, -Math.Log(1 - random.NextDouble()) * 12);
        }

        foreach (byte[] content in (byte[][])[[65], noise, text, skewed, new byte[1_000_000]])
        {
            foreach (CompressionLevel level in Enum.GetValues<CompressionLevel>())
            {
                data.Add(content, level);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Contents))]
    public void WhatTheLibraryPacksIsUnpacked(byte[] content, CompressionLevel level)
    {
        byte[] packed = Pack(content, level);
        foreach (int step in (int[])[1_000_000, 4096, 333])
        {
            var input = new ArchiveInput(new MemoryStream([.. packed, 1, 2, 3]));
            Assert.Equal(content, ReadAll(new GzipMember(input), step));
            Assert.Equal(packed.Length, input.Position);
            Assert.Equal(1, input.ReadByte());
        }
    }

    [Fact]
    public void AnEmptyMemberIsEmpty()
    {
        byte[] empty = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        Assert.Empty(ReadAll(new GzipMember(new ArchiveInput(new MemoryStream(empty))), 10));
    }

    [Fact]
    public void EveryTruncationIsRefused()
    {
        byte[] packed = Pack("a text, a text, and once more a text"u8.ToArray(), CompressionLevel.Optimal);
        for (int length = 0; length < packed.Length; length++)
        {
            Assert.Throws<ArchiveException>(() => ReadAll(new GzipMember(new ArchiveInput(new MemoryStream(packed, 0, length))), 100));
        }
    }

    [Fact]
    public void NoChangeGoesUnnoticedOrBreaksAnything()
    {
        byte[] content = new byte[3000];
        new Random(3).NextBytes(content.AsSpan(0, 1000));
        byte[] packed = Pack(content, CompressionLevel.Optimal);
        var random = new Random(11);
        int refused = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] changed = (byte[])packed.Clone();
            changed[random.Next(10, changed.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                Assert.Equal(content, ReadAll(new GzipMember(new ArchiveInput(new MemoryStream(changed))), 777));
            }
            catch (ArchiveException)
            {
                refused++;
            }
        }

        // A few bits are padding, which nobody reads.
        Assert.InRange(refused, 19_500, 20_000);
    }

    internal static byte[] Pack(byte[] content, CompressionLevel level)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, level))
        {
            gzip.Write(content);
        }

        return packed.ToArray();
    }

    internal static byte[] ReadAll(Stream stream, int step)
    {
        using var content = new MemoryStream();
        byte[] buffer = new byte[step];
        for (int count = stream.Read(buffer); count > 0; count = stream.Read(buffer))
        {
            content.Write(buffer, 0, count);
        }

        return content.ToArray();
    }
}
