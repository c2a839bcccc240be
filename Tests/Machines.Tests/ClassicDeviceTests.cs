using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using CosmosKernel.BootHarness;
using Xunit;
using Xunit.Abstractions;

namespace CosmosKernel.Machines.Tests;

/// <summary>The devices of a PC, used from outside: the mouse is moved, the power button pressed, the speaker heard, the screen looked at.</summary>
public sealed class ClassicDeviceTests(ITestOutputHelper output)
{
    // The end of the prompt of the shell in the initramfs.
    private const string Prompt = @"# (\e\[6n)?\z";

    [Fact]
    public Task TheMouseMovesAndClicks() => TestMachine.ExpectAsync(
        Verdict.PoweredOff,
        "device-mouse",
        Machine($"""
            timeout 120
            expect {Prompt}
            send exec 3< /dev/input/mice; echo 'it is 'open
            expect it is open
            send od -An -v -tx1 -w3 -N9 <&3; echo 'the 'end
            monitor mouse_move 10 5
            wait 500
            monitor mouse_button 1
            wait 500
            monitor mouse_button 0
            expect 28 0a fb
            expect 09 00 00
            expect 08 00 00
            expect the end
            send poweroff -f
            """),
        output);

    [Fact]
    public Task ThePowerButtonSwitchesOff() => TestMachine.ExpectAsync(
        Verdict.PoweredOff,
        "device-power-button",
        Machine($"""
            timeout 120
            expect {Prompt}
            power-button
            expect power button: no program listens; switching off
            """),
        output);

    [Fact]
    public Task AProgramThatListensToThePowerButtonDecides() => TestMachine.ExpectAsync(
        Verdict.PoweredOff,
        "device-power-event",
        Machine($"""
            timeout 120
            expect {Prompt}
            send exec 3< /dev/input/$(grep -A4 'Power Button' /proc/bus/input/devices | grep -o 'event[0-9]*'); echo 'it is 'open
            expect it is open
            send dd bs=24 count=2 <&3 2> /dev/null | od -An -v -tx2 -j16 -w24; echo 'it was 'heard
            power-button
            expect 0001 0074 0001 0000
            expect it was heard
            expect {Prompt}
            wait 1000
            send echo 'still 'on
            expect still on
            send poweroff -f
            """),
        output);

    [Fact]
    public async Task BelSoundsAsOnLinux()
    {
        string recording = TestMachine.FileOf("device-speaker", ".wav");
        File.Delete(recording);
        await TestMachine.ExpectAsync(
            Verdict.PoweredOff,
            "device-speaker",
            Machine($"""
                timeout 120
                expect {Prompt}
                send printf '\\007'; sleep 1; poweroff -f
                """) with
            {
                // The speaker's time is that of the only processor, however long the host keeps the machine.
                Cpus = 1,
                InstructionCounting = true,
                ExtraArguments = ["-audiodev", $"wav,id=speaker,path={recording}", "-machine", "pcspk-audiodev=speaker"],
            },
            output);
        (double hertz, double seconds) = Measure(recording);
        Assert.InRange(hertz, 740, 760);

        // 125 ms.
        Assert.InRange(seconds, 0.1, 0.2);
    }

    [Fact]
    public async Task TheBootOptionSetsTheMode()
    {
        string picture = TestMachine.FileOf("device-video", ".ppm");
        File.Delete(picture);
        await TestMachine.ExpectAsync(
            Verdict.PoweredOff,
            "device-video",
            Machine($"""
                timeout 120
                expect framebuffer: 800x600 pixels of 32 bits, 100x37 characters
                expect > \z
                wait 500
                screenshot {picture}
                send poweroff
                """) with
            {
                Iso = null,
                Kernel = TestMachine.Kernel,
                Append = "video=800x600",
            },
            output);
        Screen screen = Screen.Load(picture);
        Assert.Equal((800, 600), (screen.Width, screen.Height));
        Assert.True(screen.CountInk() > 2000, $"the screen shows (nearly) nothing: {screen.CountInk()} pixels differ from the background, {picture}");
    }

    /// <summary>Tests/Programs/device/framebuffer.c draws four fields around a cross, in a mode of its own, through a mapping of /dev/fb0.</summary>
    [Fact]
    public async Task APictureThatAProgramDrawsIsOnTheScreen()
    {
        string picture = TestMachine.FileOf("device-picture", ".ppm");
        File.Delete(picture);
        await TestMachine.ExpectAsync(
            Verdict.UntilSeen,
            "device-picture",
            Machine($"""
                timeout 120
                expect the picture is there
                wait 500
                screenshot {picture}
                quit
                """) with
            {
                Iso = null,
                Kernel = TestMachine.Kernel,
                Initrd = TestMachine.TestInitramfs,
                Append = "progs=device.a_picture_is_drawn look video=1024x768",
            },
            output);
        Screen screen = Screen.Load(picture);
        Assert.Equal((800, 600), (screen.Width, screen.Height));
        Assert.Equal(0xE03030, screen.ColourAt(10, 10));
        Assert.Equal(0x30C040, screen.ColourAt(790, 10));
        Assert.Equal(0x3050E0, screen.ColourAt(10, 590));
        Assert.Equal(0xF0D020, screen.ColourAt(790, 590));
        Assert.Equal(0xFFFFFF, screen.ColourAt(400, 300));
    }

    // How high and how long the sound in a WAV file of 16 bits is. QEMU does not write the lengths of one that it has not finished, so they are not looked at.
    private static (double Hertz, double Seconds) Measure(string path)
    {
        const int header = 44;
        byte[] bytes = File.ReadAllBytes(path);
        int channels = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(22));
        int rate = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(24));
        Assert.Equal(16, BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(34)));
        var samples = new List<short>();
        for (int at = header; at + 1 < bytes.Length; at += 2 * channels)
        {
            samples.Add(BinaryPrimitives.ReadInt16LittleEndian(bytes.AsSpan(at)));
        }

        int first = samples.FindIndex(sample => sample != 0);
        Assert.True(first >= 0, $"{path} is silent");
        int last = samples.FindLastIndex(sample => sample != 0);
        List<short> sound = samples.GetRange(first, last - first + 1);
        double seconds = (double)sound.Count / rate;
        return (sound.Zip(sound.Skip(1)).Count(pair => pair is { First: <= 0, Second: > 0 }) / seconds, seconds);
    }

    private static MachineOptions Machine(string script) => new()
    {
        Iso = TestMachine.Iso,
        Cpus = 2,
        Timeout = TimeSpan.FromMinutes(5),
        Input = InputScript.Parse(script),
    };
}
