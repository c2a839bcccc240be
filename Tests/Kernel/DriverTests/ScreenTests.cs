using System;
using System.Text;
using CosmosKernel.Machine.Boot;
using CosmosKernel.Machine.Devices;
using CosmosKernel.Machine.Time;
using CosmosKernel.Modules.Consoles;
using CosmosKernel.Modules.Testing;

namespace CosmosKernel.DriverTests;

/// <summary>What is written to the console is in the memory of the screen.</summary>
public static class ScreenTests
{
    private const string ScreenName = "tty0";

    /// <summary>A whole block in a colour makes all pixels of its cell that colour, and a blank none.</summary>
    [KernelTest("driver.framebuffer_shows_what_is_written")]
    public static void FramebufferShowsWhatIsWritten()
    {
        ScreenInformation screen = BootInformation.Screen;
        if (screen.Kind != ScreenKind.Framebuffer)
        {
            Check.Skip("this machine booted without a framebuffer");
        }

        ConsoleOutput output = FindScreen();
        using MmioRegion memory = DriverTestModule.Context.MapDeviceMemory(screen.Address, (long)screen.Pitch * screen.Height, DeviceCaching.Uncached);
        int width = (int)(screen.Width / (uint)output.Size.Columns / 8) * 8;
        int left = (output.Size.Columns - 1) * width;
        uint wanted = (0x12u << screen.RedShift) | (0x34u << screen.GreenShift) | (0x56u << screen.BlueShift);
        ShowAtTopRight(output, "\e[38;2;18;52;86m\u2588");
        CheckPixels(memory, screen, left, width, wanted);
        ShowAtTopRight(output, "\e[48;2;86;52;18m ");
        CheckPixels(memory, screen, left, width, (0x56u << screen.RedShift) | (0x34u << screen.GreenShift) | (0x12u << screen.BlueShift));
        ShowAtTopRight(output, " ");
        CheckPixels(memory, screen, left, width, 0);
    }

    /// <summary>Characters and colours are in the cells of the VGA.</summary>
    [KernelTest("driver.vga_text_shows_what_is_written")]
    public static void VgaTextShowsWhatIsWritten()
    {
        if (BootInformation.Screen.Kind == ScreenKind.Framebuffer)
        {
            Check.Skip("this machine booted with a framebuffer");
        }

        ConsoleOutput output = FindScreen();
        using MmioRegion memory = DriverTestModule.Context.MapDeviceMemory(0xB8000, 4000, DeviceCaching.Uncached);
        ShowAtTopRight(output, "\e[1;33;44m\u2551");
        Check.Equal((ushort)0x1EBA, memory.Read16(79 * 2));
        ShowAtTopRight(output, " ");
        Check.Equal((ushort)0x0720, memory.Read16(79 * 2));
    }

    /// <summary>How long a line of text takes, scrolling included.</summary>
    [KernelTest("driver.screen_scrolls")]
    public static void ScreenScrolls()
    {
        const int lines = 500;
        ConsoleOutput output = FindScreen();
        ulong start = Clock.MonotonicNanoseconds;
        for (int i = 0; i < lines; i++)
        {
            output.Write(Encoding.UTF8.GetBytes($"\e[3{i % 8}mline {i}\e[0m of text that scrolls over the screen, {i * i}\n"));
        }

        output.Flush();
        TestRunner.Figure("driver.screen_line", (Clock.MonotonicNanoseconds - start) / (double)lines, "ns");
    }

    private static ConsoleOutput FindScreen()
    {
        foreach (ConsoleOutput output in KernelConsole.Outputs)
        {
            if (output.Name == ScreenName)
            {
                return output;
            }
        }

        throw new TestSkippedException("this machine has no screen");
    }

    // Straight to the screen: the serial line need not show it.
    private static void ShowAtTopRight(ConsoleOutput output, string text)
    {
        output.Write(Encoding.UTF8.GetBytes($"\e7\e[1;{output.Size.Columns}H{text}\e[0m\e8"));
        output.Flush();
    }

    private static void CheckPixels(MmioRegion memory, in ScreenInformation screen, int left, int width, uint wanted)
    {
        int bytes = (int)screen.BitsPerPixel / 8;
        for (int y = 0; y < width * 2; y++)
        {
            for (int x = left; x < left + width; x++)
            {
                long offset = (y * (long)screen.Pitch) + ((long)x * bytes);
                uint pixel = memory.Read8(offset) | ((uint)memory.Read8(offset + 1) << 8) | ((uint)memory.Read8(offset + 2) << 16);
                if (pixel != wanted)
                {
                    Check.Fail($"pixel {x},{y}: expected 0x{wanted:x6}, found 0x{pixel:x6}");
                }
            }
        }
    }
}
