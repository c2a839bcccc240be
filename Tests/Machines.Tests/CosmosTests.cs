using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Threading.Tasks;
using CosmosKernel.BootHarness;
using Xunit;
using Xunit.Abstractions;

namespace CosmosKernel.Machines.Tests;

/// <summary>Kernels written for Cosmos: their projects build as they are, and boot.</summary>
public sealed class CosmosTests(CosmosImage examples, ITestOutputHelper output) : IClassFixture<CosmosImage>, IDisposable
{
    private const string Package = "<PackageReference Include=\"Cosmos.Network.Sniffer\" Version=\"1.0.0\" />";

    private readonly DirectoryInfo _elsewhere = Directory.CreateTempSubdirectory("cosmos-kernel-");

    /// <inheritdoc/>
    public void Dispose() => _elsewhere.Delete(recursive: true);

    [Fact]
    public async Task AProjectFromTheTemplateBuildsUnchangedAnywhereAndItsConsoleWorks()
    {
        string project = CopyOf("HelloCosmos");
        Dictionary<string, string> before = Contents(_elsewhere);
        await BuildAsync(project);
        Assert.Equal(before, Contents(_elsewhere));

        await TestMachine.ExpectAsync(
            Verdict.PoweredOff,
            "cosmos-hello",
            Machine("HelloCosmos", """
                expect Input: \z
                send hello, wrold\x7f\x7f\x7f\x7forld
                expect ^Text typed: hello, world$
                expect Input: \z
                send key
                expect key: \z
                type x
                expect None X 120$
                expect Input: \z
                send color green
                expect This is Green
                expect Input: \z
                send move
                expect ^cursor at 15,5 of \d+x\d+$
                expect Input: \z
                send fail on purpose
                expect InvalidOperationException: on purpose
                expect cosmos> \z
                send poweroff
                """),
            output);
    }

    [Fact]
    public async Task AKernelRunsThreadsTasksAndLocksBesideRun()
    {
        await examples.BuildAsync();
        await TestMachine.ExpectAsync(
            Verdict.PoweredOff,
            "cosmos-threads",
            Example("ThreadedCosmos", """
                expect threads> \z
                send ticks
                expect the ticker ticks
                expect threads> \z
                send delay
                expect delayed by tasks: 14$
                expect threads> \z
                send lock
                expect counted under lock: 40000$
                expect threads> \z
                send parallel
                expect summed in parallel: 500500$
                expect threads> \z
                send exit
                expect the ticker has ended
                """),
            output);
    }

    [Fact]
    public async Task PlugsAndResourcesOfAKernelAreInPlace()
    {
        await examples.BuildAsync();
        await TestMachine.ExpectAsync(
            Verdict.PoweredOff,
            "cosmos-plugs",
            Example("PluggedCosmos", """
                expect ^resource: Plugged in.$
                expect ^constructor: 42$
                expect ^instance: 42a$
                expect ^property: plugged name$
                expect ^structure: 7$
                expect ^static field: 7$
                expect ^class constructor: the plug$
                expect ^added field: 20 42$
                expect ^inherited: a Cat a Dog a Fish$
                expect ^generic: box of x box of 4$
                expect ^extern: 4096$
                expect ^corelib: plugged machine version 1$
                expect ^framework: 0 plugged title$
                expect ^cosmos: plugged brand$
                expect ^disabled: as it was$
                expect ^done$
                """),
            output);
    }

