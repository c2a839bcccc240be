using System;
using System.IO;
using System.IO.Compression;
using System.Threading.Tasks;
using CosmosKernel.BootHarness;
using Xunit;
using Xunit.Abstractions;

namespace CosmosKernel.Machines.Tests;

/// <summary>Boots with a damaged initramfs: the log says what is wrong and at which byte, what comes before it is there, and without a first program the kernel says so (docs/initramfs.md).</summary>
public sealed class BrokenArchiveTests(ITestOutputHelper output)
{
    private const int Header = 110;

    [Fact]
    public async Task AnArchiveThatEndsEarlySaysWhere()
    {
        byte[] archive = await ReadArchiveAsync();
        await BootDamagedAsync("cut", archive[..1_500_000], "the end of the archive in the middle of a file, at byte 1500000");
    }

    [Fact]
    public async Task CompressedDataThatEndEarlySayWhere()
    {
        using MemoryStream compressed = new();
        await using (GZipStream gzip = new(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(await ReadArchiveAsync());
        }

        await BootDamagedAsync("cut-gzip", compressed.ToArray()[..1_000_000], "the end of the archive in the middle, at byte 1000000");
    }

    [Fact]
    public async Task WhatIsNoArchiveIsSaidToBeNone()
    {
        byte[] noise = new byte[100_000];
        new Random(1).NextBytes(noise);
        await BootDamagedAsync("noise", noise, "no header of the format newc, at byte 0");
    }

    [Fact]
    public async Task AHeaderThatIsNoneSaysWhere()
    {
        byte[] archive = await ReadArchiveAsync();
        int second = archive.AsSpan(Header).IndexOf("070701"u8) + Header;
        archive[second + 5] = (byte)'X';
        await BootDamagedAsync("header", archive, $"no header of the format newc, at byte {second}");
    }

    // Without its compression, if it has one: a large archive has none.
    private static async Task<byte[]> ReadArchiveAsync()
    {
        byte[] file = await File.ReadAllBytesAsync(TestMachine.TestInitramfs);
        if (!file.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
        {
            return file;
        }

        await using GZipStream plain = new(new MemoryStream(file), CompressionMode.Decompress);
        using MemoryStream bytes = new();
        await plain.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    private async Task BootDamagedAsync(string name, byte[] archive, string message)
    {
        string path = TestMachine.FileOf("broken-archive-" + name, ".cpio");
        await File.WriteAllBytesAsync(path, archive);
        MachineOptions machine = new() { Kernel = TestMachine.Kernel, Initrd = path, MemoryMiB = 256, Timeout = TimeSpan.FromMinutes(3) };
        BootResult result = await TestMachine.ExpectAsync(Verdict.Panic, "broken-archive-" + name, machine, output);
        string log = await File.ReadAllTextAsync(result.LogPath!);
        Assert.Contains(message, log, StringComparison.Ordinal);
        Assert.Contains("No working init was found", log, StringComparison.Ordinal);
    }
}