    [Fact]
    public async Task ADesktopIsDrawnAndFollowsMouseAndKeyboardAndTheConsoleComesBack()
    {
        await examples.BuildAsync();
        string first = FreshFile("cosmos-desktop-first");
        string moved = FreshFile("cosmos-desktop-moved");
        string small = FreshFile("cosmos-desktop-small");
        string console = FreshFile("cosmos-desktop-console");
        await TestMachine.ExpectAsync(
            Verdict.PoweredOff,
            "cosmos-desktop",
            Example("GraphicsCosmos", $"""
                expect Desktop is on, VBECanvas 1024x768@32
                expect Frame drawn
                screenshot {first}
                key h
                key shift-i
                expect Typed hI$
                monitor mouse_move -120 -270
                expect Pointer at 480,130$
                monitor mouse_button 1
                expect Button down at 480,130 on Notes$
                monitor mouse_move 40 200
                expect Pointer at 520,330$
                monitor mouse_button 0
                expect Button up at 520,330$
                expect Frame drawn
                screenshot {moved}
                key f2
                expect Mode is 800x600@32
                expect Frame drawn
                screenshot {small}
                key esc
                expect Desktop is off after some frames, typed: hI$
                expect switch off: \z
                wait 1500
                screenshot {console}
                key spc
                """),
            output);

        // Wallpaper, bar, and in the window of shapes: red, mixed with yellow, yellow over green, blue, and the circle's edge; the image; the other window's title.
        Screen picture = Screen.Load(first);
        Assert.Equal((1024, 768), (picture.Width, picture.Height));
        Assert.Equal(
            (0x006080, 0x000000, 0xFF0000, 0xFF8000, 0x80C000, 0x0000FF, 0x006400),
            (picture.ColourAt(5, 5), picture.ColourAt(500, 760), picture.ColourAt(75, 115), picture.ColourAt(140, 140), picture.ColourAt(200, 150), picture.ColourAt(300, 140), picture.ColourAt(230, 210)));
        Assert.Equal((0x000080, 0xF8F880), (picture.ColourAt(984, 8), picture.ColourAt(1015, 39)));
        Assert.Equal((0x000080, 0x808080), (picture.ColourAt(700, 130), picture.ColourAt(300, 90)));

        // The window of notes has gone down and to the right with the pointer, whose corner is black.
        Screen after = Screen.Load(moved);
        Assert.Equal((0x006080, 0x000080, 0xD3D3D3, 0x000000), (after.ColourAt(430, 125), after.ColourAt(740, 330), after.ColourAt(470, 480), after.ColourAt(520, 330)));

        // Another mode, with the icon in its corner.
        Screen other = Screen.Load(small);
        Assert.Equal((800, 600, 0x000080, 0x006080), (other.Width, other.Height, other.ColourAt(760, 8), other.ColourAt(5, 5)));

        // The console in its own mode, with text and without any of the desktop.
        Screen text = Screen.Load(console);
        Assert.Equal((1024, 768), (text.Width, text.Height));
        Assert.Equal((0, 0), (text.ColourAt(1015, 39), text.ColourAt(1000, 750)));
        Assert.InRange(text.CountInk(), 500, 100_000);
    }

    [Fact]
    public async Task AShellWorksWithFilesByCosmosNamesAndDotNets()
    {
        await examples.BuildAsync();
        string disk = Path.Combine(_elsewhere.FullName, "disk.img");
        await File.WriteAllBytesAsync(disk, new byte[16 << 20]);
        await TestMachine.ExpectAsync(
            Verdict.PoweredOff,
            "cosmos-files",
            Example("FilesCosmos", """
                expect on a drive of type tmpfs
                expect home.> \z
                send write hello.txt Hello, drive
                expect > \z
                send cat hello.txt
                expect ^Hello, drive$
                expect > \z
                send bytes hello.txt
                expect ^48 65 6C 6C 6F 2C 20 64
                expect > \z
                send mkdir folder
                expect > \z
                send cd folder
                expect ^0:.home.folder.> \z
                send write inner.txt inside
                expect > \z
                send copy inner.txt second.txt
                expect > \z
                send dir
                expect ^ +inner.txt 6\s+second.txt 6$
                expect > \z
                send del inner.txt
                expect > \z
                send cat inner.txt
                expect ^Error: .*'0:.home.folder.inner.txt'
                expect > \z
                send cd ..
                expect > \z
                send cd nowhere
                expect No such directory
                expect > \z
                send deltree folder
                expect > \z
                send dir
                expect dir\s+hello.txt 12\s+\S+> \z
                send del nothing
                expect ^Error: .*nothing: no such file
                expect > \z
                send space
                expect There is space
                expect > \z
                send disks
                expect ^0:. tmpfs$
                expect ^HardDrive of 16777216 bytes$
                expect > \z
                send raw
                expect ^Disk of 32768 blocks of 512, 0 partitions, MBR True$
                expect ^Names: True True$
                expect ^Partition from 2048 of 8192$
                expect ^Partition from 10240 of 4096$
                expect ^Blocks are the same$
                expect ^Names: True False$
                expect ^Table of 1, GPT False$
                expect ^Nothing behind the end.$
                expect > \z
                send paths
                expect ^0:.home.a.txt a.txt a 0:.home 0:.home.a.txt$
                expect ^0:.home.a.txt 0:.home.a.txt home True /home/a.txt$
                expect > \z
                send async
                expect read without waiting: 9000$
                expect > \z
                send tick
                expect The clock ticks
                expect > \z
                send keys
                expect Escape ends
                key a
                expect Key A 'a' None$
                key shift-b
                expect Key B 'B' Shift$
                key up
                expect Key UpArrow ' ' None$
                key ctrl-c
                expect Key C ' ' Control$
                key kp_5
                expect Key Num5 '5' None$
                type q
                expect Key Q 'q' None$
                type \e[1;5B
                expect Key DownArrow ' ' Control$
                key esc
                expect Key Escape
                expect ^Run was called meanwhile: True$
                expect > \z
                send cp437
                expect ^The console has code page 437: ╔═Ä═╗$
                expect ^8E DB E3$
                expect > \z
                send pci
                expect PCI: True True
                expect > \z
                send wait
                expect Waited
                expect > \z
                send timer
                expect Timer called
                expect > \z
                send exit
                """) with { Disks = [disk] },
            output);

        // On the disk are the table with its one partition, and in it, from block 5 on, what was written.
        byte[] image = await File.ReadAllBytesAsync(disk);
        Assert.Equal((0x83, 2048, 8192, 0xAA55), (image[446 + 4], BitConverter.ToInt32(image, 446 + 8), BitConverter.ToInt32(image, 446 + 12), BitConverter.ToUInt16(image, 510)));
        Assert.Equal(new byte[16], image[462..478]);
        Assert.Equal([.. Enumerable.Range(0, 3 * 512).Select(i => (byte)((i * 7) + (i / 512)))], image.AsSpan((2048 + 5) * 512, 3 * 512).ToArray());
    }

    [Fact]
    public async Task XSharpBesideTheSourcesIsCalledFromThemAndAKernelThatIsNotThereIsWarnedOf()
    {
        await examples.BuildAsync();
        await TestMachine.ExpectAsync(
            Verdict.PoweredOff,
            "cosmos-xsharp",
            Example("NoSuchCosmos", """
                expect boot option cosmos=NoSuchCosmos: expected XSharpCosmos or \S.* or FilesCosmos; running XSharpCosmos$
                expect ^sum: 42$
                expect ^bits: 16$
                expect ^sum of numbers: 42$
                expect ^time goes on: True$
                expect ^century: 20$
                """),
            output);
    }

    [Fact]
    public async Task APlainBuildFindsThePackagesInTheFeed()
    {
        // The framework of this machine: that of the template may not be had everywhere.
        string feed = Path.Combine(_elsewhere.FullName, "packages");
        string project = CopyOf("HelloCosmos");
        await File.WriteAllTextAsync(project, (await File.ReadAllTextAsync(project)).Replace("net6.0", "net9.0", StringComparison.Ordinal));
        await File.WriteAllTextAsync(Path.Combine(_elsewhere.FullName, "nuget.config"), $"<configuration><packageSources><add key=\"cosmos\" value=\"{feed}\" /></packageSources></configuration>");
        (int status, string text) = await CosmosBuild.RunProgramAsync(Path.Combine(CosmosBuild.Top, "tools/build/pack-cosmos.sh"), feed);
        Assert.True(status == 0, text);
        (status, text) = await CosmosBuild.RunProgramAsync("dotnet", "build", project, "-v", "q", "-nologo");
        Assert.True(status == 0, text);
        Assert.DoesNotContain("warning", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APackageThatIsNotHereIsNamed()
    {
        string project = CopyOf("HelloCosmos");
        await File.WriteAllTextAsync(project, (await File.ReadAllTextAsync(project)).Replace("</ItemGroup>", Package + "</ItemGroup>", StringComparison.Ordinal));
        (int status, string text) = await CosmosBuild.RunAsync(project);
        Assert.NotEqual(0, status);
        Assert.Contains("HelloCosmos.csproj", text, StringComparison.Ordinal);
        Assert.Contains("no counterpart here to the package Cosmos.Network.Sniffer", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "make cosmos KERNEL=")]
    [InlineData("nowhere/kernel.csproj", "nowhere/kernel.csproj: no such file")]
    [InlineData("README.md", "README.md: expected a project file")]
    public async Task WhatIsNoProjectIsRefused(string kernel, string expected)
    {
        (int status, string text) = await CosmosBuild.RunAsync(kernel);
        Assert.Equal(1, status);
        Assert.Contains(expected, text, StringComparison.Ordinal);
    }

    private static string FreshFile(string name)
    {
        string file = TestMachine.FileOf(name, ".ppm");
        File.Delete(file);
        return file;
    }

    // One of the kernels of the image that the examples share.
    private static MachineOptions Example(string name, string script) => Machine(CosmosImage.Name, script) with { Append = "cosmos=" + name };

    private static MachineOptions Machine(string name, string script) => new()
    {
        Iso = Path.Combine(TestMachine.BuildFolder, "cosmos", name + ".iso"),
        Cpus = 2,
        Timeout = TimeSpan.FromMinutes(3),
        Input = InputScript.Parse("timeout 120\n" + script),
    };

    private static Dictionary<string, string> Contents(DirectoryInfo folder) =>
        folder.EnumerateFiles("*", SearchOption.AllDirectories).ToDictionary(file => file.FullName, file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file.FullName))));

    private async Task BuildAsync(string project)
    {
        (int status, string text) = await CosmosBuild.RunAsync(project);
        output.WriteLine(text);
        Assert.True(status == 0, $"{project} did not build:\n{text}");
    }

    private string CopyOf(string sample)
    {
        // With the files beside the samples, which end the search for settings: a temporary folder may have some above it.
        string samples = Path.Combine(CosmosBuild.Top, "Tests/Cosmos");
        foreach (string file in Directory.GetFiles(samples).Concat(Directory.GetFiles(Path.Combine(samples, sample))))
        {
            File.Copy(file, Path.Combine(_elsewhere.FullName, Path.GetFileName(file)));
        }

        return Path.Combine(_elsewhere.FullName, sample + ".csproj");
    }
}
